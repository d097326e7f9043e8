import type { IncomingMessage } from 'node:http';
import { readLimits, type LogLine, type LogsAnswer, type Read } from '@ambit/contracts/agent/reads';
import type { KubeClient } from '../../kube/client.ts';
import { maskSecrets } from './mask.ts';

type LogsRead = Extract<Read, { kind: 'logs' }>;

/** Lines that are looked at for a tail with words in it. */
const lookedAt = 20_000;
const longestLine = 8_000;
/** Once lines came, others that are about to come are waited for. */
const settleMs = 300;

/** Nanoseconds since 1970 of an RFC 3339 time; null when it is none. */
export function instantOf(text: string): bigint | null {
  const found = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (!found) return null;
  const ms = Date.parse(`${found[1]}${found[3]}`);
  if (Number.isNaN(ms)) return null;
  return BigInt(ms) * 1_000_000n + BigInt((found[2] ?? '').padEnd(9, '0'));
}

/**
 * Lines of a container's log after a moment, or its last ones. Masked before words are looked for, so that what is masked
 * cannot be found by asking.
 */
export async function readLogs(
  client: Pick<KubeClient, 'open'>,
  read: Required<Omit<LogsRead, 'after' | 'since' | 'kind'>> & Pick<LogsRead, 'after' | 'since'>,
  signal: AbortSignal,
): Promise<LogsAnswer> {
  const after = read.after === undefined ? null : instantOf(read.after);
  const words = read.words.map((word) => word.toLowerCase());
  const wait = after !== null && read.waitMs > 0 && !read.previous;
  const answer = await open(client, read, after, wait, signal);
  const lines: LogLine[] = [];
  let cursor: string | null = read.after ?? null;
  let last: bigint | null = null;
  let bytes = 0;
  let more = false;
  // A tail keeps the newest, what comes after a moment the oldest.
  const isTail = after === null;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const finish = (ms: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      isOver = true;
      answer.destroy();
    }, ms);
  };
  if (wait) finish(read.waitMs);
  try {
    for await (const line of linesOf(answer)) {
      const space = line.indexOf(' ');
      const at = line.slice(0, space);
      const instant = instantOf(at);
      if (instant === null || (after !== null && instant <= after)) continue;
      const isFull = lines.length >= read.lines || bytes >= readLimits.logBytes;
      // Lines of one moment stay together: the next page begins after it.
      if (!isTail && isFull && instant !== last) {
        more = true;
        break;
      }
      cursor = at;
      last = instant;
      const text = maskSecrets(line.slice(space + 1, space + 1 + longestLine));
      const lower = words.length > 0 ? text.toLowerCase() : '';
      if (!words.every((word) => lower.includes(word))) continue;
      lines.push({ at, text });
      bytes += text.length;
      if (isTail && (lines.length > read.lines || bytes > readLimits.logBytes)) {
        bytes -= lines.shift()!.text.length;
      }
      if (wait && lines.length === 1) finish(settleMs);
    }
  } catch (error) {
    signal.throwIfAborted();
    // A log that is followed is left by ending its connection.
    if (!isOver) throw error;
  } finally {
    clearTimeout(timer);
    answer.destroy();
  }
  signal.throwIfAborted();
  return { lines, cursor, more };
}

async function* linesOf(answer: IncomingMessage): AsyncGenerator<string> {
  answer.setEncoding('utf8');
  let rest = '';
  for await (const chunk of answer) {
    const lines = (rest + (chunk as string)).split('\n');
    rest = lines.pop()!;
    // A line without end is cut: what is more of it is passed over with it.
    if (rest.length > 2 * longestLine) rest = rest.slice(0, 2 * longestLine);
    yield* lines;
  }
  if (rest !== '') yield rest;
}

function open(
  client: Pick<KubeClient, 'open'>,
  read: Parameters<typeof readLogs>[1],
  after: bigint | null,
  follow: boolean,
  signal: AbortSignal,
) {
  const from = after === null ? read.since : new Date(Number(after / 1_000_000n)).toISOString();
  const tail = read.words.length > 0 ? lookedAt : read.lines;
  return client.open(
    'GET',
    `/api/v1/namespaces/${encodeURIComponent(read.namespace)}/pods/${encodeURIComponent(read.pod)}/log`,
    {
      accept: '*/*',
      signal,
      timeoutMs: read.waitMs + 20_000,
      query: {
        container: read.container,
        timestamps: 'true',
        ...(read.previous ? { previous: 'true' } : {}),
        ...(follow ? { follow: 'true' } : {}),
        ...(from === undefined ? {} : { sinceTime: from }),
        ...(after === null ? { tailLines: String(tail) } : {}),
      },
    },
  );
}
