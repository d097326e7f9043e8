import type { Database } from '@ambit/db/database';
import { resolutions, type Resolution } from './resolutions.ts';

const ahead = 2;

/**
 * Makes the partitions that rates of now and soon go into, and drops those whose time is over. Any number of processes may
 * do it at once.
 */
export async function keepPartitions(
  pool: Pick<Database['pool'], 'connect'>,
  nowMs: number,
  kept: readonly Resolution[] = resolutions,
): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query(`SELECT pg_advisory_xact_lock(hashtext('ambit-telemetry-partitions'))`);
    for (const resolution of kept) {
      const there = await partitionsOf(client, resolution.table);
      const { partitionMs, table, keptMs } = resolution;
      const first = Math.floor(nowMs / partitionMs) * partitionMs - partitionMs;
      for (let from = first; from <= first + (1 + ahead) * partitionMs; from += partitionMs) {
        if (!there.some((one) => one.fromMs === from)) await make(client, table, from, partitionMs);
      }
      for (const { name, fromMs } of there) {
        if (fromMs + partitionMs < nowMs - keptMs) {
          await client.query(`DROP TABLE ambit_telemetry."${name}"`);
        }
      }
    }
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}

async function partitionsOf(
  client: Pick<Database['pool'], 'query'>,
  table: string,
): Promise<{ name: string; fromMs: number }[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT part.relname AS name FROM pg_inherits
     JOIN pg_class AS part ON part.oid = inhrelid JOIN pg_class AS whole ON whole.oid = inhparent
     WHERE whole.relname = $1`,
    [table],
  );
  return rows.flatMap(({ name }) => {
    const [, second] = /_(\d{9,12})$/.exec(name) ?? [];
    return second === undefined ? [] : [{ name, fromMs: Number(second) * 1000 }];
  });
}

async function make(
  client: Pick<Database['pool'], 'query'>,
  table: string,
  fromMs: number,
  partitionMs: number,
): Promise<void> {
  const from = new Date(fromMs).toISOString();
  const to = new Date(fromMs + partitionMs).toISOString();
  // Rows that came while there was no partition for them would forbid it.
  await client.query(
    `DELETE FROM ambit_telemetry."${table}_other" WHERE at >= '${from}' AND at < '${to}'`,
  );
  await client.query(
    `CREATE TABLE ambit_telemetry."${table}_${fromMs / 1000}" PARTITION OF "${table}"
     FOR VALUES FROM ('${from}') TO ('${to}')`,
  );
}
