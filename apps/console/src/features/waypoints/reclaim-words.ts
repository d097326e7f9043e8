import type { Outputs } from '../../lib/session.tsx';
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

type Settings = Outputs['waypointReclaim']['get'];
type Setting = { mode: Reclaim['mode'] | 'inherit'; afterS: number };

/** What is set for a waypoint itself. */
export const ofWaypoint = ({ mode, from, afterS }: Reclaim): Setting => ({
  mode: from === 'waypoint' ? mode : 'inherit',
  afterS,
});

/** What is set for a namespace itself, or with an empty name for the mesh. */
export function settingOf(settings: Settings, namespace: string): Setting {
  const { mode, afterS } = settings;
  if (namespace === '') return { mode, afterS };
  const own = settings.scopes.find((one) => one.namespace === namespace && one.name === null);
  return own ? { mode: own.mode, afterS: own.afterS } : { mode: 'inherit', afterS };
}

/** What nearer places say, so that a setting does not hold for them; empty where none does. */
export function nearerText(settings: Settings, namespace: string): string {
  const nearer = settings.scopes.filter((one) =>
    namespace === '' ? true : one.namespace === namespace && one.name !== null,
  );
  if (nearer.length === 0) return '';
  const names = nearer
    .slice(0, 5)
    .map((one) => (one.name === null ? one.namespace : `${one.namespace}/${one.name}`));
  const more = nearer.length > 5 ? ` and ${nearer.length - 5} more` : '';
  return `Not of ${names.join(', ')}${more}: there it is set by itself.`;
}
