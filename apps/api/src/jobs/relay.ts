import { canonicalJson } from '@ambit/contracts/canonical';
import type { JobName } from '@ambit/contracts/jobs';
import type { Database } from '@ambit/db/database';
import type { JobEntry, JobQueue } from './queue.ts';

const batch = 200;

interface Row {
  id: string;
  job: JobName;
  data: object;
}

/**
 * Hands outbox entries that are due to the queue, at least once each, in order. Any number of processes may do it.
 * Equal jobs of one batch become one. An entry counts as relayed only after the queue has it.
 * @returns how many entries were relayed
 */
export async function relayOutbox(
  pool: Database['pool'],
  queue: Pick<JobQueue, 'add'>,
): Promise<number> {
  let relayed = 0;
  for (;;) {
    const count = await relayBatch(pool, queue);
    relayed += count;
    if (count < batch) return relayed;
  }
}

async function relayBatch(pool: Database['pool'], queue: Pick<JobQueue, 'add'>): Promise<number> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const { rows } = await client.query<Row>(
      `SELECT id, job, data FROM outbox_entry WHERE relayed_at IS NULL AND not_before <= now()
       ORDER BY id LIMIT ${batch} FOR UPDATE SKIP LOCKED`,
    );
    if (rows.length > 0) {
      await queue.add(distinct(rows));
      await client.query('UPDATE outbox_entry SET relayed_at = now() WHERE id = ANY($1)', [
        rows.map((row) => row.id),
      ]);
    }
    await client.query('COMMIT');
    return rows.length;
  } catch (error) {
    await client.query('ROLLBACK').catch((failed: Error) => (broken = failed));
    throw error;
  } finally {
    client.release(broken);
  }
}

/** The last of each group of equal jobs: jobs look at what is stored, so one look is as good as many. */
function distinct(rows: Row[]): JobEntry[] {
  const entries = rows.map(({ id, job, data }) => ({ id, job, data }));
  return [
    ...new Map(entries.map((entry) => [`${entry.job} ${canonicalJson(entry.data)}`, entry])),
  ].map(([, entry]) => entry);
}

/** Removes entries that were relayed more than a day ago. */
export async function removeRelayed(pool: Database['pool']): Promise<void> {
  await pool.query(`DELETE FROM outbox_entry WHERE relayed_at < now() - interval '1 day'`);
}
