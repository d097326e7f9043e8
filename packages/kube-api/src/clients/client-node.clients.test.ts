import {
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  makeInformer,
  type V1ConfigMap,
} from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMemoryStore } from '../store/memory.ts';
import { testServer, type TestServer } from '../testing/server.ts';

describe('@kubernetes/client-node', () => {
  let server: TestServer;
  let core: CoreV1Api;
  let config: KubeConfig;
  const namespace = 'default';

  beforeAll(async () => {
    server = await testServer({
      basePath: '/k8s/m',
      store: createMemoryStore({ history: { events: 20 } }),
    });
    config = new KubeConfig();
    config.loadFromOptions({
      clusters: [{ name: 'c', server: server.url, skipTLSVerify: true }],
      users: [{ name: 'u' }],
      contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
      currentContext: 'x',
    });
    core = config.makeApiClient(CoreV1Api);
  });
  afterAll(() => server.close());

  const made = (name: string, data: Record<string, string> = {}): V1ConfigMap => ({
    metadata: { name },
    data,
  });

  test('an informer sees what is there and what comes, and its cache is the truth', async () => {
    await core.createNamespacedConfigMap({ namespace, body: made('first') });
    const list = () => core.listNamespacedConfigMap({ namespace });
    const informer = makeInformer(config, `/api/v1/namespaces/${namespace}/configmaps`, list);
    const seen: string[] = [];
    for (const verb of ['add', 'update', 'delete'] as const) {
      informer.on(verb, (object) => void seen.push(`${verb} ${object.metadata!.name}`));
    }
    await informer.start();
    await expect.poll(() => seen).toContain('add first');
    await core.createNamespacedConfigMap({ namespace, body: made('second') });
    const current = await core.readNamespacedConfigMap({ namespace, name: 'second' });
    await core.replaceNamespacedConfigMap({
      namespace,
      name: 'second',
      body: { ...current, data: { k: 'v' } },
    });
    await core.deleteNamespacedConfigMap({ namespace, name: 'first' });
    await expect
      .poll(() => seen)
      .toEqual(['add first', 'add second', 'update second', 'delete first']);
    expect(informer.list().map((object) => [object.metadata!.name, object.data])).toEqual([
      ['second', { k: 'v' }],
    ]);
    await informer.stop();
  });

  test('custom objects are reached by their generic client', async () => {
    const custom = config.makeApiClient(CustomObjectsApi);
    const where = { group: 'coordination.k8s.io', version: 'v1', plural: 'leases', namespace };
    const body = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'l' },
      spec: { holderIdentity: 'me' },
    };
    await custom.createNamespacedCustomObject({ ...where, body });
    const read = (await custom.getNamespacedCustomObject({ ...where, name: 'l' })) as typeof body;
    expect(read.spec.holderIdentity).toBe('me');
  });
});
