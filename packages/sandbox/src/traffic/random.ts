/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A duration around a middle one: half of them longer, few of them much longer. */
export function around(middleMs: number, random: () => number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return middleMs * Math.exp(0.35 * normal);
}

/** One of the items, by their weights; the first when no weight is above zero. */
export function pick<T>(
  items: readonly T[],
  weightOf: (item: T) => number,
  random: () => number,
): T {
  const total = items.reduce((sum, item) => sum + weightOf(item), 0);
  let at = random() * total;
  for (const item of items) {
    at -= weightOf(item);
    if (at < 0) return item;
  }
  return items[0]!;
}
