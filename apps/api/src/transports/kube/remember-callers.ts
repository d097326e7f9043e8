import type { Caller } from '@ambit/services/kernel/context';

const keptMs = 1_000;
const mostKept = 1_000;

/**
 * Clients of the Kubernetes API ask many times a second with one token: who that is, is looked up once a second.
 * A token that was revoked is refused a second later at the latest.
 */
export function rememberCallers(nowMs: () => number = () => performance.now()) {
  const known = new Map<string, { caller: Promise<Caller>; untilMs: number }>();
  return (authorization: string, find: () => Promise<Caller>): Promise<Caller> => {
    const present = known.get(authorization);
    if (present !== undefined && present.untilMs > nowMs()) return present.caller;
    const caller = find();
    known.delete(authorization);
    known.set(authorization, { caller, untilMs: nowMs() + keptMs });
    caller.catch(() => known.delete(authorization));
    const oldest = known.keys().next().value;
    if (known.size > mostKept && oldest !== undefined) known.delete(oldest);
    return caller;
  };
}
