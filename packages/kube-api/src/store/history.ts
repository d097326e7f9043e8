import type { StoreEvent } from './store.ts';

export interface HistoryLimits {
  events: number;
  bytes: number;
}

/** Events in revision order, bounded by count and by the bytes they hold. */
export interface History {
  push(event: StoreEvent): void;
  /** Events after `revision`; undefined when some of them are gone. */
  since(revision: number): StoreEvent[] | undefined;
  /** Revisions from this one on can be served. */
  oldest(): number;
  /** What the events hold, roughly. */
  bytes(): number;
}

const weight = (event: StoreEvent): number =>
  event.object.bytes.length + (event.previous?.bytes.length ?? 0) + 200;

/** A store starts at `start`: everything up to it counts as compacted. */
export function createHistory(limits: HistoryLimits, start: number): History {
  let events: StoreEvent[] = [];
  let head = 0;
  let bytes = 0;
  let oldest = start;

  const firstAfter = (revision: number): number => {
    let low = head;
    let high = events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (events[middle]!.revision <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  return {
    push(event) {
      events.push(event);
      bytes += weight(event);
      while (
        events.length - head > limits.events ||
        (bytes > limits.bytes && events.length - head > 1)
      ) {
        const dropped = events[head++]!;
        bytes -= weight(dropped);
        oldest = dropped.revision;
      }
      if (head > 256 && head * 2 > events.length) {
        events = events.slice(head);
        head = 0;
      }
    },
    since(revision) {
      if (revision < oldest) return undefined;
      return events.slice(firstAfter(revision));
    },
    oldest: () => oldest,
    bytes: () => bytes,
  };
}
