import type { KubeObject, ObjectRef } from '@ambit/contracts/common';
import {
  holdLabel,
  holdUntilAnnotation,
  poolLabel,
  type NamedPool,
  type ReportedPool,
  type ReportedWaypoint,
  type WaypointSettings,
} from '@ambit/contracts/agent/waypoint';
import { classObjects, classOf, scalerOf, type PoolScaler } from './class-objects.ts';
import { includes } from './includes.ts';
import { keptReplicas } from './replicas-kept.ts';
import { decideReplicas, type Advice, type Load } from './scale.ts';
import type { Doorkeeper } from './sleep/plan-sleep.ts';
import { endedDoors, planSleepOf, poolsThatMaySleep, portsOf } from './sleep/waypoints-asleep.ts';
import {
  deploymentOf,
  isWaypoint,
  nothingWatched,
  poolOf,
  scalerFor,
  waypointStatus,
  type Watched,
} from './status.ts';
import {
  defaultsLabel,
  keyOf,
  workloadName,
  type GatewayObject,
  type WaypointWorld,
} from './objects.ts';
import type { Metadata } from '../../kube/watch.ts';

export type WaypointAction =
  | { do: 'apply'; object: KubeObject }
  /** Says the replicas of a Deployment once more, so that they stay when istiod leaves them out. */
  | { do: 'keep'; object: KubeObject }
  | { do: 'delete'; ref: ObjectRef; metadata: Metadata; why: string }
  | ({ do: 'scale' } & Scaling)
  | ({ do: 'wake'; object: KubeObject } & Scaling);

interface Scaling {
  namespace: string;
  name: string;
  from: number;
  to: number;
  why: string;
}

/** What is remembered of a waypoint from one look to the next. */
export interface Remembered extends Watched {
  load: Load;
  history: readonly Advice[];
  /** Since when nothing went through it; null: something did, or it is not known. */
  quietSince: number | null;
}

export interface PlanInput {
  /** Null: waypoints are left alone, and what was made of pools goes. */
  settings: WaypointSettings | null;
  agentNamespace: string;
  world: WaypointWorld;
  memory: ReadonlyMap<string, Remembered>;
  /** Image of the proxies that run, for what keeps it on nodes. */
  image: string | null;
  /** Who takes connections in for waypoints that sleep. */
  keeper: Doorkeeper;
  now: number;
}

export interface WaypointPlan {
  actions: WaypointAction[];
  waypoints: ReportedWaypoint[];
  pools: ReportedPool[];
  /** Advices to remember, by the key of the waypoint. */
  histories: Map<string, Advice[]>;
}

/** What is to be done about the waypoints of a cluster, and how they are. The same world gives the same plan. Pure. */
export function planWaypoints(input: PlanInput): WaypointPlan {
  const { settings, world } = input;
  const pools = settings?.pools ?? [];
  const actions: WaypointAction[] = [];
  const sleepers = poolsThatMaySleep(world, pools);
  const told = pools.map((pool) => planPool(input, settings!, pool, sleepers, actions));
  actions.push(...endedHolds(input), ...endedDoors(input));
  actions.push(...leftovers(input, new Set(pools.map(({ name }) => name))));
  for (const gateway of world.gateways.values()) {
    const object = settings && keptReplicas(gateway, world);
    if (object) actions.push({ do: 'keep', object });
  }
  const histories = new Map<string, Advice[]>();
  const byName = new Map(pools.map((pool) => [pool.name, pool]));
  const ports = portsOf(world);
  const waypoints = [...world.gateways.values()]
    .filter((gateway) => isWaypoint(gateway, world.classes))
    .map((gateway) =>
      planWaypoint(input, gateway, { pools: byName, sleepers, actions, histories, ports }),
    );
  return { actions, waypoints, pools: told, histories };
}

function planPool(
  { world, agentNamespace, image }: PlanInput,
  { rootNamespace }: WaypointSettings,
  pool: NamedPool,
  sleepers: ReadonlySet<string>,
  actions: WaypointAction[],
): ReportedPool {
  const { name, spec } = pool;
  const scaler = scalerOf(spec, world.metricsApi);
  const problems: string[] = [];
  const lacking: KubeObject[] = [];
  const maySleep = sleepers.has(name);
  const place = { rootNamespace, agentNamespace };
  for (const object of classObjects(pool, place, scaler, image, maySleep)) {
    const found = foundOf(world, object);
    if (found && found.metadata.labels?.[poolLabel] !== name) {
      problems.push(`${object.kind} ${object.metadata.name} is there and is not Ambit's`);
    } else if (!found || !includes(found, object)) lacking.push(object);
  }
  // A class that is there before its defaults would have istiod make waypoints without them, and roll each at once.
  const isDefaultsDue = lacking.some(({ kind }) => kind === 'ConfigMap');
  const due = lacking.filter(({ kind }) => kind !== 'GatewayClass' || !isDefaultsDue);
  actions.push(...due.map((object) => ({ do: 'apply' as const, object })));
  const rival = rivalOf(world, name);
  if (rival) {
    problems.push(
      `ConfigMap ${rival} is older and has defaults for the same class: istiod goes by it`,
    );
  }
  if (spec.scaling.by === 'hpa' && !world.metricsApi) {
    problems.push(
      'the cluster serves no metrics.k8s.io: its HorizontalPodAutoscaler scales nothing',
    );
  }
  if (scaler === 'fixed' && spec.scaling.by === 'auto') {
    problems.push(
      `nothing measures CPU here, and no other target is set: ${spec.minReplicas} replicas, always`,
    );
  }
  const keeper = world.daemonSets.get(`${agentNamespace}/${classOf(name)}-image`);
  return {
    name,
    ready: world.classes.get(classOf(name))?.metadata.labels?.[poolLabel] === name,
    scaler,
    message: problems.join('; '),
    prePulled: spec.prePull
      ? {
          ready: keeper?.status?.numberReady ?? 0,
          total: keeper?.status?.desiredNumberScheduled ?? 0,
        }
      : null,
  };
}

function foundOf(world: WaypointWorld, { kind, metadata }: KubeObject) {
  const key = metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name;
  if (kind === 'GatewayClass') return world.classes.get(key);
  if (kind === 'ConfigMap') return world.defaults.get(key);
  return world.daemonSets.get(key);
}

/** Of several defaults for one class istiod takes the oldest. */
function rivalOf({ defaults }: WaypointWorld, pool: string): string | null {
  const all = [...defaults.values()].filter(
    ({ metadata }) => metadata.labels?.[defaultsLabel] === classOf(pool),
  );
  const [oldest] = all.toSorted((a, b) =>
    (a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? -1 : 1,
  );
  return oldest && oldest.metadata.labels?.[poolLabel] !== pool ? keyOf(oldest) : null;
}

/** Holds whose time is over, or whose waypoint is gone with all of its pods: one that still drains needs what it serves. */
function endedHolds({ world, now }: PlanInput): WaypointAction[] {
  return [...world.holds.values()].flatMap(({ metadata }) => {
    const { namespace = '', name, labels, annotations } = metadata;
    const waypoint = `${namespace}/${labels?.[holdLabel] ?? ''}`;
    const isLate = now > Number(annotations?.[holdUntilAnnotation] ?? 0);
    const isGone = !world.gateways.has(waypoint) && !world.pods.has(waypoint);
    if (!isLate && !isGone) return [];
    const apiVersion = 'networking.istio.io/v1alpha3';
    return {
      do: 'delete' as const,
      ref: { apiVersion, kind: 'EnvoyFilter', namespace, name },
      metadata,
      why: isGone ? 'its waypoint is gone' : 'its time is over',
    };
  });
}

/** What was made of pools that are no more. A class stays while a Gateway is of it: istiod would let go of the waypoint. */
function leftovers({ world, agentNamespace }: PlanInput, pools: Set<string>): WaypointAction[] {
  const used = new Set([...world.gateways.values()].map(({ spec }) => spec.gatewayClassName));
  const isLeft = ({ metadata }: { metadata: Metadata }): boolean => {
    const pool = metadata.labels?.[poolLabel];
    return pool !== undefined && !pools.has(pool) && !used.has(classOf(pool));
  };
  const remove = (apiVersion: string, kind: string, { metadata }: { metadata: Metadata }) => ({
    do: 'delete' as const,
    ref: {
      apiVersion,
      kind,
      name: metadata.name,
      ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
    },
    metadata,
    why: 'its pool is no more',
  });
  const keepers = [...world.daemonSets.values()].filter(({ metadata }) => {
    const pool = metadata.labels?.[poolLabel];
    return pool !== undefined && metadata.namespace === agentNamespace && !pools.has(pool);
  });
  return [
    ...[...world.classes.values()]
      .filter(isLeft)
      .map((one) => remove('gateway.networking.k8s.io/v1', 'GatewayClass', one)),
    ...[...world.defaults.values()].filter(isLeft).map((one) => remove('v1', 'ConfigMap', one)),
    ...keepers.map((one) => remove('apps/v1', 'DaemonSet', one)),
  ];
}

interface Planned {
  pools: ReadonlyMap<string, NamedPool>;
  sleepers: ReadonlySet<string>;
  actions: WaypointAction[];
  histories: Map<string, Advice[]>;
  /** Of all doors, those that are asked for here among them. */
  ports: Set<number>;
}

function planWaypoint(
  input: PlanInput,
  gateway: GatewayObject,
  { pools, sleepers, actions, histories, ports }: Planned,
): ReportedWaypoint {
  const { world, memory, now } = input;
  const key = keyOf(gateway);
  const known = memory.get(key);
  const watched = known ?? nothingWatched;
  const pool = pools.get(poolOf(gateway, world.classes));
  const scaler: PoolScaler | 'none' = pool ? scalerOf(pool.spec, world.metricsApi) : 'none';
  const hpa = scalerFor(gateway, world);
  const deployment = deploymentOf(gateway, world);
  const { lastAt, message } = { lastAt: watched.scaled.at, message: watched.scaled.why };
  const slept = planSleepOf(input, { gateway, deployment, hpa, pool, ports });
  actions.push(...slept.actions);
  const { sleep } = slept;
  if (hpa) {
    // Left behind when the pool's way of scaling changed: istiod made it, and the pool wants it no more.
    const isLeft = pool && scaler !== 'hpa' && isIstiods(hpa, gateway);
    if (isLeft) {
      actions.push({
        do: 'delete',
        ref: {
          apiVersion: 'autoscaling/v2',
          kind: 'HorizontalPodAutoscaler',
          namespace: hpa.metadata.namespace ?? '',
          name: hpa.metadata.name,
        },
        metadata: hpa.metadata,
        why: 'the pool is not scaled by one any more',
      });
    }
    const inactive = hpa.status?.conditions?.find(
      ({ type, status }) => type === 'ScalingActive' && status === 'False',
    );
    return waypointStatus(
      gateway,
      world,
      {
        by: 'hpa',
        min: hpa.spec.minReplicas ?? 1,
        max: hpa.spec.maxReplicas,
        message: sleep.phase === 'asleep' ? '' : (inactive?.message ?? '').slice(0, 500),
        lastAt,
      },
      watched,
      sleep,
    );
  }
  const bounds = {
    min: pool?.spec.minReplicas ?? 0,
    max: scaler === 'fixed' ? (pool?.spec.minReplicas ?? 0) : (pool?.spec.maxReplicas ?? 0),
  };
  const isMine = pool && deployment && !gateway.metadata.deletionTimestamp && !slept.holdsReplicas;
  // Of a pool with a fixed number istiod keeps it, unless a waypoint of it may sleep.
  const isFixedHere = scaler === 'fixed' && pool && sleepers.has(pool.name);
  if (!isMine || deployment.metadata.deletionTimestamp || !(scaler === 'agent' || isFixedHere)) {
    const scaling = { by: scaler, ...bounds, message, lastAt };
    return waypointStatus(gateway, world, scaling, watched, sleep);
  }
  const current = deployment.spec.replicas ?? 1;
  if (isFixedHere) {
    const why = `the pool has ${bounds.min} replicas`;
    const place = { namespace: gateway.metadata.namespace ?? '', name: workloadName(gateway) };
    if (current !== bounds.min) {
      actions.push({ do: 'scale', ...place, from: current, to: bounds.min, why });
    }
    const scaling = { by: scaler, ...bounds, message: why, lastAt };
    return waypointStatus(gateway, world, scaling, watched, sleep);
  }
  const decision = decideReplicas({
    spec: pool.spec,
    current,
    ready: deployment.status?.readyReplicas ?? 0,
    load: known?.load ?? { requestsPerSecond: null, activeRequests: null, told: 0 },
    measuredAt: watched.figures.at,
    history: known?.history ?? [],
    now,
  });
  histories.set(key, decision.history);
  if (decision.replicas !== current) {
    actions.push({
      do: 'scale',
      namespace: gateway.metadata.namespace ?? '',
      name: workloadName(gateway),
      from: current,
      to: decision.replicas,
      why: decision.why,
    });
  }
  return waypointStatus(
    gateway,
    world,
    { by: 'agent', ...bounds, message: decision.why.slice(0, 500), lastAt },
    watched,
    sleep,
  );
}

const isIstiods = (hpa: { metadata: Metadata }, gateway: GatewayObject): boolean =>
  hpa.metadata.ownerReferences?.some(({ uid }) => uid === gateway.metadata.uid) ?? false;
