import {
  istioWaypointClass,
  sleepAfterAnnotation,
  sleepWishOf,
  waypointClassPrefix,
} from '@ambit/contracts/agent/waypoint';
import type { KubeObject } from '@ambit/contracts/common';
import type { InputOf } from '@ambit/contracts/operation';
import {
  waypointCreate,
  waypointDelete,
  waypointUpdate,
  type WaypointSummary,
} from '@ambit/contracts/operations/waypoint';
import type { SleepWish } from '@ambit/contracts/operations/waypoint-sleep';
import { namespaceNameLabel, waypointGateway } from '@ambit/istio/enrolment/waypoint-object';
import type { Context } from '../kernel/context.ts';
import { AmbitError, conflict, notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { waypointForLabel } from '@ambit/istio/enrolment/waypoint';
import { admitPolicies } from '../diagnosis/admit-policies.ts';
import { writePolicies } from '../enrolment/write-policies.ts';
import { lockMesh } from '../mesh/lock.ts';
import { loadWaypoints, type KnownWaypoint } from './load.ts';
import { loadPools } from './reports.ts';
import { requireAmbient } from './require-ambient.ts';
import { consequencesOf } from './words.ts';

type Wish = InputOf<typeof waypointCreate>;

/** The Gateway of a waypoint, as `kubectl apply` on the mesh API would bring it. */
export const gatewayOf = ({ namespace, name, pool, takes, from, sleep }: Wish): KubeObject =>
  withSleep(
    waypointGateway({
      namespace,
      name,
      gatewayClass: pool === null ? istioWaypointClass : `${waypointClassPrefix}${pool}`,
      takes,
      from,
    }),
    sleep,
  );

/** The Gateway with what is asked of its sleep; `pool` says nothing in it. */
function withSleep(gateway: KubeObject, sleep: SleepWish): KubeObject {
  const { annotations: before, ...metadata } = gateway.metadata;
  const { [sleepAfterAnnotation]: _, ...others } = before ?? {};
  const annotations =
    sleep === 'pool' ? others : { ...others, [sleepAfterAnnotation]: String(sleep) };
  const has = Object.keys(annotations).length > 0;
  return { ...gateway, metadata: { ...metadata, ...(has ? { annotations } : {}) } };
}

interface Listener {
  allowedRoutes?: {
    namespaces?: {
      from?: string;
      selector?: {
        matchLabels?: object;
        matchExpressions?: { key: string; operator: string; values?: string[] }[];
      };
    };
  };
}

/** Who may use a waypoint, as `gatewayOf` writes it; null for what it does not write. */
export function fromOf(
  gateway: (KubeObject & { spec?: { listeners?: Listener[] } }) | undefined,
  own: string,
): Wish['from'] | null {
  const listeners = gateway?.spec?.listeners ?? [];
  const [listener] = listeners;
  if (!listener || listeners.length > 1) return null;
  const { from = 'Same', selector } = listener.allowedRoutes?.namespaces ?? {};
  if (from === 'Same' || from === 'All') return from;
  const [expression] = selector?.matchExpressions ?? [];
  const isOurs =
    expression?.key === namespaceNameLabel &&
    expression.operator === 'In' &&
    selector?.matchExpressions?.length === 1 &&
    !selector.matchLabels;
  if (!isOurs) return null;
  const others = (expression.values ?? []).filter((name) => name !== own);
  return others.length === 0 ? 'Same' : others;
}

/** What a Gateway of the mesh asks for, as `gatewayOf` writes it. */
export function wantedOf(object: KubeObject & { spec?: { gatewayClassName?: string } }): {
  pool: string | null;
  takes: string;
  sleep: SleepWish;
} {
  const { metadata, spec } = object;
  const ofClass = spec?.gatewayClassName ?? '';
  return {
    pool: ofClass.startsWith(waypointClassPrefix)
      ? ofClass.slice(waypointClassPrefix.length)
      : null,
    takes: metadata.labels?.[waypointForLabel] ?? 'service',
    sleep: sleepWishOf(metadata.annotations?.[sleepAfterAnnotation]),
  };
}

/** @throws AmbitError unprocessable */
export async function requirePool(
  { tx }: Context,
  meshId: string,
  pool: string | null,
): Promise<void> {
  if (pool === null || (await loadPools(tx, meshId)).has(pool)) return;
  const message = `the mesh has no pool "${pool}"`;
  throw new AmbitError('unprocessable', message, {
    fix: 'make it with waypointPool.create, or leave pool out',
    details: [{ path: 'pool', message }],
  });
}

async function gatewayRow({ tx }: Context, meshId: string, namespace: string, name: string) {
  return tx.policy.findFirst({
    where: {
      meshId,
      group: 'gateway.networking.k8s.io',
      kind: 'Gateway',
      namespace,
      name,
      deletedAt: null,
      auxiliary: false,
    },
  });
}

/** The waypoint as it is known now, in the first cluster that knows it. @throws AmbitError not_found */
async function summaryOf(
  { tx, now }: Context,
  { meshId, namespace, name }: { meshId: string; namespace: string; name: string },
): Promise<WaypointSummary> {
  const { waypoints } = await loadWaypoints(tx, meshId, now);
  const found = waypoints.find(
    ({ summary }) => summary.namespace === namespace && summary.name === name,
  );
  if (!found) throw notFound('waypoint', `${namespace}/${name}`);
  return found.summary;
}

const target = ({ namespace, name }: { namespace: string; name: string }) => `${namespace}/${name}`;

export const createWaypoint = implement(
  waypointCreate,
  async (context, input) => {
    const { meshId, namespace, name } = input;
    const mesh = await lockMesh(context.tx, meshId);
    requireAmbient(mesh);
    await requirePool(context, meshId, input.pool);
    if (await gatewayRow(context, meshId, namespace, name)) {
      const message = `${mesh.name} has a Gateway ${namespace}/${name} already`;
      throw new AmbitError('conflict', message, {
        fix: 'take another name, or change that one with waypoint.update',
        details: [{ path: 'name', message }],
      });
    }
    const object = gatewayOf(input);
    await admitPolicies(context, meshId, [{ object }]);
    await writePolicies({ ...context, meshId }, { put: [object], remove: [] });
    await context.changed('waypoint', target(input), 'created', meshId);
    return summaryOf(context, input);
  },
  target,
);

/** What a waypoint of the mesh is; one that others applied is changed where it came from. */
export async function ownRow(
  context: Context,
  input: { meshId: string; namespace: string; name: string },
) {
  const row = await gatewayRow(context, input.meshId, input.namespace, input.name);
  if (row) return row;
  await summaryOf(context, input);
  throw conflict(
    `waypoint ${target(input)} was applied in the cluster by others`,
    'change it where it was applied, or adopt it with direct.adopt',
  );
}

/** What else somebody wrote into it stays: labels, annotations, parameters, and who may use it unless that is told. */
export function updatedGateway(
  before: KubeObject & { spec?: { listeners?: object[] } },
  change: InputOf<typeof waypointUpdate>,
): KubeObject {
  const after = gatewayOf({ ...change, from: change.from ?? 'Same', sleep: 'pool' });
  const kept = change.sleep === undefined ? before : withSleep(before, change.sleep);
  return {
    ...before,
    metadata: {
      ...kept.metadata,
      labels: { ...before.metadata.labels, ...after.metadata.labels },
    },
    spec: {
      ...before.spec,
      ...(after['spec'] as object),
      ...(change.from === undefined && before.spec?.listeners
        ? { listeners: before.spec.listeners }
        : {}),
    },
  };
}

export const updateWaypoint = implement(
  waypointUpdate,
  async (context, input) => {
    const { meshId } = input;
    await lockMesh(context.tx, meshId);
    await requirePool(context, meshId, input.pool);
    const row = await ownRow(context, input);
    const object = updatedGateway(row.object as KubeObject, input);
    await admitPolicies(context, meshId, [{ object }]);
    await writePolicies({ ...context, meshId }, { put: [object], remove: [] });
    await context.changed('waypoint', target(input), 'updated', meshId);
    return summaryOf(context, input);
  },
  target,
);

/** @throws AmbitError conflict that names what uses it, and where */
export function refuseInUse(text: string, found: readonly KnownWaypoint[]): void {
  const used = found.filter(({ users }) => users.attached.length > 0);
  const [first] = used;
  if (!first) return;
  throw conflict(
    `waypoint ${text} is in use in ${used.map(({ summary }) => summary.clusterName).join(', ')}. ${consequencesOf(text, first.users).join(' ')}`,
    'take the labels away first: enrolment.change with mode L4, or waypoint.release',
  );
}

export const deleteWaypoint = implement(
  waypointDelete,
  async (context, input) => {
    const { meshId, namespace, name } = input;
    await lockMesh(context.tx, meshId);
    const row = await ownRow(context, input);
    const { waypoints } = await loadWaypoints(context.tx, meshId, context.now);
    refuseInUse(
      target(input),
      waypoints.filter(({ summary }) => summary.namespace === namespace && summary.name === name),
    );
    const object = row.object as KubeObject;
    await admitPolicies(context, meshId, [{ object, deleted: true }]);
    await writePolicies({ ...context, meshId }, { put: [], remove: [object] });
    await context.changed('waypoint', target(input), 'deleted', meshId);
    return {
      namespace,
      name,
      consequences: consequencesOf(target(input), { attached: [], bound: [] }),
    };
  },
  target,
);
