import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { agentPaths, type Inventory } from '@ambit/contracts/agent/protocol';
import { backoffMs } from '../../link/backoff.ts';
import type { Session } from '../../link/session.ts';
import { makeBell, sleep } from '../../wait.ts';

const zip = promisify(gzip);
const minIntervalMs = 2_000;

export interface InventorySender {
  changed(): void;
  run(signal: AbortSignal): Promise<void>;
}

/** Sends the inventory whole when its digest differs from the one that was taken last; at most every 2 s. */
export function inventorySender(
  session: Pick<Session, 'call'>,
  read: () => Promise<Inventory | null>,
  say: (level: 'warn', message: string) => void,
): InventorySender {
  const bell = makeBell();
  let taken = '';
  return {
    changed: bell.ring,
    run: async (signal) => {
      for (let failures = 0; !signal.aborted;) {
        try {
          const inventory = await read();
          if (inventory && inventory.digest !== taken) {
            const body = await zip(JSON.stringify(inventory));
            await session.call(agentPaths.inventory, { gzip: body, signal, timeoutMs: 60_000 });
            taken = inventory.digest;
          }
          failures = 0;
          await sleep(minIntervalMs, signal);
          await bell.heard(300_000, signal);
        } catch (error) {
          if (signal.aborted) return;
          if (failures === 0) say('warn', `the inventory could not be sent: ${String(error)}`);
          await sleep(backoffMs(failures++, Math.random()), signal).catch(() => {});
        }
      }
    },
  };
}
