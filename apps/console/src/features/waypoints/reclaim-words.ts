import type { WaypointDetail } from './words.ts';

type Reclaim = WaypointDetail['reclaim'];

/** What becomes of a waypoint to which nothing of L7 is bound. */
export const reclaimWords: Record<Reclaim['mode'], string> = {
  off: 'it is kept',
  ask: 'its release is proposed',
  automatic: 'Ambit releases it by itself',
};

/** What says so. */
export const scopeWords: Record<Reclaim['from'], string> = {
  waypoint: 'set for it',
  namespace: 'set for its namespace',
  pool: 'set for its pool',
  mesh: 'set for the mesh',
  default: 'nothing is set',
};

/** Seconds in the largest unit that gives a whole number. */
export function spanOf(seconds: number): { value: string; unit: Unit } {
  const unit = (['d', 'h', 'min'] as const).find((each) => seconds % secondsOf[each] === 0) ?? 's';
  return { value: String(seconds / secondsOf[unit]), unit };
}

export const secondsOf = { s: 1, min: 60, h: 3_600, d: 86_400 } as const;
export type Unit = keyof typeof secondsOf;
