import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Cluster } from '@ambit/agent/kube/objects';
import { sizeClasses, type NamedPool, type PoolSize } from '@ambit/contracts/agent/waypoint';
import { startSandbox, type Sandbox } from './start.ts';
import { clusterOf, installMesh } from './testing/mesh.ts';
import { until } from './testing/until.ts';
import { busy, controlWaypoints, gateway, pool, settings, testPace } from './testing/waypoints.ts';

vi.setConfig({ testTimeout: 120_000 });
const gateways = 'gateways.gateway.networking.k8s.io';
const gatewayClasses = 'gatewayclasses.gateway.networking.k8s.io';
const limitMs = 60_000;
let sandbox: Sandbox;
let cluster: Cluster;

beforeAll(async () => {
  sandbox = await startSandbox({ pace: testPace, shop: false });
  cluster = clusterOf(sandbox);
  await installMesh(sandbox, cluster);
}, 120_000);
afterAll(async () => {
  cluster?.client.close();
  await sandbox?.close();
});

/** What people want of one waypoint: `grown` is scaled by the agent, `fixed` is not. */
interface Wanted {
  of: 'grown' | 'fixed';
  size: PoolSize;
  busy: boolean;
  isFixedKept: boolean;
}
const first: Wanted = { of: 'grown', size: 'small', busy: false, isFixedKept: true };
const changes = {
  move: (now: Wanted): Wanted => ({ ...now, of: now.of === 'grown' ? 'fixed' : 'grown' }),
  size: (now: Wanted): Wanted => ({ ...now, size: now.size === 'small' ? 'large' : 'small' }),
  load: (now: Wanted): Wanted => ({ ...now, busy: !now.busy }),
  drop: (now: Wanted): Wanted => ({ ...now, isFixedKept: !now.isFixedKept }),
};
type Change = keyof typeof changes;

const poolsOf = ({ size, isFixedKept }: Wanted): NamedPool[] => {
  const scaling = { by: 'agent', activeRequests: 10, downStabilisationS: 0 };
  const fixed = { minReplicas: 2, scaling: { by: 'fixed' } };
  return [
    pool('grown', { size, maxReplicas: 3, scaling }),
    ...(isFixedKept ? [pool('fixed', fixed)] : []),
  ];
};
const replicasOf = (wanted: Wanted): number => (wanted.of === 'fixed' ? 2 : wanted.busy ? 3 : 1);

let spaces = 0;
const deploymentOf = (namespace: string) =>
  sandbox.manager.cache.get('deployments.apps', namespace, 'waypoint');
const classesOf = () =>
  sandbox.manager.cache
    .list(gatewayClasses)
    .map(({ metadata }) => metadata.name)
    .filter((name) => name.startsWith('ambit-waypoint-'))
    .sort();
const defaultsOf = () =>
  sandbox.manager.cache
    .list('configmaps', 'istio-system')
    .filter(({ metadata }) => metadata.name.startsWith('ambit-waypoint-'))
    .map(({ metadata, data }) => ({ name: metadata.name, data }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

/** The cluster came to where this is wanted, and nothing is on its way. */
function isReached(namespace: string, wanted: Wanted): boolean {
  const deployment = deploymentOf(namespace);
  if (!deployment) return false;
  const { spec, status } = deployment;
  const replicas = replicasOf(wanted);
  const { resources } = spec.template.spec.containers[0] as { resources?: object };
  const size = wanted.of === 'grown' ? wanted.size : 'small';
  // A class in use stays without its pool.
  const isClassKept = wanted.isFixedKept || wanted.of === 'fixed';
  const pools = new Set(classesOf());
  return (
    spec.replicas === replicas &&
    status?.replicas === replicas &&
    status.readyReplicas === replicas &&
    status.updatedReplicas === replicas &&
    JSON.stringify(resources) === JSON.stringify(sizeClasses[size]) &&
    pools.has('ambit-waypoint-grown') &&
    pools.has('ambit-waypoint-fixed') === isClassKept &&
    defaultsOf().length === pools.size
  );
}

/** What is compared: all that the controller wrote or caused, without names of pods and times. */
const snapshot = (namespace: string) => {
  const { spec, metadata } = deploymentOf(namespace)!;
  return {
    replicas: spec.replicas,
    template: spec.template,
    labels: metadata.labels,
    classes: classesOf(),
    defaults: defaultsOf(),
  };
};

interface Life {
  /** Calls of the API server that it gets an answer to. */
  calls: number;
  /** Whether the call that it ends at reaches the server. */
  reaches: boolean;
}

/** The agent's cluster until so many calls were made; from then on nothing of it reaches the server. */
function mortal(life: Life, onEnd: () => void): Cluster {
  let left = life.calls;
  let isOver = false;
  return {
    ...cluster,
    client: {
      ...cluster.client,
      request: async <T>(...given: Parameters<Cluster['client']['request']>): Promise<T> => {
        if (isOver) throw new Error('killed');
        if (left-- > 0) return cluster.client.request<T>(...given);
        isOver = true;
        if (life.reaches) await cluster.client.request(...given).catch(() => {});
        onEnd();
        throw new Error('killed');
      },
    },
  };
}

/** Carries changes out one after another; in each the agent dies as the lives say, and begins anew. */
async function live(script: readonly { change: Change; lives: readonly Life[] }[]) {
  const namespace = `kills-${++spaces}`;
  let wanted = first;
  const broken: string[] = [];
  let hasServed = false;
  sandbox.manager.onChange(({ kind }) => {
    if (kind !== 'deployments.apps' && kind !== gatewayClasses) return;
    const found = sandbox.manager.cache.get(gateways, namespace, 'waypoint');
    const deployment = deploymentOf(namespace);
    if (!found || !deployment) return;
    const ready = deployment.status?.readyReplicas ?? 0;
    hasServed ||= ready > 0;
    if (hasServed && ready === 0) broken.push('no replica serves');
    if (deployment.spec.replicas === 0) broken.push('no replica is wanted');
    if (hasServed && !classesOf().includes(found.spec.gatewayClassName)) {
      broken.push(`istiod lets go of it: ${found.spec.gatewayClassName} is gone`);
    }
  });
  const http = busy(() => (wanted.busy ? 100 : 0));
  const reach = async (lives: readonly Life[]): Promise<void> => {
    for (const life of [...lives, null]) {
      let isKilled = false;
      const over = life ? mortal(life, () => (isKilled = true)) : cluster;
      const agent = controlWaypoints(over, settings(...poolsOf(wanted)), http);
      await until(
        `${JSON.stringify(wanted)} is reached; it said ${agent.said.join('; ')}`,
        () => isKilled || (agent.quietLooks() > 1 && isReached(namespace, wanted)),
        limitMs,
      );
      await agent.end();
    }
  };
  await sandbox.client.create(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    'people',
  );
  await sandbox.client.create(gateway(namespace, 'ambit-waypoint-grown'), 'people');
  await reach([]);
  for (const { change, lives } of script) {
    wanted = changes[change](wanted);
    if (change === 'move') {
      const patch = { spec: { gatewayClassName: `ambit-waypoint-${wanted.of}` } };
      const place = { namespace, name: 'waypoint' };
      // The class may have gone with its pool.
      if (wanted.of === 'fixed' && !wanted.isFixedKept) wanted = { ...wanted, isFixedKept: true };
      await sandbox.client.patch(gateways, place, patch, 'people');
    }
    await reach(lives);
  }
  const end = { ...snapshot(namespace), broken };
  await sandbox.client.delete('namespaces', { name: namespace });
  await until('gone', () => !sandbox.manager.cache.get(gateways, namespace, 'waypoint'), limitMs);
  return end;
}

const changeNames = Object.keys(changes) as Change[];
const script = fc.array(
  fc.record({
    change: fc.constantFrom(...changeNames),
    lives: fc.array(fc.record({ calls: fc.nat(14), reaches: fc.boolean() }), {
      minLength: 1,
      maxLength: 4,
    }),
  }),
  { minLength: 1, maxLength: 4 },
);

/** Each change at each of its first calls; among them the pool of a waypoint that goes, which is the way into a hole. */
const examples: [{ change: Change; lives: Life[] }[]][] = [
  (['move', 'drop', 'move'] as const).map((change) => ({
    change,
    lives: [0, 5, 9].map((calls) => ({ calls, reaches: calls === 9 })),
  })),
  (['load', 'size', 'move', 'size', 'load'] as const).map((change) => ({
    change,
    lives: [7, 8, 9, 10].map((calls) => ({ calls, reaches: calls % 2 === 0 })),
  })),
].map((one) => [one]);

test('an agent that is killed at any call comes to the same end, and no waypoint stops serving', async () => {
  await fc.assert(
    fc.asyncProperty(script, async (given) => {
      const killed = await live(given);
      const whole = await live(given.map(({ change }) => ({ change, lives: [] })));
      expect(killed.broken).toEqual([]);
      expect(killed).toEqual(whole);
    }),
    { numRuns: 4, examples, endOnFailure: true },
  );
});

test('two agents at once come to the same end, and then leave it alone', async () => {
  const namespace = `kills-${++spaces}`;
  const wanted: Wanted = { ...first, busy: true };
  let writes = 0;
  const counted: Cluster = {
    ...cluster,
    client: {
      ...cluster.client,
      request: (method, ...rest) => {
        if (method !== 'GET') writes++;
        return cluster.client.request(method, ...rest);
      },
    },
  };
  const start = () =>
    controlWaypoints(
      counted,
      settings(...poolsOf(wanted)),
      busy(() => 100),
    );
  const agents = [start(), start()];
  await sandbox.client.create(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    'people',
  );
  await sandbox.client.create(gateway(namespace, 'ambit-waypoint-grown'), 'people');
  const areQuiet = (looks: number) => agents.every((agent) => agent.quietLooks() >= looks);
  await until('reached', () => areQuiet(3) && isReached(namespace, wanted), limitMs);
  const before = writes;
  await until('quiet', () => areQuiet(10), limitMs);
  expect(writes).toBe(before);
  await Promise.all(agents.map((agent) => agent.end()));
});
