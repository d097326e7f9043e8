import { createBudget, type Droppable } from './budget.ts';
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

interface Entry extends Droppable {
  warm: Warm | undefined;
  /** The end of the queue of those who use it. */
  turn: Promise<unknown>;
}

/** About 5 KB each, with their place in the graph. */
const mostResources = 150_000;

export function createDiagnoser(most: number = mostResources): Diagnoser {
  const entries = new Map<string, Entry>();
  const budget = createBudget(most);

  function entryOf(key: string): Entry {
    const known = entries.get(key);
    if (known) return known;
    const entry: Entry = {
      warm: undefined,
      turn: Promise.resolve(),
      size: () => entry.warm?.incremental.size() ?? 0,
      drop: () => void (entry.warm = undefined),
    };
    entries.set(key, entry);
    return entry;
  }

  return {
    async use(read, meshId, now, work) {
      const key = meshId;
      const entry = entryOf(key);
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
            budget.forget(entry);
            return undefined;
          }
          budget.used(entry);
          return work(entry.warm);
        });
      entry.turn = mine;
      return mine;
    },
    forget(meshId) {
      const entry = entries.get(meshId);
      if (entry) budget.forget(entry);
      entries.delete(meshId);
    },
    size: budget.total,
  };
}

const diagnosers = new WeakMap<Database, Diagnoser>();

/** The one of this process and database. */
export function diagnoserOf(db: Database): Diagnoser {
  const known = diagnosers.get(db) ?? createDiagnoser();
  diagnosers.set(db, known);
  return known;
}
