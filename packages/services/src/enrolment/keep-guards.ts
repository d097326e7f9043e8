import type { KubeObject } from '@ambit/contracts/common';
import { inTenant, type Database } from '@ambit/db/database';
import { namedClients } from '@ambit/istio/enrolment/clients';
import { carrierOf } from '@ambit/istio/enrolment/ends';
import { podsOf, type ClusterFacts, type ServiceFact } from '@ambit/istio/enrolment/facts';
import {
  guardLabel,
  isGuard,
  isNeededGuard,
  isSameGuard,
  wantedGuards,
} from '@ambit/istio/enrolment/guard';
import { waypointOfService } from '@ambit/istio/enrolment/waypoint';
import { effectsOf } from '../kernel/effects.ts';
import { loadFacts, type KnownCluster } from './load.ts';
import { writePolicies } from './write-policies.ts';

/**
 * Brings the guards of a mesh up to date, where they are kept: one for each Service whose pods are in ambient mode
 * and whose waypoint serves, naming the clients with sidecars that there are now. A guard whose Service has no waypoint any
 * more stays as long as an L7 policy protects the Service: it is what keeps that policy from being gone past.
 * @returns how many policies were written or taken away
 */
export async function keepGuards(
  { db, now }: { db: Database; now: () => Date },
  organisationId: string,
  meshId: string,
): Promise<number> {
  return inTenant(db, organisationId, async (tx) => {
    const mesh = await tx.mesh.findUnique({
      where: { id: meshId },
      select: { guardMode: true, activeRelease: true },
    });
    if (mesh?.guardMode !== 'keep' || mesh.activeRelease === null) return 0;
    const busy = await tx.operation.findFirst({
      where: { targetId: meshId, finishedAt: null },
      select: { id: true },
    });
    // An operation on the mesh knows its own order; guards follow when it is done.
    if (busy) return 0;
    const at = now();
    const clusters = await loadFacts(tx, meshId, at);
    if (clusters.some(({ complete }) => !complete)) return 0;
    const { enqueue } = effectsOf(tx, organisationId);
    return writePolicies({ tx, organisationId, meshId, now: at, enqueue }, differenceOf(clusters));
  });
}

/** What is to be written, and what is to go. Pure. */
export function differenceOf(clusters: readonly KnownCluster[]): {
  put: KubeObject[];
  remove: KubeObject[];
} {
  const wanted = new Map<string, KubeObject>();
  for (const { facts } of clusters) {
    const named = namedClients(facts);
    for (const guard of wantedGuards(facts, () => named)) {
      const service = serviceOf(facts, guard);
      const key = keyOf(guard);
      if (service && isTrue(facts, service)) wanted.set(key, merged(wanted.get(key), guard));
    }
  }
  const live = new Map(
    clusters.flatMap(({ facts }) =>
      facts.policies.filter(isGuard).map((guard) => [keyOf(guard), guard] as const),
    ),
  );
  const put = [...wanted.values()].filter((guard) => {
    const now = live.get(keyOf(guard));
    return !now || !isSameGuard(guard, now);
  });
  const remove = [...live.values()].filter(
    (guard) => !wanted.has(keyOf(guard)) && clusters.every(({ facts }) => isNeedless(facts, guard)),
  );
  return { put, remove };
}

const keyOf = ({ metadata }: KubeObject): string => `${metadata.namespace}/${metadata.name}`;

const serviceOf = (facts: ClusterFacts, { metadata }: KubeObject): ServiceFact | undefined =>
  facts.services
    .get(metadata.namespace ?? '')
    ?.find((service) => service.metadata.name === metadata.labels?.[guardLabel]);

/** Before its pods are redirected and its waypoint serves, a guard would refuse everybody. */
function isTrue(facts: ClusterFacts, service: ServiceFact): boolean {
  const pods = podsOf(facts, service);
  return (
    waypointOfService(facts, service)?.ready === true &&
    pods.length > 0 &&
    pods.every((pod) => carrierOf(pod) === 'ambient')
  );
}

function isNeedless(facts: ClusterFacts, guard: KubeObject): boolean {
  const service = serviceOf(facts, guard);
  return !(service && waypointOfService(facts, service)) && !isNeededGuard(facts, guard);
}

interface GuardSpec {
  rules: { from: { source: { notPrincipals: string[] } }[] }[];
}

/** Over several clusters a guard lets pass whom any of them names. */
function merged(before: KubeObject | undefined, guard: KubeObject): KubeObject {
  if (!before) return guard;
  const passes = (of: KubeObject) =>
    (of['spec'] as GuardSpec).rules.flatMap(({ from }) =>
      from.flatMap(({ source }) => source.notPrincipals),
    );
  const notPrincipals = [...new Set([...passes(before), ...passes(guard)])].sort();
  return {
    ...guard,
    spec: { ...(guard['spec'] as object), rules: [{ from: [{ source: { notPrincipals } }] }] },
  };
}
