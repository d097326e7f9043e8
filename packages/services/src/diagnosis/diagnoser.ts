import type { Database } from '@ambit/db/database';
import { refreshWarm, type ReadRows, type Warm } from './warm.ts';

/** The analyses of meshes that a process keeps in memory. */
export interface Diagnoser {
  /**
   * Does something with the analysis of a mesh, which is up to date with the rows as they are committed now. Uses of one
   * mesh take turns.
   * @returns undefined when the mesh is gone
   */
  use<T>(
    read: ReadRows,
    meshId: string,
    now: Date,
    work: (warm: Warm) => T | Promise<T>,
  ): Promise<T | undefined>;
  forget(meshId: string): void;
  /** Resources in memory. */
  size(): number;
}

interface Entry {
  warm: Warm | undefined;
  /** The end of the queue of those who use it. */
  turn: Promise<unknown>;
  usedAt: number;
}

/** About 5 KB each, with their place in the graph. */
const mostResources = 150_000;

export function createDiagnoser(most: number = mostResources): Diagnoser {
  const entries = new Map<string, Entry>();
  let uses = 0;
  const sizeOf = ({ warm }: Entry): number => warm?.incremental.size() ?? 0;
  const size = (): number => [...entries.values()].reduce((sum, each) => sum + sizeOf(each), 0);

  /** What was not used for longest goes first; what is in use stays. */
  function shrink(kept: Entry): void {
    const oldest = [...entries].sort(([, a], [, b]) => a.usedAt - b.usedAt);
    let total = size();
    for (const [key, entry] of oldest) {
      if (total <= most) return;
      if (entry === kept) continue;
      total -= sizeOf(entry);
      entries.delete(key);
    }
  }

  return {
    async use(read, meshId, now, work) {
      const key = meshId;
      const entry = entries.get(key) ?? { warm: undefined, turn: Promise.resolve(), usedAt: 0 };
      entries.set(key, entry);
      entry.usedAt = ++uses;
      const before = entry.turn;
      const mine = before
        .catch(() => {})
        .then(async () => {
          try {
            entry.warm = await refreshWarm(read, meshId, entry.warm, now);
          } catch (error) {
            // Half a change may have been taken: the next one begins anew.
            entry.warm = undefined;
            throw error;
          }
          if (!entry.warm) {
            entries.delete(key);
            return undefined;
          }
          shrink(entry);
          return work(entry.warm);
        });
      entry.turn = mine;
      return mine;
    },
    forget(meshId) {
      entries.delete(meshId);
    },
    size,
  };
}

const diagnosers = new WeakMap<Database, Diagnoser>();

/** The one of this process and database. */
export function diagnoserOf(db: Database): Diagnoser {
  const known = diagnosers.get(db) ?? createDiagnoser();
  diagnosers.set(db, known);
  return known;
}
