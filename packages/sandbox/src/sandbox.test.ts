import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { meshOptionsSchema } from '@ambit/contracts/mesh-options';
import { installerInput } from '@ambit/istio/values';
import { KubeError } from './client/client.ts';
import { isReady } from './controllers/common.ts';
import type { NewObject, Pod } from './objects.ts';
import { sandboxReleases } from './releases/catalogue.ts';
import { gatewayApiDefinitions } from './releases/definitions.ts';
import { renderSandboxRelease } from './releases/render.ts';
import { startSandbox, type Sandbox } from './start.ts';
import { until } from './testing/until.ts';

const pace = { pullMs: 20, initMs: 10, readyMs: 20, stopMs: 20, jobMs: 30, restartMs: 200 };

let sandbox: Sandbox;
const errors: string[] = [];
beforeAll(async () => {
  sandbox = await startSandbox({
    pace,
    nodes: { heartbeatMs: 300, graceMs: 1_500, evictAfterSeconds: 1 },
    onError: (where, error) => errors.push(`${where}: ${String(error)}`),
  });
});
afterAll(async () => {
  await sandbox.close();
  expect(errors).toEqual([]);
});

let spaces = 0;
async function newNamespace(labels: Record<string, string> = {}): Promise<string> {
  const name = `space-${++spaces}`;
  await make({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  return name;
}

const make = (object: NewObject) => sandbox.client.create(object, 'test');
const pods = (namespace: string, app?: string): Pod[] =>
  sandbox.manager.cache
    .list('pods', namespace)
    .filter(({ metadata }) => app === undefined || metadata.labels?.app === app);
const ready = (namespace: string, app?: string): Pod[] => pods(namespace, app).filter(isReady);

const deployment = (
  namespace: string,
  name: string,
  more: { image?: string; replicas?: number; labels?: Record<string, string> } = {},
): NewObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace },
  spec: {
    replicas: more.replicas ?? 2,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name, ...more.labels } },
      spec: { containers: [{ name, image: more.image ?? 'example.com/app:v1' }] },
    },
  },
});

const deploymentOf = (namespace: string, name: string) =>
  sandbox.manager.cache.get('deployments.apps', namespace, name);
const setImage = (namespace: string, name: string, image: string) =>
  sandbox.client.patch(
    'deployments.apps',
    { namespace, name },
    { spec: { template: { spec: { containers: [{ name, image }] } } } },
    'test',
  );

describe('a cluster', () => {
  test('says everywhere that it is simulated', async () => {
    const version = (await (await fetch(`${sandbox.url}/version`)).json()) as {
      gitVersion: string;
    };
    expect(version.gitVersion).toBe('v1.34.0+ambit-sandbox');
    const nodes = sandbox.manager.cache.list('nodes');
    expect(nodes).toHaveLength(3);
    for (const { metadata } of [...nodes, ...sandbox.manager.cache.list('namespaces')]) {
      if (metadata.name.startsWith('space-')) continue;
      expect(metadata.labels).toMatchObject({ 'ambit.dev/simulated': 'true' });
    }
  });

  test('brings the pods of a Deployment up and gives its Service endpoints', async () => {
    const namespace = await newNamespace();
    await make(deployment(namespace, 'web'));
    const service = (await make({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace },
      spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
    })) as unknown as { spec: { clusterIP: string } };
    expect(service.spec.clusterIP).toMatch(/^10\.96\./);
    await until('two pods ready', () => ready(namespace).length === 2);
    const slice = await until('endpoints', () => {
      const found = sandbox.manager.cache.get(
        'endpointslices.discovery.k8s.io',
        namespace,
        'web-simulated',
      );
      return (found?.endpoints.length ?? 0) === 2 ? found : null;
    });
    const addresses = new Set(
      slice.endpoints.map((one) => (one as { addresses: string[] }).addresses[0]),
    );
    expect(addresses).toEqual(new Set(ready(namespace).map(({ status }) => status!.podIP)));
    const { status } = await until('status', () => {
      const found = deploymentOf(namespace, 'web');
      return found?.status?.availableReplicas === 2 ? found : null;
    });
    expect(status?.conditions?.map(({ type, status: is }) => `${type} ${is}`).sort()).toEqual([
      'Available True',
      'Progressing True',
    ]);
  });

  test('rolls a new image out without falling below what is to be available', async () => {
    const namespace = await newNamespace();
    await make(deployment(namespace, 'web', { replicas: 4 }));
    await until('up', () => deploymentOf(namespace, 'web')?.status?.availableReplicas === 4);
    let least = 4;
    let most = 0;
    sandbox.manager.onChange(({ kind, object }) => {
      if (kind !== 'pods' || object.metadata.namespace !== namespace) return;
      const living = pods(namespace).filter(({ metadata }) => !metadata.deletionTimestamp);
      least = Math.min(least, living.filter(isReady).length);
      most = Math.max(most, living.length);
    });
    await setImage(namespace, 'web', 'example.com/app:v2');
    await until('rolled out', () => {
      const all = pods(namespace);
      return (
        all.length === 4 &&
        all.every((pod) => isReady(pod) && pod.spec.containers[0]!.image.endsWith(':v2'))
      );
    });
    expect(least).toBeGreaterThanOrEqual(3);
    expect(most).toBeLessThanOrEqual(5);
  });

  test('an image that does not exist stops a rollout and leaves the old pods', async () => {
    const namespace = await newNamespace();
    await make(deployment(namespace, 'web'));
    await until('up', () => ready(namespace).length === 2);
    await setImage(namespace, 'web', 'example.com/app:broken');
    const stuck = await until('refused', () =>
      pods(namespace).find(({ status }) =>
        status?.containerStatuses?.some(({ state }) => state.waiting?.reason === 'ErrImagePull'),
      ),
    );
    expect(stuck.status?.containerStatuses?.[0]?.state.waiting?.message).toMatch(/not found/);
    expect(ready(namespace)).toHaveLength(2);
  });

  test('a namespace takes everything in it with it', async () => {
    const namespace = await newNamespace();
    await make(deployment(namespace, 'web'));
    await until('up', () => ready(namespace).length === 2);
    await until('account', () =>
      sandbox.manager.cache.get('serviceaccounts', namespace, 'default'),
    );
    await sandbox.client.delete('namespaces', { name: namespace });
    await until('gone', () => !sandbox.manager.cache.get('namespaces', '', namespace));
    expect(pods(namespace)).toEqual([]);
    await expect(make(deployment(namespace, 'web'))).rejects.toBeInstanceOf(KubeError);
  });

  test('deleting a Deployment takes its ReplicaSets and pods with it', async () => {
    const namespace = await newNamespace();
    await make(deployment(namespace, 'web'));
    await until('up', () => ready(namespace).length === 2);
    await sandbox.client.delete('deployments.apps', { namespace, name: 'web' });
    await until('gone', () => pods(namespace).length === 0);
    expect(sandbox.manager.cache.list('replicasets.apps', namespace)).toEqual([]);
  });

  test('a Job runs to its end', async () => {
    const namespace = await newNamespace();
    await make({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'once', namespace },
      spec: {
        completions: 2,
        template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a:1' }] } },
      },
    });
    await until('complete', () =>
      sandbox.manager.cache
        .get('jobs.batch', namespace, 'once')
        ?.status?.conditions?.some(({ type, status }) => type === 'Complete' && status === 'True'),
    );
    expect(pods(namespace).filter(({ status }) => status?.phase === 'Succeeded')).toHaveLength(2);
  });

  test('a crashed pod is restarted, and its restarts are counted', async () => {
    const namespace = await newNamespace();
    await make(deployment(namespace, 'web', { replicas: 1 }));
    const [pod] = await until('up', () =>
      ready(namespace).length === 1 ? ready(namespace) : null,
    );
    const target = `${namespace}/${pod!.metadata.name}`;
    expect(await fault({ kind: 'crash-pod', target })).toMatchObject({ status: 200 });
    await until('down', () => ready(namespace).length === 0);
    await until('up again', () => ready(namespace).length === 1);
    expect(pods(namespace)[0]?.status?.containerStatuses?.[0]?.restartCount).toBe(1);
    const told = ['Scheduled', 'Pulled', 'Created', 'Started', 'BackOff'];
    await until('events', async () => {
      const events = await fetch(
        `${sandbox.url}/api/v1/namespaces/${namespace}/events?fieldSelector=involvedObject.uid=${pod!.metadata.uid}`,
      );
      const { items } = (await events.json()) as { items: { reason: string; count: number }[] };
      const started = items.find(({ reason }) => reason === 'Started');
      return (
        started?.count === 2 && told.every((one) => items.some(({ reason }) => reason === one))
      );
    });
    expect(await fault({ kind: 'crash-pod', target: 'nowhere/at-all' })).toMatchObject({
      status: 422,
    });
    expect(await fault({ kind: 'set-on-fire' })).toMatchObject({ status: 400 });
  });
});

const fault = async (body: object) => {
  const answer = await fetch(`${sandbox.url}/simulated/faults`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};

describe('a simulated mesh', () => {
  const [first, second, broken] = sandboxReleases;
  const apply = async (release: (typeof sandboxReleases)[number]): Promise<void> => {
    const options = meshOptionsSchema.parse({});
    const objects = [
      ...gatewayApiDefinitions(release.version),
      ...renderSandboxRelease(
        release.version,
        installerInput({ release, profile: 'ambient', options }),
      ),
    ];
    const { version } = release;
    for (const object of objects) {
      const { apiVersion, metadata } = object;
      const kinds = (await (
        await fetch(`${sandbox.url}${apiVersion.includes('/') ? '/apis' : '/api'}/${apiVersion}`)
      ).json()) as { resources: { name: string; kind: string; namespaced: boolean }[] };
      const found = kinds.resources.find(
        ({ kind, name }) => kind === object.kind && !name.includes('/'),
      )!;
      const where = found.namespaced ? `/namespaces/${metadata.namespace}` : '';
      const path = `${apiVersion.includes('/') ? '/apis' : '/api'}/${apiVersion}${where}/${found.name}/${metadata.name}`;
      const answer = await fetch(`${sandbox.url}${path}?fieldManager=test&force=true`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/apply-patch+yaml' },
        body: JSON.stringify(object),
      });
      expect(answer.ok, `${version} ${object.kind} ${metadata.name}: ${await answer.text()}`).toBe(
        true,
      );
    }
  };
  const istiod = () => deploymentOf('istio-system', 'istiod');

  test(
    'comes up from a sandbox release, injects, enrols and counts',
    { timeout: 60_000 },
    async () => {
      await make({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'istio-system' } });
      await apply(first!);
      await until('istiod', () => istiod()?.status?.availableReplicas === 1);
      await until('ztunnel', () => {
        const set = sandbox.manager.cache.get('daemonsets.apps', 'istio-system', 'ztunnel');
        return set?.status?.numberAvailable === 3;
      });
      await until('webhook CA', () =>
        sandbox.manager.cache
          .list('mutatingwebhookconfigurations.admissionregistration.k8s.io')[0]
          ?.webhooks?.every(({ clientConfig }) => clientConfig.caBundle),
      );
      await until('classes', () => {
        const classes = sandbox.manager.cache.list('gatewayclasses.gateway.networking.k8s.io');
        return (
          classes.length === 3 &&
          classes.every(({ status }) =>
            status?.conditions?.some(
              ({ type, status: is }) => type === 'Accepted' && is === 'True',
            ),
          )
        );
      });

      const sidecars = await newNamespace({ 'istio-injection': 'enabled' });
      await make(deployment(sidecars, 'web'));
      await until('injected', () => ready(sidecars).length === 2);
      for (const pod of ready(sidecars)) {
        const proxy = pod.spec.initContainers?.find(({ name }) => name === 'istio-proxy');
        expect(proxy?.image).toBe('sandbox.ambit.dev/proxyv2:1.31.0-sandbox');
        expect(pod.status?.initContainerStatuses?.every((one) => one.ready)).toBe(true);
      }
      expect(sandbox.manager.cache.get('configmaps', sidecars, 'istio-ca-root-cert')).toBeDefined();

      expect(sandbox.traffic.metrics(null)).not.toContain('istio_requests_total');
      await sandbox.client.patch(
        'namespaces',
        { name: 'shop' },
        {
          metadata: {
            labels: { 'istio.io/dataplane-mode': 'ambient', 'istio.io/use-waypoint': 'waypoint' },
          },
        },
        'test',
      );
      await until('enrolled without a restart', () => {
        const all = ready('shop');
        return (
          all.length >= 14 &&
          all.every(
            ({ metadata }) => metadata.annotations?.['ambient.istio.io/redirection'] === 'enabled',
          )
        );
      });
      sandbox.traffic.simulate(5);
      const l4 = sandbox.traffic.metrics(null);
      expect(l4).toContain('istio_tcp_sent_bytes_total');
      expect(l4).not.toContain('istio_requests_total');

      await make({
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'Gateway',
        metadata: {
          name: 'waypoint',
          namespace: 'shop',
          labels: { 'istio.io/waypoint-for': 'service' },
        },
        spec: {
          gatewayClassName: 'istio-waypoint',
          listeners: [{ name: 'mesh', port: 15008, protocol: 'HBONE' }],
        },
      });
      await until('bound', () =>
        sandbox.manager.cache
          .get('services', 'shop', 'catalogue')
          ?.status?.conditions?.some(({ reason }) => reason === 'WaypointAccepted'),
      );
      await make({
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'HTTPRoute',
        metadata: { name: 'catalogue', namespace: 'shop' },
        spec: {
          parentRefs: [{ group: '', kind: 'Service', name: 'catalogue' }],
          rules: [{ backendRefs: [{ name: 'nowhere', port: 8080 }] }],
        },
      });
      await until('route status', () =>
        sandbox.manager.cache
          .get('httproutes.gateway.networking.k8s.io', 'shop', 'catalogue')
          ?.status?.parents?.[0]?.conditions?.some(({ reason }) => reason === 'BackendNotFound'),
      );
      sandbox.traffic.simulate(5);
      const l7 = sandbox.traffic.metrics(null);
      expect(l7).toMatch(
        /istio_requests_total\{reporter="waypoint"[^}]*destination_service="catalogue\.shop[^}]*response_code="503"/,
      );
      await sandbox.client.delete('gateways.gateway.networking.k8s.io', {
        namespace: 'shop',
        name: 'waypoint',
      });
      await until('proxy gone', () => !deploymentOf('shop', 'waypoint'));
      await until('unbound', () =>
        sandbox.manager.cache
          .get('services', 'shop', 'catalogue')
          ?.status?.conditions?.some(({ reason }) => reason === 'WaypointIsNotReady'),
      );
    },
  );

  test(
    'is upgraded in place, and a broken release leaves the old istiod',
    { timeout: 60_000 },
    async () => {
      await apply(second!);
      await until('upgraded', () =>
        pods('istio-system', 'istiod').every(
          (pod) => isReady(pod) && pod.spec.containers[0]!.image.endsWith('1.32.0-sandbox'),
        ),
      );
      await apply(broken!);
      await until('stuck', () =>
        pods('istio-system', 'istiod').some(
          (pod) =>
            !isReady(pod) &&
            pod.status?.containerStatuses?.[0]?.state.waiting?.reason === 'ErrImagePull',
        ),
      );
      expect(ready('istio-system', 'istiod').length).toBeGreaterThanOrEqual(1);
    },
  );
});

test(
  'a broken node loses its pods to the others, and takes part again when healed',
  { timeout: 70_000 },
  async () => {
    const namespace = await newNamespace();
    await make(deployment(namespace, 'web', { replicas: 3 }));
    await until('up', () => ready(namespace).length === 3);
    expect(new Set(ready(namespace).map(({ spec }) => spec.nodeName)).size).toBe(3);
    await fault({ kind: 'break-node', target: 'sandbox-node-3' });
    await until('noticed', () => ready(namespace).length === 2);
    const node = () => sandbox.manager.cache.get('nodes', '', 'sandbox-node-3')!;
    expect(node().status?.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('Unknown');
    await until('moved', () => ready(namespace).length === 3);
    expect(ready(namespace).map(({ spec }) => spec.nodeName)).not.toContain('sandbox-node-3');
    await fault({ kind: 'heal-node', target: 'sandbox-node-3' });
    await until('healed', () => isTrueReady() && (node().spec.taints ?? []).length === 0);
    await until('the lost pod is gone', () => pods(namespace).length === 3);
    function isTrueReady(): boolean {
      return (
        node().status?.conditions?.some(
          ({ type, status }) => type === 'Ready' && status === 'True',
        ) ?? false
      );
    }
  },
);

test('a sandbox that is started again has the objects it had, under the same identity', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ambit-sandbox-'));
  try {
    const stateFile = join(folder, 'state.json');
    const one = await startSandbox({ pace, stateFile });
    await until('up', () => one.manager.cache.list('pods', 'shop').filter(isReady).length === 14);
    const before = one.manager.cache.get('namespaces', '', 'kube-system')?.metadata.uid;
    const names = one.manager.cache.list('pods', 'shop').map(({ metadata }) => metadata.name);
    await one.close();
    const two = await startSandbox({ pace, stateFile });
    expect(two.manager.cache.get('namespaces', '', 'kube-system')?.metadata.uid).toBe(before);
    await until('up', () => two.manager.cache.list('pods', 'shop').filter(isReady).length === 14);
    expect(two.manager.cache.list('pods', 'shop').map(({ metadata }) => metadata.name)).toEqual(
      names,
    );
    await two.close();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('evicts a pod, unless a disruption budget lets none go', async () => {
  const namespace = await newNamespace();
  await make(deployment(namespace, 'kept', { replicas: 1 }));
  const [pod] = await until('a ready pod', () =>
    ready(namespace).length === 1 ? ready(namespace) : undefined,
  );
  const evict = () =>
    fetch(`${sandbox.url}/api/v1/namespaces/${namespace}/pods/${pod!.metadata.name}/eviction`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name: pod!.metadata.name, namespace },
      }),
    });
  await make({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'all', namespace },
    spec: { minAvailable: 1, selector: { matchLabels: { app: 'kept' } } },
  } as NewObject);
  await until(
    'the budget',
    () =>
      sandbox.manager.cache.get('poddisruptionbudgets.policy', namespace, 'all')?.status?.[
        'desiredHealthy'
      ] === 1,
  );
  expect((await evict()).status).toBe(429);
  await sandbox.client.delete('poddisruptionbudgets.policy', { namespace, name: 'all' });
  await until(
    'the budget to go',
    () => sandbox.manager.cache.get('poddisruptionbudgets.policy', namespace, 'all') === undefined,
  );
  expect((await evict()).status).toBe(201);
  await until('another pod', () =>
    ready(namespace).some(({ metadata }) => metadata.uid !== pod!.metadata.uid),
  );
});
