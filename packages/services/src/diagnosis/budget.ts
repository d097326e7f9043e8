/** Something in memory that can be made again. */
export interface Droppable {
  size(): number;
  drop(): void;
}

export interface Budget {
  /** It is used now; others that were not used for longest go when all together are too many. */
  used(one: Droppable): void;
  forget(one: Droppable): void;
  total(): number;
}

/** @param most sizes of all together; the one in use may be larger by itself */
export function createBudget(most: number): Budget {
  // In the order of their last use.
  const kept = new Set<Droppable>();
  const total = (): number => [...kept].reduce((sum, one) => sum + one.size(), 0);
  return {
    total,
    forget: (one) => void kept.delete(one),
    used(one) {
      kept.delete(one);
      kept.add(one);
      let sum = total();
      for (const other of kept) {
        if (sum <= most || other === one) return;
        sum -= other.size();
        kept.delete(other);
        other.drop();
      }
    },
  };
}
