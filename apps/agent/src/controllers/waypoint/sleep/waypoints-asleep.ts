import {
  sleepAfterAnnotation,
  sleepWishOf,
  type NamedPool,
  type ReportedWaypoint,
} from '@ambit/contracts/agent/waypoint';
import { classOf } from '../class-objects.ts';
import {
  isHoldOf,
  isTrue,
  isUp,
  workloadName,
  type DeploymentObject,
  type DoorObject,
  type GatewayObject,
  type ScalerObject,
  type WaypointWorld,
} from '../objects.ts';
import type { PlanInput, WaypointAction } from '../plan.ts';
import { doorApi, readDoor } from './door.ts';
import { planSleep } from './plan-sleep.ts';

const wishOf = ({ metadata }: GatewayObject) =>
  sleepWishOf(metadata.annotations?.[sleepAfterAnnotation]);

/** Seconds without a request after which a waypoint sleeps: its own word goes before its pool's. Null: never. */
export function sleepAfterOf(gateway: GatewayObject, pool: NamedPool | undefined): number | null {
  const wish = wishOf(gateway);
  if (wish === 'pool') return pool?.spec.sleepAfterS ?? null;
  return wish === 'never' ? null : wish;
}

/** Pools of which a waypoint may have no replica: of these nobody but the agent says how many there are. */
export function poolsThatMaySleep(
  { gateways }: WaypointWorld,
  pools: readonly NamedPool[],
): Set<string> {
  const classes = new Set(
    [...gateways.values()]
      .filter((gateway) => typeof wishOf(gateway) === 'number')
      .map(({ spec }) => spec.gatewayClassName),
  );
  return new Set(
    pools
      .filter(({ name, spec }) => spec.sleepAfterS !== null || classes.has(classOf(name)))
      .map(({ name }) => name),
  );
}

export const portsOf = ({ doors }: WaypointWorld): Set<number> =>
  new Set([...doors.values()].flatMap((door) => readDoor(door)?.port ?? []));

const unlock = ({ metadata }: DoorObject, why: string): WaypointAction => ({
  do: 'delete',
  ref: {
    apiVersion: doorApi,
    kind: 'WorkloadEntry',
    namespace: metadata.namespace ?? '',
    name: metadata.name,
  },
  metadata,
  why,
});

/** Doors of waypoints that are gone. */
export const endedDoors = ({ world }: PlanInput): WaypointAction[] =>
  [...world.doors]
    .filter(([key]) => !world.gateways.has(key))
    .map(([, door]) => unlock(door, 'its waypoint is gone'));

/** Addresses of the replicas of a waypoint that serve now. */
export const servingAddresses = ({ pods }: Pick<WaypointWorld, 'pods'>, key: string): string[] =>
  (pods.get(key) ?? []).filter(isUp).flatMap(({ status }) => status?.podIP ?? []);

/** What is to be done about the sleep of a waypoint, as actions of the cluster. Pure, but for the ports that it takes. */
export function planSleepOf(
  { world, memory, keeper, now }: PlanInput,
  of: {
    gateway: GatewayObject;
    deployment: DeploymentObject | undefined;
    hpa: ScalerObject | undefined;
    pool: NamedPool | undefined;
    ports: Set<number>;
  },
): {
  actions: WaypointAction[];
  holdsReplicas: boolean;
  sleep: NonNullable<ReportedWaypoint['sleep']>;
} {
  const { gateway, deployment, hpa, pool, ports } = of;
  const { namespace = '', name } = gateway.metadata;
  const key = `${namespace}/${name}`;
  const { action, holdsReplicas, told } = planSleep({
    key,
    gateway,
    deployment,
    door: world.doors.get(key),
    afterS: sleepAfterOf(gateway, pool),
    floor: Math.max(1, hpa?.spec.minReplicas ?? pool?.spec.minReplicas ?? 1),
    ready: servingAddresses(world, key).length,
    unsettled: unsettled(world, gateway, deployment),
    quietSince: memory.get(key)?.quietSince ?? null,
    keeper,
    ports,
    now,
  });
  const place = { namespace, name: workloadName(gateway) };
  const actions = ((): WaypointAction[] => {
    switch (action?.do) {
      case undefined:
        return [];
      case 'apply': {
        const port = readDoor(action.object as unknown as DoorObject)?.port;
        if (port !== undefined) ports.add(port);
        return [action];
      }
      case 'unlock':
        return [unlock(action.door, action.why)];
      case 'wake':
      case 'scale':
        return [{ ...place, ...action }];
    }
  })();
  return { actions, holdsReplicas, sleep: told };
}

/** Why a waypoint that is quiet is left as it is. */
function unsettled(
  world: WaypointWorld,
  gateway: GatewayObject,
  deployment: DeploymentObject | undefined,
): string {
  if (!isTrue(gateway.status?.conditions, 'Programmed')) return 'it is not Programmed';
  const { replicas = 0, readyReplicas = 0, updatedReplicas = 0 } = deployment?.status ?? {};
  const wanted = deployment?.spec.replicas ?? 1;
  if ([replicas, readyReplicas, updatedReplicas].some((count) => count !== wanted)) {
    return 'its replicas are not all as they should be';
  }
  const isHeld = [...world.holds.values()].some((hold) => isHoldOf(hold, gateway.metadata));
  return isHeld ? 'its clients are about to leave it' : '';
}
