import type { ReportedWaypoint } from '@ambit/contracts/agent/waypoint';
import type { KubeObject } from '@ambit/contracts/common';
import type { DeploymentObject, DoorObject, GatewayObject } from '../objects.ts';
import { accountOf, doorObject, readDoor, type Door } from './door.ts';

/** What the activator of this agent can do and has seen. */
export interface Doorkeeper {
  /** Where pods reach this agent; null: not known. */
  address: string | null;
  /** Why connections cannot be taken in; empty: they can. */
  problem: string;
  listening: ReadonlySet<number>;
  /** Ports that cannot be listened on, or still serve what was taken in through another door. */
  taken: ReadonlySet<number>;
  /** By waypoint: why it is to be awake. */
  knocks: ReadonlyMap<string, string>;
  seen: ReadonlyMap<string, Pick<Told, 'held' | 'carried' | 'failed'>>;
}

export const nobodyAtTheDoor: Doorkeeper = {
  address: null,
  problem: 'the agent does not take connections in',
  listening: new Set(),
  taken: new Set(),
  knocks: new Map(),
  seen: new Map(),
};

type Told = NonNullable<ReportedWaypoint['sleep']>;

export interface SleepInput {
  key: string;
  gateway: GatewayObject;
  deployment: DeploymentObject | undefined;
  door: DoorObject | undefined;
  /** Seconds; null: it is not to sleep. */
  afterS: number | null;
  /** Replicas that it has when it is woken, at least one. */
  floor: number;
  /** Replicas that serve now, by their pods. */
  ready: number;
  /** Why it is not to be put to sleep as it is; empty: nothing is in the way. */
  unsettled: string;
  quietSince: number | null;
  keeper: Doorkeeper;
  /** Ports of all doors. */
  ports: ReadonlySet<number>;
  now: number;
}

export type SleepAction =
  | { do: 'apply'; object: KubeObject }
  | { do: 'unlock'; door: DoorObject; why: string }
  /** First the door says that it is being woken, then there are replicas: who dies in between goes on waking. */
  | { do: 'wake'; object: KubeObject; from: number; to: number; why: string }
  | { do: 'scale'; from: number; to: number; why: string };

export interface SleepPlan {
  action: SleepAction | null;
  /** Nobody else decides about replicas. */
  holdsReplicas: boolean;
  told: Told;
}

/** How long a door stands beside the replicas before they end: what calls has to know of it by then. */
export const announceMs = 5_000;
/** A replica is trusted to be one of after the waking: what the last sleep ended is seen to end by then. */
export const wakeSettleMs = 3_000;
const lateMs = 60_000;
const [firstPort, lastPort] = [21_000, 28_999];

/**
 * What is to be done about the sleep of one waypoint. All that it needs of the past stands in the cluster: a door, and on
 * it whether the waypoint is being woken. There is no replica too few without a door, ever. Pure.
 */
export function planSleep(input: SleepInput): SleepPlan {
  const { key, deployment, gateway, keeper, now } = input;
  const seen = keeper.seen.get(key) ?? { held: 0, carried: 0, failed: null };
  const told = (phase: Told['phase'], since: number | null, message: string): Told => ({
    phase,
    afterS: input.afterS,
    since,
    message: message.slice(0, 500),
    ...seen,
  });
  if (!deployment || gateway.metadata.deletionTimestamp) {
    return { action: null, holdsReplicas: false, told: told('awake', null, '') };
  }
  const replicas = deployment.spec.replicas ?? 1;
  const door = input.door ? readDoor(input.door) : null;
  if (!door) return withoutDoor(input, deployment, replicas, told);
  const why = door.wake?.why || keeper.knocks.get(key) || reasonToWake(input);
  if (door.wake || why) return waking(input, deployment, replicas, door, why, told);
  const idle = `no request for ${input.afterS} s`;
  const kept = doorObject(gateway, standing(input, deployment, door));
  const isStale = !isAsWanted(input, deployment, door);
  if (replicas === 0) {
    return {
      action: isStale ? { do: 'apply', object: kept } : null,
      holdsReplicas: true,
      told: told('asleep', door.since, idle),
    };
  }
  const busy = whyAwake(input);
  if (busy) {
    const isServed = input.ready > 0;
    return {
      action: isServed ? { do: 'unlock', door: input.door!, why: busy } : null,
      holdsReplicas: false,
      told: told('awake', null, busy),
    };
  }
  const isKnown = now - door.since >= announceMs && keeper.listening.has(door.port);
  return {
    action: isStale
      ? { do: 'apply', object: kept }
      : isKnown
        ? { do: 'scale', from: replicas, to: 0, why: idle }
        : null,
    holdsReplicas: true,
    told: told('fallingAsleep', door.since, idle),
  };
}

type Tell = (phase: Told['phase'], since: number | null, message: string) => Told;

function withoutDoor(
  input: SleepInput,
  deployment: DeploymentObject,
  replicas: number,
  told: Tell,
): SleepPlan {
  const { afterS, floor, gateway, keeper, now } = input;
  if (input.door) {
    // Somebody wrote into it. Where replicas are, it is of no use; where none are, it is made anew and the waypoint woken.
    if (replicas > 0 && input.ready > 0) {
      const why = 'what stands for it cannot be read';
      return {
        action: { do: 'unlock', door: input.door, why },
        holdsReplicas: false,
        told: told('awake', null, why),
      };
    }
  } else if (afterS === null) {
    return { action: null, holdsReplicas: false, told: told('awake', null, '') };
  }
  if (replicas === 0) {
    const why = 'it has no replica, and nothing takes connections in for it';
    return {
      action: { do: 'scale', from: 0, to: floor, why },
      holdsReplicas: true,
      told: told('waking', null, why),
    };
  }
  const busy = whyAwake(input);
  const port = freePort(input);
  if (busy || keeper.address === null || port === null) {
    return { action: null, holdsReplicas: false, told: told('awake', null, busy) };
  }
  const { address } = keeper;
  const serviceAccount = accountOf(gateway, deployment);
  const door = { address, port, serviceAccount, since: now, wake: null };
  return {
    action: { do: 'apply', object: doorObject(gateway, door) },
    holdsReplicas: true,
    told: told('fallingAsleep', now, `no request for ${afterS} s`),
  };
}

function waking(
  input: SleepInput,
  deployment: DeploymentObject,
  replicas: number,
  door: Door,
  why: string,
  told: Tell,
): SleepPlan {
  const { gateway, floor, now, ready } = input;
  const since = door.wake?.since ?? now;
  const object = doorObject(gateway, {
    ...standing(input, deployment, door),
    wake: { since, why },
  });
  const message =
    now - since > lateMs && ready === 0
      ? `${why}; no replica is ready after ${Math.round((now - since) / 1_000)} s`
      : why;
  const plan = (action: SleepAction | null): SleepPlan => ({
    action,
    holdsReplicas: replicas === 0,
    told: ready > 0 ? told('awake', null, why) : told('waking', since, message),
  });
  if (!door.wake || replicas === 0) {
    const to = Math.max(replicas, floor);
    return plan({ do: 'wake', object, from: replicas, to, why });
  }
  if (ready > 0 && now - since >= wakeSettleMs) {
    return plan({ do: 'unlock', door: input.door!, why });
  }
  return plan(isAsWanted(input, deployment, door) ? null : { do: 'apply', object });
}

/** Why a waypoint without replicas is to have some, although nobody called. */
function reasonToWake({ afterS, keeper }: SleepInput): string {
  if (afterS === null) return 'it is not to sleep any more';
  return keeper.problem;
}

/** Why it stays awake; empty: it may sleep. */
function whyAwake({ afterS, keeper, quietSince, unsettled, now }: SleepInput): string {
  if (afterS === null) return 'it is not to sleep any more';
  if (keeper.problem) return keeper.problem;
  if (keeper.address === null) return 'the address of the agent is not known yet';
  if (unsettled) return unsettled;
  if (quietSince === null) return 'there are requests, or it is not known that there are none';
  return now - quietSince < afterS * 1_000
    ? `no request since ${new Date(quietSince).toISOString()}`
    : '';
}

/** The door as it has to be for this agent. */
function standing(input: SleepInput, deployment: DeploymentObject, door: Door): Door {
  const { gateway, keeper } = input;
  return {
    ...door,
    address: keeper.address ?? door.address,
    port: keeper.taken.has(door.port) ? (freePort(input) ?? door.port) : door.port,
    serviceAccount: accountOf(gateway, deployment),
  };
}

function isAsWanted(input: SleepInput, deployment: DeploymentObject, door: Door): boolean {
  const wanted = standing(input, deployment, door);
  return (
    wanted.address === door.address &&
    wanted.port === door.port &&
    wanted.serviceAccount === door.serviceAccount
  );
}

function freePort({ ports, keeper }: SleepInput): number | null {
  for (let port = firstPort; port <= lastPort; port++) {
    if (!ports.has(port) && !keeper.taken.has(port)) return port;
  }
  return null;
}
