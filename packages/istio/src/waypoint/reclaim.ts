/** `off`: left alone. `ask`: proposed. `automatic`: released by Ambit. */
export type ReclaimMode = 'off' | 'ask' | 'automatic';

/** What is set for a mesh (no namespace), a namespace (no name) or a waypoint. */
export interface ReclaimSetting {
  namespace: string;
  name: string;
  mode: ReclaimMode;
  afterS: number;
}

export interface ReclaimRule {
  mode: ReclaimMode;
  from: 'waypoint' | 'namespace' | 'pool' | 'mesh' | 'default';
  afterS: number;
}

export const defaultReclaimAfterS = 3_600;

/** What counts for a waypoint: the nearest that says something. A pool only ever says that its waypoints are left alone. */
export function reclaimRule(
  settings: readonly ReclaimSetting[],
  waypoint: { namespace: string; name: string },
  pool: 'off' | 'ask' | null,
): ReclaimRule {
  const find = (namespace: string, name: string) =>
    settings.find((one) => one.namespace === namespace && one.name === name);
  const own = find(waypoint.namespace, waypoint.name);
  if (own) return { mode: own.mode, from: 'waypoint', afterS: own.afterS };
  const around = find(waypoint.namespace, '');
  if (around) return { mode: around.mode, from: 'namespace', afterS: around.afterS };
  if (pool === 'off') return { mode: 'off', from: 'pool', afterS: defaultReclaimAfterS };
  const mesh = find('', '');
  return mesh
    ? { mode: mesh.mode, from: 'mesh', afterS: mesh.afterS }
    : { mode: 'ask', from: 'default', afterS: defaultReclaimAfterS };
}

/** A waypoint over all clusters of its mesh. */
export interface ReclaimCandidate {
  key: string;
  /** Routes and policies of L7 bound to it, in any cluster. */
  bound: number;
  /** Ambit made it, and all that names it. */
  releasable: boolean;
  rule: ReclaimRule;
  /** Milliseconds since 1970; null: something was bound when it was looked at last. */
  idleSince: number | null;
}

/** One that was released: what would be bound to it, were it there. */
export interface ReleasedCandidate {
  key: string;
  rule: ReclaimRule;
  wantedBy: readonly string[];
}

export type ReclaimStep =
  | { do: 'release'; key: string }
  | { do: 'takeUp'; key: string; wantedBy: readonly string[] };

export interface ReclaimDecision {
  /** Since when nothing is bound to each. */
  idle: Map<string, number | null>;
  /** At most one: operations of a mesh take turns. What L7 waits for goes first. */
  step: ReclaimStep | null;
}

/**
 * Which waypoint is released or taken up next. Never one to which something is bound, never before nothing was bound for the
 * whole time that its rule says, and nothing where not everything is known. Pure.
 */
export function decideReclaim(input: {
  waypoints: readonly ReclaimCandidate[];
  released: readonly ReleasedCandidate[];
  /** Every cluster has told all that it holds. */
  complete: boolean;
  now: number;
}): ReclaimDecision {
  const { waypoints, released, complete, now } = input;
  if (!complete) {
    return { idle: new Map(waypoints.map(({ key, idleSince }) => [key, idleSince])), step: null };
  }
  const idle = new Map(
    waypoints.map(({ key, bound, idleSince }) => [
      key,
      bound > 0 ? null : idleSince === null || idleSince > now ? now : idleSince,
    ]),
  );
  const wanted = released.find(
    ({ rule, wantedBy }) => rule.mode === 'automatic' && wantedBy.length > 0,
  );
  if (wanted) {
    return { idle, step: { do: 'takeUp', key: wanted.key, wantedBy: wanted.wantedBy } };
  }
  const due = waypoints.find(({ key, releasable, rule }) => {
    const since = idle.get(key) ?? null;
    return (
      releasable &&
      rule.mode === 'automatic' &&
      since !== null &&
      now - since >= rule.afterS * 1_000
    );
  });
  return { idle, step: due ? { do: 'release', key: due.key } : null };
}
