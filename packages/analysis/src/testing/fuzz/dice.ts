/** A number from 0 to `limit` - 1. */
export type Dice = (limit: number) => number;

/** A seeded die (mulberry32). */
export function seededDice(seed: number): Dice {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

export const pick = <T>(dice: Dice, list: readonly T[]): T => list[dice(list.length)] as T;

/** Whether one of `of` falls. */
export const chance = (dice: Dice, of: number): boolean => dice(of) === 0;

/** From `least` to `most` things. */
export function some<T>(dice: Dice, least: number, most: number, make: (at: number) => T): T[] {
  return Array.from({ length: least + dice(most - least + 1) }, (_, at) => make(at));
}

/** `{[name]: make()}` with one chance in `of`, else nothing: for fields that may be absent. */
export function may(
  dice: Dice,
  of: number,
  name: string,
  make: () => unknown,
): Record<string, unknown> {
  return chance(dice, of) ? { [name]: make() } : {};
}
