import {
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  makeInformer,
  type KubernetesListObject,
  type KubernetesObject,
} from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import type { MakeMesh } from './make-mesh.ts';

export function clientNode(makeMesh: MakeMesh): void {
  test('an informer of @kubernetes/client-node sees what is there and what comes', async () => {
    const mesh = await makeMesh();
    const config = new KubeConfig();
    config.loadFromOptions({
      clusters: [{ name: 'c', server: mesh.url, skipTLSVerify: true }],
      users: [{ name: 'u', token: mesh.token }],
      contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
      currentContext: 'x',
    });
    const core = config.makeApiClient(CoreV1Api);
    await core.createNamespacedConfigMap({ namespace: 'shop', body: { metadata: { name: 'c' } } });
    const custom = config.makeApiClient(CustomObjectsApi);
    const where = {
      group: 'networking.istio.io',
      version: 'v1',
      namespace: 'shop',
      plural: 'sidecars',
    };
    const sidecar = (name: string) => ({
      apiVersion: 'networking.istio.io/v1',
      kind: 'Sidecar',
      metadata: { name },
      spec: { egress: [{ hosts: ['./*'] }] },
    });
    await custom.createNamespacedCustomObject({ ...where, body: sidecar('first') });
    const list = () =>
      custom.listNamespacedCustomObject(where) as Promise<KubernetesListObject<KubernetesObject>>;
    const path = '/apis/networking.istio.io/v1/namespaces/shop/sidecars';
    const informer = makeInformer(config, path, list);
    const seen: string[] = [];
    for (const verb of ['add', 'update', 'delete'] as const) {
      informer.on(verb, (object) => void seen.push(`${verb} ${object.metadata!.name}`));
    }
    await informer.start();
    await expect.poll(() => seen).toContain('add first');
    await custom.createNamespacedCustomObject({ ...where, body: sidecar('second') });
    await custom.patchNamespacedCustomObject({
      ...where,
      name: 'second',
      body: [{ op: 'add', path: '/metadata/labels', value: { a: 'b' } }],
    });
    await custom.deleteNamespacedCustomObject({ ...where, name: 'first' });
    await expect
      .poll(() => seen, { timeout: 5_000 })
      .toEqual(['add first', 'add second', 'update second', 'delete first']);
    expect(informer.list().map(({ metadata }) => metadata?.labels)).toEqual([{ a: 'b' }]);
    await informer.stop();
  });
}
