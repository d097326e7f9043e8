import type pg from 'pg';
import type { EventCursor } from './cursor.ts';

/** How long change events are kept. */
export const keptMs = 24 * 3_600_000;

/** A transaction may be this old when its events appear; a cursor must be younger than what is kept by as much. */
const marginMs = 10 * 60_000;

/** Deletes events that no cursor may ask for any more. Any number of processes may do it. */
export async function pruneEvents(pool: Pick<pg.Pool, 'query'>, nowMs: number): Promise<number> {
  const { rowCount } = await pool.query('DELETE FROM change_event WHERE at < $1', [
    new Date(nowMs - keptMs),
  ]);
  return rowCount ?? 0;
}

/** True when events behind this cursor may have been deleted already. */
export const isTooOld = (cursor: EventCursor, nowMs: number): boolean =>
  cursor.atMs < nowMs - keptMs + marginMs;
