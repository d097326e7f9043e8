/** A mesh in the memory of this process. */
export interface Held {
  bytes: number;
  /** When its last request ended. */
  usedAtMs: number;
  /** Somebody watches it, or a request or work after one is under way. */
  isBusy: boolean;
}

export interface HoldLimits {
  /** Unused for so long, a mesh goes. */
  idleMs: number;
  /** Beyond so many bytes of objects and history, the longest unused go first. */
  bytes: number;
}

export const holdLimits: HoldLimits = { idleMs: 15 * 60_000, bytes: 1024 * 1024 * 1024 };

/** The meshes that are to leave memory; they are loaded again by their next request. Busy ones stay. */
export function toEvict(
  held: ReadonlyMap<string, Held>,
  nowMs: number,
  limits: HoldLimits,
): string[] {
  let excess = -limits.bytes;
  for (const { bytes } of held.values()) excess += bytes;
  const evicted: string[] = [];
  const longestUnused = [...held].toSorted(([, a], [, b]) => a.usedAtMs - b.usedAtMs);
  for (const [id, { bytes, usedAtMs, isBusy }] of longestUnused) {
    if (isBusy || (excess <= 0 && nowMs - usedAtMs < limits.idleMs)) continue;
    evicted.push(id);
    excess -= bytes;
  }
  return evicted;
}
