import { describe, expect, test } from 'vitest';
import type { KubeObject } from './types.ts';
import { call, configMap, CONFIG_MAPS } from './testing/call.ts';
import { testApi } from './testing/server.ts';

const ownedBy = (name: string, owner: KubeObject, more: object = {}) => ({
  ...configMap(name),
  metadata: {
    name,
    ownerReferences: [
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        name: owner.metadata.name,
        uid: owner.metadata.uid,
        ...more,
      },
    ],
  },
});

const names = async (api: ReturnType<typeof testApi>, path = CONFIG_MAPS): Promise<string[]> => {
  await api.idle();
  const list = await call(api, 'GET', path);
  return (list.body.items as unknown as KubeObject[]).map((item) => item.metadata.name!);
};

describe('owners', () => {
  test('background: dependents go after their owner, and theirs after them', async () => {
    const api = testApi();
    const owner = await call(api, 'POST', CONFIG_MAPS, configMap('owner'));
    const child = await call(api, 'POST', CONFIG_MAPS, ownedBy('child', owner.body));
    await call(api, 'POST', CONFIG_MAPS, ownedBy('grandchild', child.body));
    await call(api, 'POST', CONFIG_MAPS, configMap('other'));
    await call(api, 'DELETE', `${CONFIG_MAPS}/owner`);
    expect(await names(api)).toEqual(['other']);
  });

  test('a dependent with another owner alive only loses the reference', async () => {
    const api = testApi();
    const one = await call(api, 'POST', CONFIG_MAPS, configMap('one'));
    const two = await call(api, 'POST', CONFIG_MAPS, configMap('two'));
    const child = ownedBy('child', one.body);
    child.metadata.ownerReferences.push(ownedBy('x', two.body).metadata.ownerReferences[0]!);
    await call(api, 'POST', CONFIG_MAPS, child);
    await call(api, 'DELETE', `${CONFIG_MAPS}/one`);
    expect(await names(api)).toEqual(['child', 'two']);
    const left = await call(api, 'GET', `${CONFIG_MAPS}/child`);
    expect(left.body.metadata.ownerReferences!.map((owner) => owner.name)).toEqual(['two']);
  });

  test('what is made for an owner that is gone already goes too; for one of a kind that is not known it stays', async () => {
    const api = testApi();
    const owner = await call(api, 'POST', CONFIG_MAPS, configMap('owner'));
    await call(api, 'DELETE', `${CONFIG_MAPS}/owner`);
    await call(api, 'POST', CONFIG_MAPS, ownedBy('late', owner.body));
    const elsewhere = { apiVersion: 'example.com/v1', kind: 'Application' };
    await call(api, 'POST', CONFIG_MAPS, ownedBy('foreign', owner.body, elsewhere));
    expect(await names(api)).toEqual(['foreign']);
  });

  test('orphan: dependents stay, without the reference', async () => {
    const api = testApi();
    const owner = await call(api, 'POST', CONFIG_MAPS, configMap('owner'));
    await call(api, 'POST', CONFIG_MAPS, ownedBy('child', owner.body));
    await call(api, 'DELETE', `${CONFIG_MAPS}/owner`, { propagationPolicy: 'Orphan' });
    expect(await names(api)).toEqual(['child']);
    const child = await call(api, 'GET', `${CONFIG_MAPS}/child`);
    expect(child.body.metadata).not.toHaveProperty('ownerReferences');
  });

  test('foreground: the owner waits for the dependents that block it', async () => {
    const api = testApi();
    const owner = await call(api, 'POST', CONFIG_MAPS, configMap('owner'));
    const child = ownedBy('child', owner.body, { blockOwnerDeletion: true });
    Object.assign(child.metadata, { finalizers: ['test.dev/wait'] });
    await call(api, 'POST', CONFIG_MAPS, child);
    const deleted = await call(api, 'DELETE', `${CONFIG_MAPS}/owner?propagationPolicy=Foreground`);
    expect(deleted.body.metadata.finalizers).toEqual(['foregroundDeletion']);
    expect(await names(api)).toEqual(['child', 'owner']);
    const patch = { metadata: { finalizers: null } };
    await call(api, 'PATCH', `${CONFIG_MAPS}/child`, patch, {
      type: 'application/merge-patch+json',
    });
    expect(await names(api)).toEqual([]);
  });
});

describe('finalizers', () => {
  test('hold a deleted object until the last one is taken off; none can be added then', async () => {
    const api = testApi();
    const body = { ...configMap('a'), metadata: { name: 'a', finalizers: ['test.dev/one'] } };
    await call(api, 'POST', CONFIG_MAPS, body);
    const deleted = await call(api, 'DELETE', `${CONFIG_MAPS}/a`);
    expect(deleted.body.metadata.deletionTimestamp).toBeDefined();
    const merge = { type: 'application/merge-patch+json' };
    const added = { metadata: { finalizers: ['test.dev/one', 'test.dev/two'] } };
    expect((await call(api, 'PATCH', `${CONFIG_MAPS}/a`, added, merge)).status).toBe(422);
    await call(api, 'PATCH', `${CONFIG_MAPS}/a`, { metadata: { finalizers: [] } }, merge);
    expect((await call(api, 'GET', `${CONFIG_MAPS}/a`)).status).toBe(404);
  });
});

describe('collections and namespaces', () => {
  test('deletecollection deletes what the selector selects, and answers it', async () => {
    const api = testApi();
    for (const name of ['a', 'b']) {
      await call(api, 'POST', CONFIG_MAPS, {
        ...configMap(name),
        metadata: { name, labels: { app: name } },
      });
    }
    const deleted = await call(api, 'DELETE', `${CONFIG_MAPS}?labelSelector=app%3Da`);
    expect(deleted.body.items).toMatchObject([{ metadata: { name: 'a' } }]);
    expect(await names(api)).toEqual(['b']);
  });

  test('a namespace takes what is in it along, and takes nothing new meanwhile', async () => {
    const api = testApi();
    await call(api, 'POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'n' },
    });
    const path = '/api/v1/namespaces/n/configmaps';
    const held = {
      ...configMap('held'),
      metadata: { name: 'held', finalizers: ['test.dev/wait'] },
    };
    await call(api, 'POST', path, held);
    await call(api, 'POST', path, configMap('a'));
    const deleted = await call(api, 'DELETE', '/api/v1/namespaces/n');
    expect(deleted.body.status).toEqual({ phase: 'Terminating' });
    expect(await names(api, path)).toEqual(['held']);
    expect((await call(api, 'POST', path, configMap('late'))).status).toBe(403);
    await call(
      api,
      'PATCH',
      `${path}/held`,
      { metadata: { finalizers: null } },
      { type: 'application/merge-patch+json' },
    );
    await api.idle();
    expect((await call(api, 'GET', '/api/v1/namespaces/n')).status).toBe(404);
  });
});
