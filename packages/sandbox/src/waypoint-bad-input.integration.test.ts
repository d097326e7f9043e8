import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { KubeError } from '@ambit/agent/kube/client';
import type { Cluster } from '@ambit/agent/kube/objects';
import type { WaypointSettings } from '@ambit/contracts/agent/waypoint';
import type { NewObject } from './objects.ts';
import { sandboxReleases } from './releases/catalogue.ts';
import { gatewayApiDefinitions } from './releases/definitions.ts';
import { startSandbox, type Sandbox } from './start.ts';
import { clusterOf, installMesh } from './testing/mesh.ts';
import { until } from './testing/until.ts';
import {
  busy,
  controlWaypoints,
  gateway,
  pool,
  settings,
  testPace,
  type ControlledWaypoints,
} from './testing/waypoints.ts';

const gateways = 'gateways.gateway.networking.k8s.io';
const gatewayClasses = 'gatewayclasses.gateway.networking.k8s.io';
const limitMs = 60_000;
let sandbox: Sandbox;
let cluster: Cluster;

beforeAll(async () => {
  sandbox = await startSandbox({ pace: testPace, shop: false });
  cluster = clusterOf(sandbox);
  await installMesh(sandbox, cluster);
});
afterAll(async () => {
  cluster?.client.close();
  await sandbox?.close();
});

const running: ControlledWaypoints[] = [];
const control = (...given: Parameters<typeof controlWaypoints>): ControlledWaypoints => {
  const one = controlWaypoints(...given);
  running.push(one);
  return one;
};
const begin = (wanted: WaypointSettings, ...more: [Parameters<typeof controlWaypoints>[2]?]) =>
  control(cluster, wanted, ...more);
afterEach(() => Promise.all(running.splice(0).map((one) => one.end())));

let spaces = 0;
const make = (object: NewObject) => sandbox.client.create(object, 'somebody');
async function newNamespace(): Promise<string> {
  const name = `space-${++spaces}`;
  await make({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  return name;
}
const at = (namespace: string) => ({ namespace, name: 'waypoint' });
const deploymentOf = (namespace: string) =>
  sandbox.manager.cache.get('deployments.apps', namespace, 'waypoint');
const gatewayOf = (namespace: string) => sandbox.manager.cache.get(gateways, namespace, 'waypoint');
const isServing = (namespace: string) => (deploymentOf(namespace)?.status?.readyReplicas ?? 0) > 0;

/** Waits until the agent tells this of a waypoint. */
const tells = (agent: ControlledWaypoints, namespace: string, state: string, reason: string) =>
  until(
    `${namespace} is ${state}, ${reason}; last told ${JSON.stringify(agent.told())}`,
    () => {
      const seen = agent.of(namespace);
      return seen?.state === state && seen.reason === reason && seen;
    },
    limitMs,
  );
const serves = (agent: ControlledWaypoints, namespace: string) =>
  tells(agent, namespace, 'Ready', 'Serving');

describe('a Gateway of others', () => {
  const isTouched = (namespace: string): boolean =>
    JSON.stringify(gatewayOf(namespace)?.metadata).includes('ambit-waypoints');

  test('of a class that is not there is told, and serves once somebody makes the class', async () => {
    const namespace = await newNamespace();
    const agent = begin(settings());
    await make(gateway(namespace, 'ambit-waypoint-later'));
    const { message } = await tells(agent, namespace, 'Failed', 'ClassMissing');
    expect(message).toContain('there is no GatewayClass ambit-waypoint-later in the cluster');
    expect(deploymentOf(namespace)).toBeUndefined();
    agent.want(settings(pool('later')));
    await serves(agent, namespace);
  });

  test('of a class with a foreign controller is told, and left alone', async () => {
    const namespace = await newNamespace();
    await make({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'GatewayClass',
      metadata: { name: 'of-others' },
      spec: { controllerName: 'example.com/gateways' },
    });
    await make(gateway(namespace, 'of-others'));
    const agent = begin(settings(pool('mine')));
    const { message } = await tells(agent, namespace, 'Failed', 'ForeignController');
    expect(message).toContain('its class of-others belongs to example.com/gateways');
    await until('the pool is there', () => agent.told()?.pools[0]?.ready);
    expect(deploymentOf(namespace)).toBeUndefined();
    expect(isTouched(namespace)).toBe(false);
  });

  test('a class with the name of a pool that somebody else made is not taken', async () => {
    await make({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'GatewayClass',
      metadata: { name: 'ambit-waypoint-taken' },
      spec: { controllerName: 'example.com/gateways' },
    });
    const agent = begin(settings(pool('taken')));
    const told = await until('told', () => agent.told()?.pools[0], limitMs);
    expect(told).toMatchObject({
      ready: false,
      message: "GatewayClass ambit-waypoint-taken is there and is not Ambit's",
    });
    expect(sandbox.manager.cache.get(gatewayClasses, '', 'ambit-waypoint-taken')!.spec).toEqual({
      controllerName: 'example.com/gateways',
    });
  });

  test('with a Deployment of somebody else of its name, two make it: told, and neither is touched', async () => {
    const namespace = await newNamespace();
    const labels = { app: 'theirs' };
    await make({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {
        ...at(namespace),
        labels: { 'gateway.istio.io/managed': 'istio.io-mesh-controller' },
        ownerReferences: [
          {
            apiVersion: 'example.com/v1',
            kind: 'Proxy',
            name: 'theirs',
            uid: 'u',
            controller: true,
          },
        ],
      },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { containers: [{ name: 'istio-proxy', image: 'example.com/proxy:v1' }] },
        },
      },
    } as NewObject);
    // istiod of the sandbox is told to stay out of it, as an operator of others would have it.
    await make(
      gateway(namespace, 'istio-waypoint', {
        metadata: { annotations: { 'gateway.istio.io/controller-version': '999' } },
      }),
    );
    const scaling = { by: 'agent', activeRequests: 1, downStabilisationS: 0 };
    const agent = begin(
      settings(pool('grown', { maxReplicas: 5, scaling })),
      busy(() => 100),
    );
    const told = await until(
      'told',
      () => agent.of(namespace)?.reason === 'ForeignDeployer' && agent.of(namespace),
      limitMs,
    );
    expect(told.message).toContain('belongs to Proxy theirs: two make one waypoint');
    expect(deploymentOf(namespace)!.spec.replicas).toBe(1);
    expect(isTouched(namespace)).toBe(false);
  });

  test('that tells istiod not to deploy it, and nobody else has, is told', async () => {
    const namespace = await newNamespace();
    const agent = begin(settings());
    const metadata = { annotations: { 'gateway.istio.io/controller-version': '999' } };
    await make(gateway(namespace, 'istio-waypoint', { metadata }));
    const { message } = await tells(agent, namespace, 'Failed', 'ForeignDeployer');
    expect(message).toContain('nobody else has');
    // The annotation goes: istiod makes it.
    await sandbox.client.patch(
      gateways,
      at(namespace),
      { metadata: { annotations: { 'gateway.istio.io/controller-version': null } } },
      'somebody',
    );
    await serves(agent, namespace);
  });
});

describe('a waypoint whose pods cannot be', () => {
  const quota = (namespace: string, pods: number): NewObject =>
    ({
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'small', namespace },
      spec: { hard: { pods: String(pods) } },
    }) as NewObject;

  test('for a quota is told with the quota, and serves once there is room', async () => {
    const namespace = await newNamespace();
    await make(quota(namespace, 0));
    const agent = begin(settings(pool('tight')));
    await make(gateway(namespace, 'ambit-waypoint-tight'));
    const { message } = await tells(agent, namespace, 'Failed', 'QuotaExceeded');
    expect(message).toContain("the namespace's quota is used up");
    expect(message).toContain('exceeded quota: small, requested: pods=1, used: pods=0');
    await sandbox.client.patch(
      'resourcequotas',
      { namespace, name: 'small' },
      { spec: { hard: { pods: '1' } } },
      'somebody',
    );
    await serves(agent, namespace);
  });

  test('for a quota that is met while it grows keeps those that serve', async () => {
    const namespace = await newNamespace();
    await make(quota(namespace, 2));
    let active = 0;
    const scaling = { by: 'agent', activeRequests: 10, downStabilisationS: 0 };
    const spec = { minReplicas: 1, maxReplicas: 4, scaling };
    const agent = begin(
      settings(pool('growing', spec)),
      busy(() => active),
    );
    await make(gateway(namespace, 'ambit-waypoint-growing'));
    await serves(agent, namespace);
    active = 100;
    const told = await tells(agent, namespace, 'Degraded', 'QuotaExceeded');
    expect(told.programmed).toBe(true);
    await until('both that fit serve', () => agent.of(namespace)?.replicas.ready === 2, limitMs);
    active = 0;
    await serves(agent, namespace);
  });

  test('because the API server refuses to scale it is told with its words, and goes on when it may', async () => {
    const namespace = await newNamespace();
    let refuses = true;
    const guarded: Cluster = {
      ...cluster,
      client: {
        ...cluster.client,
        request: async (method, path, ...rest) => {
          if (refuses && path.endsWith('/scale')) {
            throw new KubeError(403, { message: 'deployments/scale is forbidden', reason: '' });
          }
          return cluster.client.request(method, path, ...rest);
        },
      },
    };
    const scaling = { by: 'agent', activeRequests: 10, downStabilisationS: 0 };
    const wanted = settings(pool('guarded', { minReplicas: 1, maxReplicas: 2, scaling }));
    const agent = control(
      guarded,
      wanted,
      busy(() => 100),
    );
    await make(gateway(namespace, 'ambit-waypoint-guarded'));
    await until(
      'why it is not scaled',
      () =>
        agent.of(namespace)?.scaling.message === 'cannot scale it: deployments/scale is forbidden',
      limitMs,
    );
    refuses = false;
    await until('two replicas', () => agent.of(namespace)?.replicas.ready === 2, limitMs);
  });

  test('on any node is told with the node’s words; a pool move to such nodes loses no replica', async () => {
    const [first, moved] = [await newNamespace(), await newNamespace()];
    const nowhere = pool('nowhere', { nodeSelector: { disk: 'none' } });
    const agent = begin(settings(pool('somewhere'), nowhere));
    await until('both pools', () => agent.told()?.pools.every(({ ready }) => ready), limitMs);
    await make(gateway(first, 'ambit-waypoint-nowhere'));
    const { message } = await tells(agent, first, 'Failed', 'Unschedulable');
    expect(message).toMatch(/pod waypoint-\S+ fits on no node: 0\/3 nodes are available/);

    await make(gateway(moved, 'ambit-waypoint-somewhere'));
    await serves(agent, moved);
    await move(moved, 'nowhere');
    await tells(agent, moved, 'Degraded', 'Unschedulable');
    expect(isServing(moved)).toBe(true);
    await move(moved, 'somewhere');
    await serves(agent, moved);
    // With nodes for it the first serves as well.
    agent.want(settings(pool('somewhere'), pool('nowhere')));
    await serves(agent, first);
  });
  const move = (namespace: string, to: string) =>
    sandbox.client.patch(
      gateways,
      at(namespace),
      { spec: { gatewayClassName: `ambit-waypoint-${to}` } },
      'somebody',
    );

  test('because their image cannot be had is told with the image; a bad image in a roll takes none away', async () => {
    const [first, rolled] = [await newNamespace(), await newNamespace()];
    const agent = begin(settings(pool('images')));
    const image = (name: string | null) => ({ 'sidecar.istio.io/proxyImage': name });
    const bad = 'example.com/proxyv2:broken';
    const metadata = { annotations: image(bad) };
    await make(gateway(first, 'ambit-waypoint-images', { metadata }));
    const { message } = await tells(agent, first, 'Failed', 'ImagePullBackOff');
    expect(message).toContain(`cannot get its image ${bad}`);

    await make(gateway(rolled, 'ambit-waypoint-images'));
    await serves(agent, rolled);
    const annotate = (namespace: string, name: string | null) =>
      sandbox.client.patch(
        gateways,
        at(namespace),
        { metadata: { annotations: image(name) } },
        'somebody',
      );
    await annotate(rolled, bad);
    await tells(agent, rolled, 'Degraded', 'ImagePullBackOff');
    expect(isServing(rolled)).toBe(true);
    for (const namespace of [first, rolled]) {
      await annotate(namespace, null);
      await serves(agent, namespace);
    }
  });
});

describe('what a waypoint is made of', () => {
  test('parameters in another namespace are told, and those in its own are taken', async () => {
    const [namespace, other] = [await newNamespace(), await newNamespace()];
    const parameters = (of: string): NewObject =>
      ({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'mine', namespace: of },
        data: { deployment: 'spec:\n  replicas: 2\n' },
      }) as NewObject;
    await make(parameters(other));
    const infrastructure = { parametersRef: { group: '', kind: 'ConfigMap', name: 'mine' } };
    await make(gateway(namespace, 'istio-waypoint', { spec: { infrastructure } }));
    const agent = begin(settings());
    const { message } = await tells(agent, namespace, 'Failed', 'ParametersElsewhere');
    expect(message).toContain(`ConfigMap mine, which is not in namespace ${namespace}`);
    await make(parameters(namespace));
    await serves(agent, namespace);
    expect(deploymentOf(namespace)!.spec.replicas).toBe(2);
  });

  test('taken away by hand is made again, and a Gateway that goes is told no more', async () => {
    const namespace = await newNamespace();
    const agent = begin(settings(pool('hands')));
    await make(gateway(namespace, 'ambit-waypoint-hands'));
    await serves(agent, namespace);
    const { uid } = deploymentOf(namespace)!.metadata;
    await sandbox.client.delete('deployments.apps', at(namespace));
    await until('another', () => {
      const found = deploymentOf(namespace);
      return found !== undefined && found.metadata.uid !== uid;
    });
    await serves(agent, namespace);
    const className = { name: 'ambit-waypoint-hands' };
    await sandbox.client.delete(gatewayClasses, className);
    await sandbox.client.delete('configmaps', { namespace: 'istio-system', ...className });
    await until(
      'class and defaults again',
      () =>
        sandbox.manager.cache.get(gatewayClasses, '', className.name) !== undefined &&
        sandbox.manager.cache.get('configmaps', 'istio-system', className.name) !== undefined,
      limitMs,
    );
    await serves(agent, namespace);
    await sandbox.client.delete(gateways, at(namespace));
    await until('not told any more', () => agent.told() && !agent.of(namespace), limitMs);
    expect(agent.told()!.problem).toBe('');
  });

  test('a class that flaps ends as it was left, without a write of the agent for each turn', async () => {
    const namespace = await newNamespace();
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
    const agent = control(counted, settings(pool('one'), pool('other', { minReplicas: 2 })));
    await make(gateway(namespace, 'ambit-waypoint-one'));
    await serves(agent, namespace);
    const before = writes;
    for (let turn = 0; turn <= 40; turn++) {
      const name = turn % 2 === 0 ? 'other' : 'one';
      const patch = {
        metadata: { labels: { 'istio.io/waypoint-for': turn % 2 === 0 ? 'all' : 'service' } },
        spec: { gatewayClassName: `ambit-waypoint-${name}` },
      };
      await sandbox.client.patch(gateways, at(namespace), patch, 'somebody');
    }
    await until(
      'as it was left',
      () => agent.of(namespace)?.pool === 'other' && agent.of(namespace)?.replicas.ready === 2,
      limitMs,
    );
    expect(agent.of(namespace)!.takes).toBe('all');
    expect(writes - before).toBe(0);
  });
});

test('without the CRDs of Gateway API it says so, begins when they come, and says so again when they go', async () => {
  const bare = await startSandbox({ pace: testPace, shop: false });
  const bareCluster = clusterOf(bare);
  try {
    const agent = control(bareCluster, settings(pool('early')));
    const missing = /the cluster does not serve GatewayClasses: their CRDs are missing/;
    await until('told', () => missing.test(agent.told()?.problem ?? ''), limitMs);
    const definitions = gatewayApiDefinitions(sandboxReleases[0]!.version);
    for (const one of definitions) await bare.client.create(one as NewObject, 'somebody');
    // Nor is there a namespace for the pool's defaults yet.
    await until(
      'why the pool cannot be',
      () => /namespaces "istio-system" not found/.test(agent.told()?.pools[0]?.message ?? ''),
      limitMs,
    );
    await bare.client.create(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'istio-system' } },
      'somebody',
    );
    await until('the pool', () => agent.told()?.pools[0]?.ready, limitMs);
    expect(agent.told()!.problem).toBe('');
    for (const { metadata } of definitions) {
      const name = { name: metadata.name };
      await bare.client.delete('customresourcedefinitions.apiextensions.k8s.io', name);
    }
    await until('told again', () => missing.test(agent.told()?.problem ?? ''), limitMs);
    await agent.end();
  } finally {
    bareCluster.client.close();
    await bare.close();
  }
});
