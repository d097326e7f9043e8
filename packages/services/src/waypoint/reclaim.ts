import {
  waypointReclaimGet,
  waypointReclaimSet,
  type ReleasedWaypoint,
  type WaypointReclaim,
} from '@ambit/contracts/operations/waypoint-reclaim';
import { counted } from '@ambit/contracts/words';
import type { Tx } from '@ambit/db/database';
import { keyOf } from '@ambit/istio/enrolment/facts';
import { defaultReclaimAfterS, reclaimRule } from '@ambit/istio/waypoint/reclaim';
import { AmbitError } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { lockMesh, requireMesh } from '../mesh/lock.ts';
import { loadLifecycles, putLifecycle, type WaypointLifecycles } from './lifecycle-rows.ts';
import { requireAmbient } from './require-ambient.ts';

export const getReclaim = implement(
  waypointReclaimGet,
  async ({ tx }, { meshId }) => {
    await requireMesh(tx, meshId);
    return readReclaim(tx, meshId);
  },
  ({ meshId }) => meshId,
);

export const setReclaim = implement(
  waypointReclaimSet,
  async (context, { meshId, namespace = '', name = '', mode, afterS }) => {
    const { tx, organisationId } = context;
    requireAmbient(await lockMesh(tx, meshId));
    if (name !== '' && namespace === '') {
      throw new AmbitError('unprocessable', 'a waypoint is named with its namespace', {
        fix: 'give namespace too, or leave name out',
      });
    }
    await putLifecycle(
      { tx, organisationId, meshId },
      { namespace, name },
      { mode, afterS: mode === null ? null : afterS },
    );
    await context.changed('waypoint', meshId, 'updated', meshId);
    // What is due by the new rule does not wait for the next look.
    await context.enqueue('mesh.observe', { organisationId, meshId });
    return readReclaim(tx, meshId);
  },
  ({ meshId }) => meshId,
);

async function readReclaim(tx: Tx, meshId: string): Promise<WaypointReclaim> {
  const all = await loadLifecycles(tx, meshId);
  const mesh = all.settings.find(({ namespace }) => namespace === '');
  const mode = mesh?.mode ?? 'ask';
  const afterS = mesh?.afterS ?? defaultReclaimAfterS;
  const released = releasedOf(all);
  return {
    mode,
    afterS,
    scopes: all.settings
      .filter(({ namespace }) => namespace !== '')
      .map(({ name, ...one }) => ({ ...one, name: name === '' ? null : name })),
    released,
    sentence: `${
      {
        off: 'Waypoints that L7 does not need are left alone.',
        ask: 'Waypoints that L7 does not need are shown, and released by hand.',
        automatic: `Waypoints to which nothing of L7 was bound for ${spanText(afterS)} are released, and taken up again when something is.`,
      }[mode]
    } ${counted(released.length, 'waypoint is released', 'waypoints are released')}.`,
  };
}

export const releasedOf = ({ released, settings }: WaypointLifecycles): ReleasedWaypoint[] =>
  [...released.values()].map(({ namespace, name, at, object, rows }) => {
    const gatewayClass =
      (object as { spec?: { gatewayClassName?: string } }).spec?.gatewayClassName ?? '';
    const named = (row: { namespace: string; waypoint: string; waypointNamespace: string }) =>
      keyOf(row.waypointNamespace || row.namespace, row.waypoint) === keyOf(namespace, name);
    const uses = [
      ...rows.namespaces.filter(named).map((row) => row.namespace),
      ...rows.services.filter(named).map((row) => keyOf(row.namespace, row.name)),
    ];
    const automatic = reclaimRule(settings, { namespace, name }, null).mode === 'automatic';
    return {
      namespace,
      name,
      gatewayClass,
      releasedAt: at,
      automatic,
      uses: [...new Set(uses)],
      sentence: automatic
        ? 'Released: L4 goes on as it was. It comes back when a route or policy of L7 is bound to what used it; until it serves, such a policy is not enforced.'
        : 'Released: L4 goes on as it was. Take it up again before something of L7 is relied on.',
    };
  });

export function spanText(seconds: number): string {
  if (seconds >= 86_400 && seconds % 86_400 === 0) return counted(seconds / 86_400, 'day');
  if (seconds >= 3_600 && seconds % 3_600 === 0) return counted(seconds / 3_600, 'hour');
  if (seconds >= 60 && seconds % 60 === 0) return counted(seconds / 60, 'minute');
  return counted(seconds, 'second');
}
