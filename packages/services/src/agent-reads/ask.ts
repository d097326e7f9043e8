import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { newId } from '@ambit/contracts/ids';
import {
  readLimits,
  readSchema,
  type Read,
  type ReadFailure,
  type ReadFailureReason,
} from '@ambit/contracts/agent/reads';
import type { ErrorCode } from '@ambit/contracts/errors';
import { inTenant, type Tx } from '@ambit/db/database';
import type { Platform } from '../kernel/context.ts';
import { AmbitError } from '../kernel/errors.ts';
import { sealOf } from '../mesh-api/seal.ts';
import { assertReadable } from './readable.ts';
import { readChannel, wakesOf } from './wakes.ts';

const unzip = promisify(gunzip);

/** Who asks: a context of a verb, or a job with the same parts. */
export interface Asker {
  platform: Pick<Platform, 'db' | 'now' | 'notifications'>;
  organisationId: string;
}

export interface ReadOptions {
  /** From asking to the last byte; `readLimits.timeoutMs` when missing. */
  timeoutMs?: number;
  signal?: AbortSignal;
  /** Bytes of the whole answer; more is `too_large`. */
  maxBytes?: number;
  /** For `http`: the address of the Integration whose server is asked; nothing outside of it is. */
  through?: string;
}

export interface OpenRead {
  /** The HTTP status of an `http` read; null for others. */
  status: number | null;
  /** The answer as it arrives. Leaving the loop early ends the read. Throws AmbitError as `openRead` does. */
  chunks: AsyncGenerator<Buffer, void, void>;
}

/**
 * Reads something in a cluster through its agent, whole. Never inside of a transaction: it waits for seconds. A verb does
 * it with `implementOutside`.
 * @throws AmbitError not_found (no such cluster, pod, …), unavailable (agent away, no answer in time), too_large,
 *   unprocessable (refused, or the agent cannot), rate_limited (too many reads of this cluster wait)
 */
export async function readThroughAgent(
  asker: Asker,
  clusterId: string,
  read: Read,
  options: ReadOptions = {},
): Promise<{ status: number | null; body: Buffer }> {
  const { status, chunks } = await openRead(asker, clusterId, read, options);
  const parts: Buffer[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return { status, body: Buffer.concat(parts) };
}

/** The same, chunk by chunk: resolves with the first. */
export async function openRead(
  asker: Asker,
  clusterId: string,
  read: Read,
  options: ReadOptions = {},
): Promise<OpenRead> {
  const chunks = follow(asker, clusterId, read, options);
  const first = await chunks.next();
  if (first.done) return { status: first.value, chunks: none() };
  const { status, bytes } = first.value;
  const rest = async function* (): AsyncGenerator<Buffer, void, void> {
    try {
      yield bytes;
      for (;;) {
        const next = await chunks.next();
        if (next.done) return;
        yield next.value.bytes;
      }
    } finally {
      await chunks.return(status);
    }
  };
  return { status, chunks: rest() };
}

async function* none(): AsyncGenerator<Buffer, void, void> {}

interface Progress {
  status: number | null;
  ended: boolean;
  failure: ReadFailure | null;
}

async function* follow(
  asker: Asker,
  clusterId: string,
  asked: Read,
  options: ReadOptions,
): AsyncGenerator<{ status: number | null; bytes: Buffer }, number | null, void> {
  const { platform, organisationId } = asker;
  const { signal } = options;
  const timeoutMs = Math.min(
    options.timeoutMs ?? readLimits.timeoutMs,
    readLimits.longestTimeoutMs,
  );
  const maxBytes = Math.min(options.maxBytes ?? readLimits.maxBytes, readLimits.mostBytes);
  const read = assertReadable(readSchema.parse(asked), options.through);
  signal?.throwIfAborted();
  const until = performance.now() + timeoutMs;
  const id = newId('read');
  const seal = await sealOf(platform.db);
  const cluster = await inTenant(platform.db, organisationId, async (tx) => {
    const found = await assertPresent(tx, clusterId, platform.now());
    const expiresAt = new Date(platform.now().getTime() + timeoutMs);
    await tx.$executeRaw`
      INSERT INTO agent_read (id, organisation_id, cluster_id, read, max_bytes, expires_at)
      VALUES (${id}, ${organisationId}, ${clusterId}, ${seal.close(JSON.stringify(read), id)}, ${maxBytes}, ${expiresAt})`;
    await tx.$queryRaw`SELECT 1 FROM (SELECT pg_notify(${readChannel}, ${clusterId})) AS told`;
    return found;
  });
  const wakes = wakesOf(platform);
  let seen = 0;
  let next = 0;
  try {
    for (;;) {
      // Wait first, look second: nothing is missed in between.
      const woken = wakes.wait(id, until - performance.now(), signal);
      const { progress, chunks } = await inTenant(platform.db, organisationId, (tx) =>
        take(tx, id, next),
      );
      if (!progress) throw late(cluster, timeoutMs, next);
      for (const { bytes } of chunks) {
        next++;
        const plain = await unpacked(bytes);
        seen += plain.length;
        if (seen > maxBytes) throw tooLarge(cluster.name, maxBytes);
        yield { status: progress.status, bytes: plain };
      }
      if (progress.failure) throw failed(cluster.name, progress.failure);
      if (progress.ended) return progress.status;
      await woken;
      signal?.throwIfAborted();
      if (performance.now() >= until) throw late(cluster, timeoutMs, next);
    }
  } finally {
    // Whoever still sends learns that nobody reads.
    await inTenant(platform.db, organisationId, async (tx) => {
      await tx.$executeRaw`DELETE FROM agent_read WHERE id = ${id}`;
      await tx.$queryRaw`SELECT 1 FROM (SELECT pg_notify(${readChannel}, ${id})) AS told`;
    }).catch(() => {});
  }
}

/** Takes the chunks that came: they are gone then, and the agent has room for more. */
async function take(tx: Tx, id: string, next: number) {
  const [progress] = await tx.$queryRaw<Progress[]>`
    SELECT status, ended, failure FROM agent_read WHERE id = ${id}`;
  const chunks = await tx.$queryRaw<{ seq: number; bytes: Uint8Array }[]>`
    DELETE FROM agent_read_chunk WHERE read_id = ${id} AND seq >= ${next} RETURNING seq, bytes`;
  if (chunks.length > 0) {
    await tx.$queryRaw`SELECT 1 FROM (SELECT pg_notify(${readChannel}, ${id})) AS told`;
  }
  return { progress, chunks: chunks.toSorted((a, b) => a.seq - b.seq) };
}

interface Present {
  name: string;
}

async function assertPresent(tx: Tx, clusterId: string, now: Date): Promise<Present> {
  await tx.$executeRaw`DELETE FROM agent_read WHERE cluster_id = ${clusterId} AND expires_at < ${now}`;
  const [row] = await tx.$queryRaw<
    {
      name: string;
      revoked: boolean;
      registered: boolean;
      seen: Date | null;
      polls: Date | null;
      waiting: bigint;
    }[]
  >`
    SELECT name, revoked_at IS NOT NULL AS revoked, registered_at IS NOT NULL AS registered, last_seen_at AS seen,
      (SELECT polls_until FROM agent_reader WHERE cluster_id = cluster.id) AS polls,
      (SELECT count(*) FROM agent_read WHERE cluster_id = cluster.id) AS waiting
    FROM cluster WHERE id = ${clusterId}`;
  if (!row) throw new AmbitError('not_found', `no cluster ${clusterId} in this organisation`);
  const { name, seen } = row;
  const away = (message: string, fix: string) => new AmbitError('unavailable', message, { fix });
  if (row.revoked) {
    throw away(`the credential of the agent of ${name} was revoked`, 'join the cluster again');
  }
  if (!row.registered) {
    throw away(`no agent has come for ${name} yet`, 'run its join command against the cluster');
  }
  if (!row.polls || row.polls < now) {
    const since = seen
      ? `was last seen ${agoText(now.getTime() - seen.getTime())} ago`
      : 'was never seen';
    throw away(
      row.polls
        ? `the agent of ${name} ${since}, and does not ask for reads now`
        : `the agent of ${name} ${since}, and has not asked for reads`,
      row.polls
        ? 'look at its pod in the namespace ambit-system, and at its way to the platform'
        : 'an agent of an older version cannot read: apply the join manifest of this version again',
    );
  }
  if (row.waiting >= readLimits.perCluster) {
    throw new AmbitError('rate_limited', `${row.waiting} reads of ${name} are under way already`, {
      fix: 'try again in a moment',
    });
  }
  return { name };
}

/** A span of time in words: `40 seconds`, `3 minutes`, `5 hours`, `2 days`. */
export function agoText(ms: number): string {
  const say = (count: number, unit: string) => `${count} ${unit}${count === 1 ? '' : 's'}`;
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 90) return say(seconds, 'second');
  if (seconds < 90 * 60) return say(Math.round(seconds / 60), 'minute');
  if (seconds < 36 * 3600) return say(Math.round(seconds / 3600), 'hour');
  return say(Math.round(seconds / 86_400), 'day');
}

async function unpacked(bytes: Uint8Array): Promise<Buffer> {
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!isPacked) return Buffer.from(bytes);
  return unzip(bytes, { maxOutputLength: readLimits.chunkBytes + 1024 });
}

const late = ({ name }: Present, timeoutMs: number, chunks: number): AmbitError =>
  new AmbitError(
    'unavailable',
    chunks === 0
      ? `the agent of ${name} did not answer within ${timeoutMs / 1000} s`
      : `the agent of ${name} had not told all after ${timeoutMs / 1000} s`,
    { fix: 'try again; ask for less when it happens again' },
  );

const tooLarge = (name: string, maxBytes: number): AmbitError =>
  new AmbitError(
    'too_large',
    `the answer of ${name} is larger than ${Math.round(maxBytes / 1024)} KB`,
    {
      fix: 'ask for less',
    },
  );

const codes: Record<ReadFailureReason, ErrorCode> = {
  notFound: 'not_found',
  refused: 'unprocessable',
  unsupported: 'unprocessable',
  unreachable: 'unavailable',
  timeout: 'unavailable',
  tooLarge: 'too_large',
  failed: 'unavailable',
};

const failed = (name: string, { reason, message }: ReadFailure): AmbitError =>
  new AmbitError(codes[reason], `${name}: ${message}`);
