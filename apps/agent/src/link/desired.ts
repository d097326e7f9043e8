import { agentLimits, agentPaths, type DesiredState } from '@ambit/contracts/agent/protocol';
import { sleep } from '../wait.ts';
import { backoffMs } from './backoff.ts';
import type { Cache } from './cache.ts';
import { LinkError } from './http.ts';
import type { Session } from './session.ts';
import { Untrusted, verifyDesired } from './verify.ts';

export interface DesiredInput {
  session: Pick<Session, 'call' | 'clusterId' | 'platformKeys'>;
  cache: Cache;
  onDesired(desired: DesiredState): void;
  say(level: 'info' | 'warn' | 'error', message: string): void;
  /** Whether the platform answers at the moment. */
  onLink?(up: boolean): void;
}

/**
 * Follows the desired state by long polls until the signal ends it. Begins with the one that was kept; a generation
 * that is not newer is ignored; one that is not signed is never used.
 */
export async function followDesired(input: DesiredInput, signal: AbortSignal): Promise<void> {
  const { session, cache, onDesired, say } = input;
  let have = -1;
  const take = (desired: DesiredState) => {
    if (desired.generation <= have) return false;
    have = desired.generation;
    onDesired(desired);
    return true;
  };
  const kept = await cache.readDesired();
  if (kept) {
    await verifyDesired(kept, session.clusterId, session.platformKeys()).then(
      take,
      (error: unknown) => say('warn', `the desired state on disk is not used: ${String(error)}`),
    );
  }
  for (let failures = 0; !signal.aborted;) {
    try {
      const { status, bytes } = await session.call(
        `${agentPaths.desired}?have=${have}&wait=${agentLimits.longPollS}`,
        { signal, timeoutMs: (agentLimits.longPollS + 20) * 1000 },
      );
      input.onLink?.(true);
      failures = 0;
      if (status !== 200) continue;
      const desired = await verifyDesired(bytes, session.clusterId, session.platformKeys());
      await cache
        .writeDesired(bytes)
        .catch((error: unknown) =>
          say('warn', `the desired state could not be kept: ${String(error)}`),
        );
      if (take(desired)) await cache.keepOnly(desired.bundles.map(({ digest }) => digest));
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Untrusted) say('error', error.message);
      else if (failures === 0) say('warn', error instanceof Error ? error.message : String(error));
      input.onLink?.(false);
      const asked = error instanceof LinkError ? error.retryAfterMs : null;
      await sleep(asked ?? backoffMs(failures++, Math.random()), signal).catch(() => {});
    }
  }
}
