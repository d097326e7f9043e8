import { setTimeout as pause } from 'node:timers/promises';
import {
  accountOf,
  echoServer,
  namespaceOf,
  service,
  waypointOf,
} from '@ambit/lab/testing/workloads';
import { figure, type Figure } from '../figure.ts';
import { onGround, until, type Ground } from './ground.ts';
import { proportionalBytes } from './proportional-bytes.ts';

const namespaces = 20;
const servicesEach = 5;
const settleS = 20;
const home = 'bench-shared';
const placeOf = (at: number): string => `bench-m-${at}`;
const useWaypoint = 'istio.io/use-waypoint';

/** One replica each, asking for little: what they take is measured, and 20 of the usual size fit on no small machine. */
const smallRequests = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: 'bench-waypoints',
    namespace: 'istio-system',
    labels: { 'gateway.istio.io/defaults-for-class': 'istio-waypoint' },
  },
  data: {
    deployment: JSON.stringify({
      spec: {
        template: {
          spec: {
            containers: [
              { name: 'istio-proxy', resources: { requests: { cpu: '5m', memory: '16Mi' } } },
            ],
          },
        },
      },
    }),
  },
};

const applications = Array.from({ length: namespaces }, (_, at) => {
  const namespace = placeOf(at);
  return [
    namespaceOf(namespace, { 'istio.io/dataplane-mode': 'ambient' }),
    accountOf(namespace, 'echo'),
    ...Array.from({ length: servicesEach }, (_each, index) =>
      service(namespace, `echo-${index}`, { app: 'echo' }),
    ),
  ];
}).flat();

/**
 * What the proxies of waypoints hold in memory (proportional set size, so that the program itself counts once) for 20
 * namespaces of five Services: one waypoint that all of them share, beside one for each. Real Envoys of a lab.
 */
export const run = (say: (line: string) => void): Promise<Figure[]> =>
  onGround(say, (ground) => measureMemory(ground, say));

export async function measureMemory(
  ground: Ground,
  say: (line: string) => void,
): Promise<Figure[]> {
  const { apply, lab } = ground;
  await apply([smallRequests, ...applications, namespaceOf(home)]);
  await apply([echoServer({ name: 'echo', namespace: placeOf(0), account: 'echo' }, 'v1')]);

  const own = Array.from({ length: namespaces }, (_, at) => placeOf(at));
  await apply(own.map((namespace) => waypointOf(namespace, 'waypoint')));
  await apply(own.map((namespace) => useOf(namespace, { [useWaypoint]: 'waypoint' })));
  const each = await measured(ground, own);
  say(`${namespaces} waypoints, one for each namespace: ${each.toFixed(0)} MB`);

  const listener = {
    name: 'mesh',
    port: 15_008,
    protocol: 'HBONE',
    allowedRoutes: { namespaces: { from: 'All' } },
  };
  await apply([
    {
      ...waypointOf(home, 'waypoint'),
      spec: { gatewayClassName: 'istio-waypoint', listeners: [listener] },
    },
  ]);
  const use = { [useWaypoint]: 'waypoint', 'istio.io/use-waypoint-namespace': home };
  await apply(own.map((namespace) => useOf(namespace, use)));
  for (const namespace of own) {
    await lab.kubectl.do(
      `delete gateways.gateway.networking.k8s.io/waypoint -n ${namespace} --wait=false`,
    );
  }
  await until(async () => (await podsOf(ground, own)).length === 0);
  const one = await measured(ground, [home]);
  say(`one waypoint that all share: ${one.toFixed(0)} MB`);
  return [figure('waypoint_memory_shared_mb', one, 'MB', each)];
}

const useOf = (namespace: string, labels: Record<string, string>) =>
  namespaceOf(namespace, { 'istio.io/dataplane-mode': 'ambient', ...labels });

interface Pod {
  uid: string;
  ready: boolean;
}

async function podsOf({ lab }: Ground, inNamespaces: readonly string[]): Promise<Pod[]> {
  const text = await lab.kubectl.do(
    'get pods -A -l gateway.networking.k8s.io/gateway-name=waypoint -o json',
  );
  const { items } = JSON.parse(text) as {
    items: {
      metadata: { uid: string; namespace: string };
      status: { containerStatuses?: { ready: boolean }[] };
    }[];
  };
  return items
    .filter(({ metadata }) => inNamespaces.includes(metadata.namespace))
    .map(({ metadata, status }) => ({
      uid: metadata.uid,
      ready: status.containerStatuses?.every(({ ready }) => ready) ?? false,
    }));
}

/** Once all are ready and had time for their configuration. @returns MB of all of their processes */
async function measured(ground: Ground, inNamespaces: readonly string[]): Promise<number> {
  let pods: Pod[] = [];
  await until(async () => {
    pods = await podsOf(ground, inNamespaces);
    return pods.length === inNamespaces.length && pods.every(({ ready }) => ready);
  }, 600);
  await pause(settleS * 1000);
  const bytes = pods.map(({ uid }) => proportionalBytes(uid));
  if (bytes.includes(0)) throw new Error('the processes of a pod were not found');
  return bytes.reduce((sum, one) => sum + one, 0) / 1e6;
}
