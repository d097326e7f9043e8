import { doorLabel } from '@ambit/contracts/agent/waypoint';
import { deleteObject, findLabelled, type Cluster } from '../../../kube/objects.ts';
import { listAll } from '../../../kube/watch.ts';
import { inParallel, sleep } from '../../../wait.ts';
import { scaleDeployment } from '../act.ts';
import {
  gatewayNameLabel,
  type DeploymentObject,
  type PodObject,
  type WaypointWorld,
} from '../objects.ts';
import { readyPods } from '../replicas.ts';
import { makeActivator, type Activator } from './activator.ts';
import { readDoor } from './door.ts';
import { nobodyAtTheDoor, type Doorkeeper } from './plan-sleep.ts';
import { servingAddresses } from './waypoints-asleep.ts';

export interface SleepInput {
  podName: string;
  /** Where pods reach this agent; missing: at its own pod's address. */
  address?: string;
  /** Whether it reaches pods by their addresses, so that it can carry connections on. */
  isInPodNetwork: boolean;
  /** For tests. */
  limits?: Parameters<typeof makeActivator>[0]['limits'];
  /** Where it listens; missing: everywhere. */
  listen?: string;
}

/** Replicas take HBONE here (istio.io, "HBONE"). */
const hbonePort = 15_008;
const addressAgainMs = 3_000;
/** After so many tries waypoints are woken: somebody else stands at their doors, or nobody. */
const addressTries = 20;
const wakeWithinMs = 60_000;
const width = 8;

export interface Sleeping {
  keeper(): Doorkeeper;
  /** The cluster changed. */
  look(world: WaypointWorld): void;
  knock(waypoint: string, why: string): void;
  run(signal: AbortSignal): Promise<void>;
}

/** Stands at the doors of waypoints that sleep, while it runs. */
export function makeSleeping(
  input: {
    cluster: Cluster;
    agentNamespace: string;
    sleep?: SleepInput;
    nowMs(): number;
    say(level: 'info' | 'warn', message: string): void;
  },
  changed: () => void,
): Sleeping {
  const { cluster, agentNamespace, sleep: way, nowMs, say } = input;
  let activator: Activator | undefined;
  let address: string | null = null;
  let problem = '';

  const findAddress = async ({ podName }: SleepInput, signal: AbortSignal): Promise<void> => {
    const path = `/api/v1/namespaces/${agentNamespace}/pods/${encodeURIComponent(podName)}`;
    for (let count = 0; address === null && !signal.aborted; count++) {
      try {
        const pod = await cluster.client.request<PodObject>('GET', path, { signal });
        address = pod.status?.podIP ?? null;
      } catch (error) {
        if (!signal.aborted && count === 0) {
          say('warn', `sleep: the address of this pod cannot be read: ${String(error)}`);
        }
      }
      if (count >= addressTries) problem = 'pods cannot reach this agent: it has no address';
      if (address === null) await sleep(addressAgainMs, signal).catch(() => {});
    }
    problem = '';
    changed();
  };

  return {
    keeper: () => (way && activator ? { address, problem, ...activator.seen() } : nobodyAtTheDoor),
    look: (world) => {
      if (!activator) return;
      const doors = new Map(
        [...world.doors].flatMap(([key, object]) => {
          const port = readDoor(object)?.port;
          return port === undefined ? [] : [[key, port] as const];
        }),
      );
      activator.want(doors);
      for (const key of new Set([...doors.keys(), ...activator.seen().seen.keys()])) {
        activator.replicas(key, servingAddresses(world, key));
      }
    },
    knock: (waypoint, why) => activator?.knock(waypoint, why),
    run: async (signal) => {
      if (!way) return;
      const { isInPodNetwork, limits, listen } = way;
      address = way.address ?? null;
      activator = makeActivator({
        dialPort: isInPodNetwork ? hbonePort : null,
        nowMs,
        say,
        changed,
        ...(limits ? { limits } : {}),
        ...(listen === undefined ? {} : { host: listen }),
      });
      const mine = activator;
      signal.addEventListener('abort', () => mine.stop(), { once: true });
      await findAddress(way, signal);
    },
  };
}

/** Nobody looks after waypoints any more: each that sleeps gets a replica; its door goes once one is ready, or late. */
export async function wakeAll(cluster: Cluster, signal: AbortSignal): Promise<void> {
  const kinds = [{ group: 'networking.istio.io', kind: 'WorkloadEntry' }];
  const doors = await findLabelled(cluster, kinds, doorLabel, signal);
  await inParallel(doors, width, async (door) => {
    const { namespace = '', labels = {} } = door.metadata;
    const waypoint = { namespace, name: labels[doorLabel] ?? '' };
    await giveReplica(cluster, waypoint, signal);
    const until = performance.now() + wakeWithinMs;
    while ((await readyPods(cluster, waypoint, signal)).length === 0) {
      if (performance.now() > until) break;
      await sleep(500, signal);
    }
    await deleteObject(cluster, door, signal);
  });
}

/** At least one replica for every Deployment of the waypoint that has none. */
async function giveReplica(
  cluster: Cluster,
  { namespace, name }: { namespace: string; name: string },
  signal: AbortSignal,
): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  const query = { labelSelector: `${gatewayNameLabel}=${name}` };
  const { items } = await listAll<DeploymentObject>(cluster.client, path, { query, signal });
  for (const { metadata, spec } of items) {
    if (spec.replicas !== 0) continue;
    await scaleDeployment(cluster, { namespace, name: metadata.name }, 1, signal);
  }
}
