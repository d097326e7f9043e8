import {
  readLimits,
  readSchema,
  readType,
  type ReadFailure,
  type signedReadSchema,
} from '@ambit/contracts/agent/reads';
import { inTenant, type Tx } from '@ambit/db/database';
import type { z } from 'zod';
import type { Agent } from '../agent-link/credential.ts';
import type { Platform } from '../kernel/context.ts';
import { sealOf } from '../mesh-api/seal.ts';
import { readChannel, wakesOf } from './wakes.ts';

/** A read whose giving was lost is given again after this long; agents answer each once. */
const giveAgainMs = 5_000;
/** How long an agent whose poll ended still counts as there: it is about to come back with its next. */
const goneAfterMs = 3_000;

/**
 * Notes until when the agent of a cluster waits for reads.
 * @returns notes that this poll is over; a later one of the same agent counts as it is
 */
export async function notePoll(
  platform: Platform,
  { organisationId, clusterId }: Agent,
  waitMs: number,
): Promise<() => Promise<void>> {
  const inMs = (ms: number) => new Date(platform.now().getTime() + ms);
  const until = inMs(waitMs + goneAfterMs);
  await inTenant(
    platform.db,
    organisationId,
    (tx) => tx.$executeRaw`
      INSERT INTO agent_reader (cluster_id, organisation_id, polls_until)
      VALUES (${clusterId}, ${organisationId}, ${until})
      ON CONFLICT (cluster_id) DO UPDATE SET polls_until = excluded.polls_until`,
  );
  return async () => {
    await inTenant(
      platform.db,
      organisationId,
      (tx) => tx.$executeRaw`
        UPDATE agent_reader SET polls_until = ${inMs(goneAfterMs)}
        WHERE cluster_id = ${clusterId} AND polls_until = ${until}`,
    );
  };
}

/** What is asked of a cluster now, each signed for it; none is given to two polls. */
export async function giveReads(platform: Platform, agent: Agent): Promise<string[]> {
  const now = platform.now();
  const again = new Date(now.getTime() - giveAgainMs);
  const rows = await inTenant(
    platform.db,
    agent.organisationId,
    (tx) => tx.$queryRaw<{ id: string; read: string; maxBytes: number; expiresAt: Date }[]>`
      UPDATE agent_read SET given_at = ${now}
      WHERE id IN (SELECT id FROM agent_read
        WHERE cluster_id = ${agent.clusterId} AND told = 0 AND NOT ended AND expires_at > ${now}
          AND (given_at IS NULL OR given_at < ${again})
        ORDER BY created_at LIMIT ${readLimits.perCluster} FOR UPDATE SKIP LOCKED)
      RETURNING id, read, max_bytes AS "maxBytes", expires_at AS "expiresAt"`,
  );
  const seal = await sealOf(platform.db);
  return Promise.all(
    rows.map(({ id, read, maxBytes, expiresAt }) => {
      const payload: z.input<typeof signedReadSchema> = {
        sub: agent.clusterId,
        jti: id,
        exp: Math.ceil(expiresAt.getTime() / 1000),
        maxBytes,
        read: readSchema.parse(JSON.parse(seal.open(read, id))),
      };
      return platform.keys.sign(payload, readType);
    }),
  );
}

export interface Chunk {
  seq: number;
  end: boolean;
  status: number | null;
  bytes: Uint8Array;
}

/**
 * Takes a chunk of an answer, and resolves when the reader has room for the next one. A chunk that came before (its answer
 * was lost) is taken as such.
 * @returns whether anybody still reads
 */
export async function takeChunk(
  platform: Platform,
  agent: Agent,
  id: string,
  chunk: Chunk,
  signal?: AbortSignal,
): Promise<{ go: boolean }> {
  const now = platform.now();
  const { seq, end, status } = chunk;
  const until = await inTenant(platform.db, agent.organisationId, async (tx) => {
    const taken = await tx.$queryRaw<{ left: number }[]>`
      UPDATE agent_read SET told = told + 1, bytes = bytes + ${chunk.bytes.length}, ended = ${end},
        status = coalesce(${status}::int, status)
      WHERE id = ${id} AND cluster_id = ${agent.clusterId} AND NOT ended AND told = ${seq} AND expires_at > ${now}
      RETURNING (extract(epoch FROM expires_at - ${now}::timestamptz) * 1000)::float8 AS left`;
    if (taken.length === 0) return leftOf(tx, agent, id, seq, now);
    if (chunk.bytes.length > 0) {
      await tx.$executeRaw`
        INSERT INTO agent_read_chunk (read_id, seq, organisation_id, bytes)
        VALUES (${id}, ${seq}, ${agent.organisationId}, ${chunk.bytes})`;
    }
    await tx.$queryRaw`SELECT 1 FROM (SELECT pg_notify(${readChannel}, ${id})) AS told`;
    return performance.now() + taken[0]!.left;
  });
  if (until === null || end) return { go: false };
  return { go: await hasRoom(platform, agent, id, until, signal) };
}

/** Until when a read goes on that has this chunk already; null when there is none. */
async function leftOf(tx: Tx, agent: Agent, id: string, seq: number, now: Date) {
  const [row] = await tx.$queryRaw<{ left: number }[]>`
    SELECT (extract(epoch FROM expires_at - ${now}::timestamptz) * 1000)::float8 AS left FROM agent_read
    WHERE id = ${id} AND cluster_id = ${agent.clusterId} AND NOT ended AND told > ${seq} AND expires_at > ${now}`;
  return row ? performance.now() + row.left : null;
}

async function hasRoom(
  platform: Platform,
  agent: Agent,
  id: string,
  until: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const wakes = wakesOf(platform);
  for (;;) {
    const woken = wakes.wait(id, until - performance.now(), signal);
    const [row] = await inTenant(
      platform.db,
      agent.organisationId,
      (tx) => tx.$queryRaw<{ waiting: number }[]>`
        SELECT (SELECT count(*)::int FROM agent_read_chunk WHERE read_id = agent_read.id) AS waiting
        FROM agent_read WHERE id = ${id}`,
    );
    if (!row) return false;
    if (row.waiting < readLimits.window) return true;
    await woken;
    if (performance.now() >= until || signal?.aborted) return false;
  }
}

/** Takes it that a read failed; one that nobody waits for any more is nothing. */
export async function takeFailure(
  platform: Platform,
  agent: Agent,
  id: string,
  failure: ReadFailure,
): Promise<void> {
  await inTenant(platform.db, agent.organisationId, async (tx) => {
    await tx.$executeRaw`
      UPDATE agent_read SET ended = true, failure = ${JSON.stringify(failure)}::jsonb
      WHERE id = ${id} AND cluster_id = ${agent.clusterId} AND NOT ended`;
    await tx.$queryRaw`SELECT 1 FROM (SELECT pg_notify(${readChannel}, ${id})) AS told`;
  });
}
