import type { KubeObject } from '@ambit/contracts/common';
import type { InputOf } from '@ambit/contracts/operation';
import { waypointPreview } from '@ambit/contracts/operations/waypoint';
import { keyOf, type ClusterFacts } from '@ambit/istio/enrolment/facts';
import { waypointUsers } from '@ambit/istio/waypoint/bound';
import { admitPolicies } from '../diagnosis/admit-policies.ts';
import type { Context } from '../kernel/context.ts';
import { AmbitError, notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { refuseWhileBusy } from '../lifecycle/start.ts';
import { requireMesh } from '../mesh/lock.ts';
import { loadWaypoints, type KnownWaypoint, type WaypointsOfMesh } from './load.ts';
import { planRelease } from './release.ts';
import { loadPools } from './reports.ts';
import { moveConsequences } from './move-words.ts';
import { namesOf } from '../waypoint-pool/users.ts';
import { sleepChange } from './sleep-words.ts';
import { consequencesOf } from './words.ts';
import { ownRow, refuseInUse, requirePool, updatedGateway, wantedOf } from './write.ts';

type Input = InputOf<typeof waypointPreview>;
type Told = { consequences: string[]; steps: string[] };
type Refusal = { message: string; fix: string };

export const previewWaypoint = implement(waypointPreview, async (context, input) => {
  const mesh = await requireMesh(context.tx, input.meshId);
  const all = await loadWaypoints(context.tx, input.meshId, context.now);
  const found = all.waypoints.filter(
    ({ summary }) => summary.namespace === input.namespace && summary.name === input.name,
  );
  if (found.length === 0) {
    throw notFound('waypoint', `${input.namespace}/${input.name}`);
  }
  const refusals: Refusal[] = [];
  /** What the verb itself would throw, told instead. */
  const tried = async <T>(go: () => Promise<T> | T): Promise<T | undefined> => {
    try {
      return await go();
    } catch (error) {
      if (!(error instanceof AmbitError)) throw error;
      refusals.push({ message: error.message, fix: error.fix ?? '' });
      return undefined;
    }
  };
  const row = await tried(() => ownRow(context, input));
  const object = row?.object as KubeObject | undefined;
  const told = await acts[input.act](context, { input, mesh, all, found, object, tried });
  return { allowed: refusals.length === 0, refusals, ...told };
});

interface Seen {
  input: Input;
  mesh: { id: string; name: string };
  all: WaypointsOfMesh;
  found: KnownWaypoint[];
  /** Its Gateway among the policies of the mesh; undefined where it was applied by others. */
  object: KubeObject | undefined;
  tried: <T>(go: () => Promise<T> | T) => Promise<T | undefined>;
}

const acts: Record<Input['act'], (context: Context, seen: Seen) => Promise<Told>> = {
  update: async (context, { input, all, found, object, tried }) => {
    const { meshId, namespace, name, change } = input;
    const pools = await loadPools(context.tx, meshId);
    const [first] = found;
    if (!change || !first) return { consequences: [], steps: [] };
    await tried(() => requirePool(context, meshId, change.pool));
    const consequences = moveConsequences({
      from: { name: first.summary.pool, spec: first.pool },
      to: {
        name: change.pool,
        spec: change.pool === null ? null : (pools.get(change.pool) ?? null),
      },
      replicas: found.reduce((sum, { summary }) => sum + summary.replicas.total, 0),
    });
    if (object) {
      consequences.push(...sleepChange(wantedOf(object).sleep, change.sleep));
      const after = updatedGateway(object, { ...change, meshId, namespace, name });
      consequences.push(
        ...all.clusters.flatMap(({ facts }) => unattached(facts, keyOf(namespace, name), after)),
      );
      await tried(() => admitPolicies(context, meshId, [{ object: after }]));
    }
    return {
      consequences: consequences.length > 0 ? consequences : ['Nothing changes.'],
      steps: [],
    };
  },
  release: async (context, { input, mesh, all, tried }) => {
    const plan = await tried(() => planRelease(context, input, all));
    await tried(() => refuseWhileBusy(context, mesh));
    const text = `${input.namespace}/${input.name}`;
    return {
      consequences: plan
        ? [
            `Traffic to what names ${text} goes straight to the pods: encryption and L4 policies go on as they are.`,
            ...plan.preview.losses.map((loss) => `Lost, or to be looked at: ${loss}.`),
            `The Gateway ${text} goes, and its replicas with it.`,
          ]
        : [],
      steps: plan ? plan.preview.steps.map(({ title }) => title) : [],
    };
  },
  delete: async (context, { input, found, object, tried }) => {
    const text = `${input.namespace}/${input.name}`;
    if (object) {
      await tried(() => refuseInUse(text, found));
      await tried(() => admitPolicies(context, input.meshId, [{ object, deleted: true }]));
    }
    const replicas = found.reduce((sum, { summary }) => sum + summary.replicas.total, 0);
    return {
      consequences: [
        ...found.flatMap(({ users }) => consequencesOf(text, users)),
        ...(replicas > 0 ? [`Its replicas end: ${replicas}.`] : []),
      ].filter((one, at, them) => them.indexOf(one) === at),
      steps: [],
    };
  },
};

/** Who uses a waypoint now and could not any more once its Gateway is so, a sentence each. */
function unattached(facts: ClusterFacts, key: string, after: KubeObject): string[] {
  const gateway = facts.gateways.get(key);
  if (!gateway) return [];
  const { labels } = after.metadata;
  const changed = {
    ...gateway,
    metadata: { ...gateway.metadata, labels: { ...gateway.metadata.labels, ...labels } },
    spec: after['spec'] as typeof gateway.spec,
  };
  const usersOf = (these: ClusterFacts) => waypointUsers(these).get(key)?.attached ?? [];
  const before = usersOf(facts);
  const later = usersOf({ ...facts, gateways: new Map(facts.gateways).set(key, changed) });
  const lost = new Map<string, string[]>();
  for (const { kind, namespace, name, ready, why } of later) {
    const was = before.find(
      (one) => one.kind === kind && one.namespace === namespace && one.name === name,
    );
    if (was?.ready && !ready) {
      lost.set(why, [...(lost.get(why) ?? []), `${kind} ${namespace}/${name}`]);
    }
  }
  return [...lost].map(
    ([why, names]) =>
      `${namesOf(names)} could not use it any more: ${why}. Traffic to them would go past it.`,
  );
}
