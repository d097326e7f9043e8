import type { ChunkSink, StreamBody } from './engine.ts';
import type { Limits } from './limits.ts';

/** One watcher's outgoing lines, bounded. */
export interface WatchStream extends StreamBody {
  /** Queues a line. False: the watcher is closed and takes no more. */
  push(line: Buffer): boolean;
  /** Queues lines that are made only when the reader takes them, and so cost no memory before. */
  pushLazy(lines: (() => Buffer)[]): void;
  /** Sends what is queued, then `last`, then ends. */
  finish(last?: Buffer): void;
  closed(): boolean;
}

/** Lines that wait are sent in chunks of about this size. */
const CHUNK_BYTES = 64 * 1024;

/**
 * A stream that never holds more than the limit for a reader that lags: then everything queued
 * is dropped, `tooSlow` is the last line, and the connection is closed.
 */
export function createWatchStream(
  limits: Pick<Limits, 'watchQueueBytes' | 'watchFlushTimeoutMs'>,
  tooSlow: () => Buffer,
  onClose: () => void,
): WatchStream {
  let sink: ChunkSink | undefined;
  let queue: (Buffer | (() => Buffer))[] = [];
  let queuedBytes = 0;
  let blocked = false;
  let scheduled = false;
  let ending = false;
  let closed = false;
  let flushTimer: NodeJS.Timeout | undefined;

  const close = (): void => {
    if (closed) return;
    closed = true;
    queue = [];
    queuedBytes = 0;
    clearTimeout(flushTimer);
    onClose();
  };

  const pump = (): void => {
    scheduled = false;
    const to = sink;
    if (to === undefined) return;
    let more = queue.length > 0 && !blocked;
    while (more) {
      blocked = !to.write(takeChunk());
      if (blocked) {
        to.onDrain(() => {
          blocked = false;
          pump();
        });
      }
      more = queue.length > 0 && !blocked;
    }
    if (ending && queue.length === 0 && !closed) {
      to.end();
      if (!blocked) close();
    }
  };

  const takeChunk = (): Buffer => {
    const lines: Buffer[] = [];
    let bytes = 0;
    while (lines.length < queue.length && bytes < CHUNK_BYTES) {
      const next = queue[lines.length]!;
      const line = typeof next === 'function' ? next() : next;
      if (typeof next !== 'function') queuedBytes -= line.length;
      bytes += line.length;
      lines.push(line);
    }
    queue.splice(0, lines.length);
    return lines.length === 1 ? lines[0]! : Buffer.concat(lines, bytes);
  };

  /** After the requests at hand: the writer has its answer, and a burst becomes one chunk. */
  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(pump);
  };

  const endSoon = (): void => {
    ending = true;
    schedule();
    flushTimer ??= setTimeout(() => {
      sink?.destroy();
      close();
    }, limits.watchFlushTimeoutMs);
    flushTimer.unref();
  };

  return {
    start(to) {
      sink = to;
      if (closed) to.end();
      else schedule();
    },
    cancel: close,
    push(line) {
      if (closed || ending) return false;
      queue.push(line);
      queuedBytes += line.length;
      if (queuedBytes > limits.watchQueueBytes) pump();
      if (queuedBytes > limits.watchQueueBytes) {
        const last = tooSlow();
        queue = [last];
        queuedBytes = last.length;
        endSoon();
        return false;
      }
      schedule();
      return true;
    },
    pushLazy(lines) {
      if (closed || ending) return;
      for (const line of lines) queue.push(line);
      schedule();
    },
    finish(last) {
      if (closed || ending) return;
      if (last !== undefined) {
        queue.push(last);
        queuedBytes += last.length;
      }
      endSoon();
    },
    closed: () => closed,
  };
}
