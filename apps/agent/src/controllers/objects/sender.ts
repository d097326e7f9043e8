import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import {
  objectLimits,
  objectsIndexSchema,
  objectsReplySchema,
} from '@ambit/contracts/agent/objects';
import { agentPaths } from '@ambit/contracts/agent/protocol';
import { backoffMs } from '../../link/backoff.ts';
import { LinkError } from '../../link/http.ts';
import type { Session } from '../../link/session.ts';
import { makeBell, sleep } from '../../wait.ts';
import type { Collector, Delta } from './collector.ts';

const zip = promisify(gzip);

export interface ObjectsSender {
  changed(): void;
  run(signal: AbortSignal): Promise<void>;
}

/**
 * Tells the platform what it lacks, change by change. Begins with what the platform has, and does so again whenever the
 * two do not agree and once an hour: a loss of any message, process or database heals by itself.
 */
export function objectsSender(
  session: Pick<Session, 'call'>,
  collector: Collector,
  say: (level: 'warn', message: string) => void,
  timing: { minIntervalMs?: number; compareEveryMs?: number } = {},
): ObjectsSender {
  const bell = makeBell();
  const minIntervalMs = timing.minIntervalMs ?? objectLimits.minIntervalMs;
  let told = '';

  const compare = async (signal: AbortSignal): Promise<number> => {
    const { bytes } = await session.call(agentPaths.objects, { signal, timeoutMs: 60_000 });
    const index = objectsIndexSchema.parse(JSON.parse(bytes.toString()));
    collector.known(index);
    told = '';
    return index.seq;
  };

  /** @returns the seq after it, and how long to wait; null when the platform builds on something else */
  const send = async (base: number, delta: Delta, signal: AbortSignal) => {
    const { bytes } = await session.call(agentPaths.objects, {
      method: 'POST',
      gzip: await zip(JSON.stringify({ base, ...delta })),
      signal,
      timeoutMs: 60_000,
    });
    const reply = objectsReplySchema.parse(JSON.parse(bytes.toString()));
    if (!reply.accepted) return null;
    collector.taken(delta);
    return { seq: reply.seq, pauseMs: Math.max(minIntervalMs, reply.slowMs ?? 0) };
  };

  return {
    changed: bell.ring,
    run: async (signal) => {
      let seq: number | null = null;
      let comparedAt = 0;
      for (let failures = 0; !signal.aborted;) {
        try {
          if (seq === null) {
            seq = await compare(signal);
            comparedAt = performance.now();
          }
          const delta = collector.delta();
          const summary = JSON.stringify([delta.omitted, delta.told, delta.complete]);
          if (delta.upserts.length + delta.removals.length > 0 || summary !== told) {
            const done = await send(seq, delta, signal);
            seq = done?.seq ?? null;
            if (done) told = summary;
            await sleep(done?.pauseMs ?? minIntervalMs, signal);
            if (!done) continue;
            if (!delta.complete) continue;
          }
          failures = 0;
          const every = timing.compareEveryMs ?? objectLimits.compareEveryMs;
          await bell.heard(every, signal);
          if (performance.now() - comparedAt >= every) seq = null;
        } catch (error) {
          if (signal.aborted) return;
          if (failures === 0) say('warn', `objects could not be told: ${String(error)}`);
          seq = null;
          const asked = error instanceof LinkError ? error.retryAfterMs : null;
          // A platform that is older than this agent has no such address.
          const unknown = error instanceof LinkError && error.status === 404 ? 300_000 : 0;
          const pause = asked ?? Math.max(unknown, backoffMs(failures++, Math.random()));
          await sleep(pause, signal).catch(() => {});
        }
      }
    },
  };
}
