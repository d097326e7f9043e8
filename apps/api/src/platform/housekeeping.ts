import type pg from 'pg';
import { keepPartitions } from '@ambit/services/telemetry-store/partitions';
import { resolutions, type Resolution } from '@ambit/services/telemetry-store/resolutions';
import { pruneEvents } from '../transports/events/prune.ts';
import type { Log } from './log.ts';

const everyMs = 10 * 60_000;

/** How long a repeated request with the same idempotency key is recognised. */
const idempotencyKeptMs = 24 * 3_600_000;

const deliveriesKeptDays = 30;
/** Findings, alerts, silences and counts that are over. */
const resolvedKeptDays = 90;

/** Removes what nobody can ask for any more. Any number of processes may do it at once. */
export async function cleanUp(
  pool: Pick<pg.Pool, 'query' | 'connect'>,
  nowMs: number,
  kept: readonly Resolution[] = resolutions,
): Promise<void> {
  await keepPartitions(pool, nowMs, kept);
  await pruneEvents(pool, nowMs);
  await pool.query('DELETE FROM idempotency_key WHERE created_at < $1', [
    new Date(nowMs - idempotencyKeptMs),
  ]);
  const daysAgo = (days: number) => [new Date(nowMs - days * 86_400_000)];
  await pool.query(
    `DELETE FROM alert_delivery WHERE state <> 'pending' AND created_at < $1`,
    daysAgo(deliveriesKeptDays),
  );
  await pool.query('DELETE FROM finding WHERE resolved_at < $1', daysAgo(resolvedKeptDays));
  await pool.query(
    `DELETE FROM alert WHERE resolved_at < $1 AND NOT EXISTS (SELECT FROM alert_group
       WHERE alert_group.organisation_id = alert.organisation_id AND alert_group.told ? alert.fingerprint)`,
    daysAgo(resolvedKeptDays),
  );
  await pool.query('DELETE FROM silence WHERE ends_at < $1', daysAgo(resolvedKeptDays));
  // The newest count of a mesh is what holds now, however old it is.
  await pool.query(
    `DELETE FROM finding_count AS old WHERE at < $1 AND EXISTS (SELECT FROM finding_count AS newer
       WHERE newer.mesh_id = old.mesh_id AND newer.at > old.at AND newer.at < $1)`,
    daysAgo(resolvedKeptDays),
  );
  await pool.query('DELETE FROM session WHERE expires_at < $1', [new Date(nowMs)]);
  await pool.query('DELETE FROM verification WHERE expires_at < $1', [new Date(nowMs)]);
  await pool.query('DELETE FROM agent_read WHERE expires_at < $1', [new Date(nowMs - 60_000)]);
  const longestMs = Math.max(...kept.map(({ keptMs }) => keptMs));
  await pool.query('DELETE FROM telemetry_edge WHERE seen_at < $1', [
    new Date(nowMs - longestMs - 86_400_000),
  ]);
}

/** @returns a function that stops it */
export function startHousekeeping(
  pool: Pick<pg.Pool, 'query' | 'connect'>,
  log: Log,
  kept?: readonly Resolution[],
): () => void {
  const work = () => {
    cleanUp(pool, Date.now(), kept).catch((error: unknown) =>
      log.warn({ err: error }, 'old rows could not be removed; trying again later'),
    );
  };
  work();
  const timer = setInterval(work, everyMs);
  return () => clearInterval(timer);
}
