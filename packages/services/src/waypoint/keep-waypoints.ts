import { inTenant, type Database, type Tx } from '@ambit/db/database';
import { keyOf, type GatewayFact } from '@ambit/istio/enrolment/facts';
import { withRows } from '@ambit/istio/enrolment/with-rows';
import { waypointUsers } from '@ambit/istio/waypoint/bound';
import {
  decideReclaim,
  reclaimRule,
  type ReclaimCandidate,
  type ReleasedCandidate,
} from '@ambit/istio/waypoint/reclaim';
import { beginEnrolmentChange } from '../enrolment/begin.ts';
import type { KnownCluster } from '../enrolment/load.ts';
import { itself } from '../enrolment/write-policies.ts';
import { effectsOf } from '../kernel/effects.ts';
import { AmbitError } from '../kernel/errors.ts';
import { lockMesh } from '../mesh/lock.ts';
import {
  forgetReleased,
  loadLifecycles,
  putLifecycle,
  type Released,
  type WaypointLifecycles,
} from './lifecycle-rows.ts';
import { hasWaypoints, loadWaypoints, type KnownWaypoint, type WaypointsOfMesh } from './load.ts';
import { planRelease, releaseWords } from './release.ts';
import { planTakeUp, takeUpWords } from './take-up.ts';

/**
 * Releases waypoints that L7 did not need for long enough, and takes released ones up again that it needs, where that is
 * automatic. One at a time, as an operation of the mesh like that of a person.
 * @returns what was begun
 */
export async function keepWaypoints(
  { db, now }: { db: Database; now: () => Date },
  organisationId: string,
  meshId: string,
): Promise<'release' | 'takeUp' | null> {
  return inTenant(db, organisationId, async (tx) => {
    const at = now();
    const lifecycles = await loadLifecycles(tx, meshId);
    const isAutomatic = lifecycles.settings.some(({ mode }) => mode === 'automatic');
    const place = { tx, organisationId, meshId };
    if (lifecycles.released.size === 0 && !(isAutomatic && (await hasWaypoints(tx, meshId)))) {
      await keepIdle(place, new Map(), lifecycles);
      return null;
    }
    const mesh = await lockMesh(tx, meshId);
    if (mesh.activeRelease === null) return null;
    const busy = await tx.operation.findFirst({
      where: { targetId: meshId, finishedAt: null },
      select: { id: true },
    });
    if (busy) return null;
    const all = await loadWaypoints(tx, meshId, at);
    for (const [key, one] of lifecycles.released) {
      if (!all.gateways.has(key)) continue;
      await forgetReleased(place, one);
      lifecycles.released.delete(key);
    }
    const { idle, step } = decideReclaim({
      waypoints: candidates(all, lifecycles),
      released: [...lifecycles.released].map(([key, was]) =>
        releasedCandidate(key, was, all.clusters, lifecycles),
      ),
      complete: all.clusters.every(({ complete }) => complete),
      now: +at,
    });
    await keepIdle(place, idle, lifecycles);
    if (!step) return null;
    const [namespace = '', name = ''] = step.key.split('/');
    const context = {
      tx,
      organisationId,
      now: at,
      actor: itself,
      ...effectsOf(tx, organisationId),
    };
    try {
      if (step.do === 'release') {
        const { change } = await planRelease(context, { meshId, namespace, name }, all);
        await beginEnrolmentChange(context, mesh, {
          change,
          words: releaseWords(step.key, true),
          restart: false,
        });
      } else {
        const was = lifecycles.released.get(step.key)!;
        const { clusters } = all;
        const change = await planTakeUp(context, { meshId, namespace, name, was, clusters });
        await beginEnrolmentChange(context, mesh, {
          change,
          words: takeUpWords(step.key, step.wantedBy),
          restart: false,
        });
      }
      return step.do;
    } catch (error) {
      // What stands in the way is told where the waypoint is shown; it may be gone at the next look.
      if (error instanceof AmbitError) return null;
      throw error;
    }
  });
}

/** Each waypoint once, over all clusters. */
function candidates(
  { waypoints }: WaypointsOfMesh,
  { settings, idleSince }: WaypointLifecycles,
): ReclaimCandidate[] {
  const byKey = new Map<string, KnownWaypoint[]>();
  for (const one of waypoints) {
    const key = keyOf(one.summary.namespace, one.summary.name);
    byKey.set(key, [...(byKey.get(key) ?? []), one]);
  }
  return [...byKey].map(([key, list]) => {
    const { summary, pool } = list[0]!;
    return {
      key,
      bound: list.reduce((sum, { users }) => sum + users.bound.length, 0),
      releasable:
        list.every(
          ({ summary: { policyId, state } }) => policyId !== null && state !== 'Unknown',
        ) && list.some(({ users }) => users.attached.length > 0),
      rule: reclaimRule(settings, summary, pool?.reclaim ?? null),
      idleSince: idleSince.get(key) ?? null,
    };
  });
}

/** What would be bound to it, were it there and named as before. */
function releasedCandidate(
  key: string,
  was: Released & { namespace: string; name: string },
  clusters: readonly KnownCluster[],
  { settings }: WaypointLifecycles,
): ReleasedCandidate {
  const wantedBy = clusters.flatMap(({ clusterId, facts }) => {
    const after = withRows(facts, was.rows, clusterId);
    const gateways = new Map(facts.gateways).set(key, was.object as unknown as GatewayFact);
    const { bound = [] } = waypointUsers({ ...after, gateways }).get(key) ?? {};
    return bound.map(({ kind, namespace, name }) => `${kind} ${keyOf(namespace, name)}`);
  });
  return { key, rule: reclaimRule(settings, was, null), wantedBy: [...new Set(wantedBy)] };
}

/** Writes since when waypoints are idle; of those that are gone, or not looked at, what was known counts no more. */
async function keepIdle(
  place: { tx: Tx; organisationId: string; meshId: string },
  idle: ReadonlyMap<string, number | null>,
  { idleSince }: WaypointLifecycles,
): Promise<void> {
  for (const key of new Set([...idleSince.keys(), ...idle.keys()])) {
    const since = idle.get(key) ?? null;
    if ((idleSince.get(key) ?? null) === since) continue;
    const [namespace = '', name = ''] = key.split('/');
    await putLifecycle(
      place,
      { namespace, name },
      { idleSince: since === null ? null : new Date(since) },
    );
  }
}
