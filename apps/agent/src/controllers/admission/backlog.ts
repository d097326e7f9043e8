import type { Change, Incremental } from '@ambit/analysis/incremental';
import type { Resource } from '@ambit/analysis/resource';

/** Changes that are not analysed yet: the last one of each object. */
export interface Backlog {
  /** What is urgent comes before everything that waits. */
  add(change: Change, isUrgent: boolean): void;
  /** The analysis that changes go to from now on; what waited for another is forgotten. */
  follow(engine: Incremental | null): void;
  /** All that is urgent now, and of the rest as much as the time allows. */
  catchUp(mostMs: number): void;
  size(): number;
}

/** Between slices the process answers others: a storm of events keeps no write waiting for longer than one. */
const sliceMs = 3;
const batch = 10;

const idOf = (change: Change): string => ('put' in change ? change.put.id : change.remove);

/** What rules look at of an object. Its generation also counts writes that change nothing. */
const seen = ({ object }: Resource): string => {
  const { generation: _generation, ...metadata } = (object['metadata'] ?? {}) as Record<
    string,
    unknown
  >;
  return JSON.stringify([
    metadata,
    object['spec'],
    { ...object, metadata: undefined, spec: undefined },
  ]);
};

/** Heartbeats, and the watch's word of a write that was foreseen, change nothing. */
function changesAnything(engine: Incremental, change: Change): boolean {
  const known = engine.resource(idOf(change));
  if (!('put' in change)) return known !== undefined;
  return !known || seen(known) !== seen(change.put);
}

/** A backlog that is worked off a slice at a time, as soon as the process has nothing else to do. */
export function makeBacklog(): Backlog {
  const urgent = new Map<string, Change>();
  const waiting = new Map<string, Change>();
  let engine: Incremental | null = null;
  let next: NodeJS.Immediate | null = null;

  const apply = (changes: Change[]): void => {
    const analysis = engine;
    if (!analysis) return;
    const real = changes.filter((change) => changesAnything(analysis, change));
    if (real.length > 0) analysis.apply(real);
  };
  const take = (from: Map<string, Change>, most: number): Change[] => {
    const taken: Change[] = [];
    for (const [id, change] of from) {
      if (taken.length === most) break;
      taken.push(change);
      from.delete(id);
    }
    return taken;
  };
  const work = (mostMs: number): void => {
    const until = performance.now() + mostMs;
    if (urgent.size > 0) apply(take(urgent, urgent.size));
    while (waiting.size > 0 && performance.now() < until) apply(take(waiting, batch));
  };
  const workSoon = (): void => {
    next ??= setImmediate(() => {
      next = null;
      work(sliceMs);
      if (waiting.size > 0) workSoon();
    }).unref();
  };

  return {
    add: (change, isUrgent) => {
      const id = idOf(change);
      const isAhead = isUrgent || urgent.has(id);
      waiting.delete(id);
      (isAhead ? urgent : waiting).set(id, change);
      workSoon();
    },
    follow: (followed) => {
      engine = followed;
      urgent.clear();
      waiting.clear();
    },
    catchUp: work,
    size: () => urgent.size + waiting.size,
  };
}
