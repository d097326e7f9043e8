export interface FlappingTiming {
  /** So many repairs of one object within `windowMs` are a fight. */
  most: number;
  windowMs: number;
  /** A fight is left for this long, then tried once more. */
  restMs: number;
}

export const flappingTiming: FlappingTiming = { most: 3, windowMs: 600_000, restMs: 600_000 };

export interface Flapping {
  /** An object is repaired now. */
  repaired(key: string): void;
  /** Somebody takes it back again and again: it is told, and not fought about. */
  isFought(key: string): boolean;
}

/**
 * Sees objects that are changed back as often as they are repaired, as a tool does whose source knows nothing of what
 * Ambit sets. Two that repair what the other did would go on for ever.
 */
export function makeFlapping(
  nowMs: () => number = () => performance.now(),
  { most, windowMs, restMs }: FlappingTiming = flappingTiming,
): Flapping {
  const repairs = new Map<string, number[]>();
  const restUntil = new Map<string, number>();
  return {
    repaired: (key) => {
      const now = nowMs();
      const recent = [...(repairs.get(key) ?? []).filter((at) => now - at < windowMs), now];
      repairs.set(key, recent);
      if (recent.length < most) return;
      restUntil.set(key, now + restMs);
      // After the rest one more repair decides: it holds, or the fight goes on.
      repairs.set(
        key,
        recent.slice(1 - most).map(() => now + restMs),
      );
    },
    isFought: (key) => {
      const until = restUntil.get(key);
      if (until === undefined) return false;
      if (nowMs() < until) return true;
      restUntil.delete(key);
      return false;
    },
  };
}
