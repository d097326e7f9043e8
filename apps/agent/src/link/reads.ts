import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import {
  chunkReplySchema,
  readLimits,
  readPaths,
  readsReplySchema,
  type ReadFailureReason,
  type ReadWithDefaults,
} from '@ambit/contracts/agent/reads';
import { sleep } from '../wait.ts';
import { backoffMs } from './backoff.ts';
import { LinkError } from './http.ts';
import type { Session } from './session.ts';
import { Untrusted, verifyRead } from './verify.ts';

const zip = promisify(gzip);

/** Why a read gave nothing, as it is told to the platform. */
export class ReadError extends Error {
  readonly reason: ReadFailureReason;
  constructor(reason: ReadFailureReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Where the answer of a read goes. */
export interface ReadSink {
  /** HTTP status of the answer, before the first `write`. */
  status(status: number): void;
  /** Resolves when the reader has room for more. Throws ReadError tooLarge, or the signal's reason when nobody reads any more. */
  write(bytes: Uint8Array): Promise<void>;
}

export interface ReadsInput {
  session: Pick<Session, 'call' | 'clusterId' | 'platformKeys' | 'nowMs'>;
  /** Looks, and writes what it sees. @throws ReadError */
  run(read: ReadWithDefaults, sink: ReadSink, signal: AbortSignal): Promise<void>;
  /** Told whether this agent is to scrape proxies, each time the platform says so. */
  onScrape(wanted: boolean): void;
  say(level: 'warn' | 'error', message: string): void;
}

/** Ids that were answered; a read that is given twice is looked at once. */
const rememberedReads = 1_000;

/**
 * Holds a poll for reads, and answers what is asked, some at once, until the signal ends it. Only what the platform signed
 * for this cluster is looked at, each once, and not after its time.
 */
export async function followReads(input: ReadsInput, signal: AbortSignal): Promise<void> {
  const { session, say } = input;
  const seen = new Set<string>();
  const waiting: { id: string; exp: number; maxBytes: number; read: ReadWithDefaults }[] = [];
  let working = 0;
  let scrape = false;

  const work = async (): Promise<void> => {
    if (working >= readLimits.concurrency) return;
    working += 1;
    try {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const leftMs = next.exp * 1000 - session.nowMs();
        if (leftMs > 0) await answer(input, next, leftMs, signal);
      }
    } finally {
      working -= 1;
    }
  };

  for (let failures = 0; !signal.aborted;) {
    try {
      const { status, bytes } = await session.call(
        `${readPaths.reads}?wait=${readLimits.longPollS}&scrape=${scrape ? 'on' : 'off'}`,
        { signal, timeoutMs: (readLimits.longPollS + 20) * 1000 },
      );
      failures = 0;
      if (status !== 200) continue;
      const reply = readsReplySchema.parse(JSON.parse(bytes.toString()));
      scrape = reply.scrape;
      input.onScrape(scrape);
      for (const signed of reply.reads) {
        const asked = await verifyRead(signed, session.clusterId, session.platformKeys());
        if (seen.has(asked.jti)) continue;
        seen.add(asked.jti);
        if (seen.size > rememberedReads) seen.delete(seen.values().next().value!);
        const { jti: id, exp, maxBytes, read } = asked;
        waiting.push({ id, exp, maxBytes, read });
        void work();
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Untrusted) say('error', error.message);
      else if (failures === 0) say('warn', `cannot ask for reads: ${messageOf(error)}`);
      const asked = error instanceof LinkError ? error.retryAfterMs : null;
      // A platform that is older than this agent has no such address.
      const unknown = error instanceof LinkError && error.status === 404 ? 300_000 : 0;
      const pause = asked ?? Math.max(unknown, backoffMs(failures++, Math.random()));
      await sleep(pause, signal).catch(() => {});
    }
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

async function answer(
  { session, run, say }: ReadsInput,
  { id, maxBytes, read }: { id: string; maxBytes: number; read: ReadWithDefaults },
  leftMs: number,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(new ReadError('timeout', 'time is up')), leftMs);
  const either = AbortSignal.any([signal, over.signal]);
  const path = `${readPaths.reads}/${id}`;
  let status: number | null = null;
  let seq = 0;
  let size = 0;
  let held: Buffer[] = [];
  let heldBytes = 0;

  const send = async (bytes: Buffer, end: boolean): Promise<void> => {
    const query = `?seq=${seq}&end=${end}${seq === 0 && status !== null ? `&status=${status}` : ''}`;
    const body = await zip(bytes, { level: 1 });
    const post = () =>
      session.call(`${path}${query}`, { gzip: body, signal: either, timeoutMs: leftMs + 5_000 });
    // A chunk whose answer was lost is sent once more; the platform knows it by its number.
    const reply = await post().catch((error: unknown) => {
      either.throwIfAborted();
      if (error instanceof LinkError && error.status !== 0 && error.status < 500) throw error;
      return post();
    });
    seq += 1;
    if (end) return;
    const { go } = chunkReplySchema.parse(JSON.parse(reply.bytes.toString()));
    if (!go) {
      over.abort(new ReadError('timeout', 'nobody reads any more'));
      either.throwIfAborted();
    }
  };

  const sink: ReadSink = {
    status: (given) => {
      status = given;
    },
    write: async (bytes) => {
      size += bytes.length;
      if (size > maxBytes) {
        throw new ReadError(
          'tooLarge',
          `the answer is larger than ${Math.round(maxBytes / 1024)} KB`,
        );
      }
      for (let from = 0; from < bytes.length;) {
        const room = readLimits.chunkBytes - heldBytes;
        const part = bytes.subarray(from, from + room);
        held.push(Buffer.from(part));
        heldBytes += part.length;
        from += part.length;
        if (heldBytes < readLimits.chunkBytes) continue;
        const chunk = Buffer.concat(held);
        held = [];
        heldBytes = 0;
        await send(chunk, false);
      }
    },
  };

  try {
    await run(read, sink, either);
    await send(Buffer.concat(held), true);
  } catch (error) {
    const known = over.signal.aborted ? (over.signal.reason as ReadError) : error;
    if (signal.aborted) return;
    const failure =
      known instanceof ReadError
        ? { reason: known.reason, message: known.message }
        : { reason: 'failed' as const, message: messageOf(known) };
    await session
      .call(`${path}/failure`, {
        json: { ...failure, message: failure.message.slice(0, 2_000) },
        signal,
      })
      .catch((err: unknown) => say('warn', `a read could not be answered: ${messageOf(err)}`));
  } finally {
    clearTimeout(timer);
  }
}
