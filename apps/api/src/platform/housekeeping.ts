import type pg from 'pg';
import { pruneEvents } from '../transports/events/prune.ts';
import type { Log } from './log.ts';

const everyMs = 10 * 60_000;

/** How long a repeated request with the same idempotency key is recognised. */
const idempotencyKeptMs = 24 * 3_600_000;

/** Removes what nobody can ask for any more. Any number of processes may do it at once. */
export async function cleanUp(pool: Pick<pg.Pool, 'query'>, nowMs: number): Promise<void> {
  await pruneEvents(pool, nowMs);
  await pool.query('DELETE FROM idempotency_key WHERE created_at < $1', [
    new Date(nowMs - idempotencyKeptMs),
  ]);
  await pool.query('DELETE FROM session WHERE expires_at < $1', [new Date(nowMs)]);
  await pool.query('DELETE FROM verification WHERE expires_at < $1', [new Date(nowMs)]);
}

/** @returns a function that stops it */
export function startHousekeeping(pool: Pick<pg.Pool, 'query'>, log: Log): () => void {
  const work = () => {
    cleanUp(pool, Date.now()).catch((error: unknown) =>
      log.warn({ err: error }, 'old rows could not be removed; trying again later'),
    );
  };
  work();
  const timer = setInterval(work, everyMs);
  return () => clearInterval(timer);
}
