import { changeEventSchema, type ChangeEvent } from '@ambit/contracts/events';
import type pg from 'pg';
import { formatCursor, type EventCursor } from './cursor.ts';

export interface EventBatch {
  events: { cursor: EventCursor; event: ChangeEvent }[];
  /** Behind everything that is settled: where to read on. */
  next: EventCursor;
  /** True: there is more to read now. */
  more: boolean;
  /** True: something is written whose transaction is not the oldest yet; look again soon. */
  unsettled: boolean;
}

const batchSize = 500;

interface Row {
  xid: string | null;
  id: string;
  topic: string;
  resource_id: string;
  parent_id: string | null;
  change: string;
  at: Date;
  settled: boolean;
  xmin: string;
  now: Date;
}

/**
 * Reads the settled events of an organisation behind a cursor, oldest first.
 * @param from null: from now on, nothing of before
 */
export async function readEvents(
  pool: Pick<pg.Pool, 'query'>,
  organisationId: string,
  from: EventCursor | null,
): Promise<EventBatch> {
  const { rows } = await pool.query<Row>(
    `WITH edge AS (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xmin)
     SELECT edge.xmin, now() AS now, e.*, e.xid < edge.xmin AS settled
     FROM edge LEFT JOIN LATERAL (
       SELECT xid, id, topic, resource_id, parent_id, change, at FROM change_event
       WHERE organisation_id = $1 AND (xid, id) > ($2::bigint, $3::bigint)
       ORDER BY xid, id LIMIT ${batchSize}
     ) e ON $2::bigint IS NOT NULL`,
    [organisationId, from?.xid.toString() ?? null, from?.id.toString() ?? null],
  );
  const edge = rows[0]!;
  const found = rows.filter((row) => row.xid !== null);
  const settled = found.filter((row) => row.settled);
  const events = settled.map((row) => {
    const cursor = { xid: BigInt(row.xid!), id: BigInt(row.id), atMs: row.at.getTime() };
    return { cursor, event: toEvent(row, cursor) };
  });
  const more = settled.length === batchSize;
  const end = { xid: BigInt(edge.xmin), id: 0n, atMs: edge.now.getTime() };
  return {
    events,
    next: more ? events.at(-1)!.cursor : end,
    more,
    unsettled: settled.length < found.length,
  };
}

const toEvent = (row: Row, cursor: EventCursor): ChangeEvent =>
  changeEventSchema.parse({
    id: formatCursor(cursor),
    topic: row.topic,
    resourceId: row.resource_id,
    parentId: row.parent_id,
    change: row.change,
    at: row.at.toISOString(),
  });
