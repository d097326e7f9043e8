import { describe, expect, test } from 'vitest';
import { call, configMap, CONFIG_MAPS } from './testing/call.ts';
import { testApi } from './testing/server.ts';

describe('create, get, update, delete', () => {
  test('a created object carries uid, time, resourceVersion and its creator as manager', async () => {
    const api = testApi({ now: () => new Date('2026-01-02T03:04:05.678Z') });
    const created = await call(api, 'POST', CONFIG_MAPS, configMap('a', { k: 'v' }));
    expect(created.status).toBe(201);
    expect(created.body.metadata).toMatchObject({
      name: 'a',
      namespace: 'default',
      creationTimestamp: '2026-01-02T03:04:05Z',
      managedFields: [
        {
          manager: 'test',
          operation: 'Update',
          apiVersion: 'v1',
          fieldsV1: { 'f:data': { '.': {}, 'f:k': {} } },
        },
      ],
    });
    expect(created.body.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    const read = await call(api, 'GET', `${CONFIG_MAPS}/a`);
    expect(read.body).toEqual(created.body);
  });

  test('the same name twice is AlreadyExists', async () => {
    const api = testApi();
    await call(api, 'POST', CONFIG_MAPS, configMap('a'));
    const again = await call(api, 'POST', CONFIG_MAPS, configMap('a'));
    expect(again.status).toBe(409);
    expect(again.body).toMatchObject({
      kind: 'Status',
      reason: 'AlreadyExists',
      message: 'configmaps "a" already exists',
    });
  });

  test('an update with an old resourceVersion is refused, with the present one it is taken', async () => {
    const api = testApi();
    const first = await call(api, 'POST', CONFIG_MAPS, configMap('a', { k: '1' }));
    const second = await call(api, 'PUT', `${CONFIG_MAPS}/a`, { ...first.body, data: { k: '2' } });
    expect(second.status).toBe(200);
    const stale = await call(api, 'PUT', `${CONFIG_MAPS}/a`, { ...first.body, data: { k: '3' } });
    expect(stale.status).toBe(409);
    expect(stale.body.reason).toBe('Conflict');
    expect((await call(api, 'GET', `${CONFIG_MAPS}/a`)).body.data).toEqual({ k: '2' });
  });

  test('a write that changes nothing leaves the resourceVersion as it is', async () => {
    const api = testApi();
    const first = await call(api, 'POST', CONFIG_MAPS, configMap('a', { k: '1' }));
    const same = await call(api, 'PUT', `${CONFIG_MAPS}/a`, first.body);
    expect(same.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion);
  });

  test('resourceVersions that are no numbers, or not yet reached, are refused with a Status', async () => {
    const api = testApi();
    const made = await call(api, 'POST', CONFIG_MAPS, configMap('a'));
    const wrong = { ...made.body, metadata: { ...made.body.metadata, resourceVersion: 'x' } };
    expect((await call(api, 'PUT', `${CONFIG_MAPS}/a`, wrong)).status).toBe(400);
    expect((await call(api, 'GET', `${CONFIG_MAPS}?resourceVersion=abc`)).status).toBe(400);
    const future = await call(api, 'GET', `${CONFIG_MAPS}?resourceVersion=999999`);
    expect(future.status).toBe(504);
    expect(future.body.message).toContain('Too large resource version');
  });

  test('delete answers a Status with the uid, and then the object is not found', async () => {
    const api = testApi();
    const made = await call(api, 'POST', CONFIG_MAPS, configMap('a'));
    const deleted = await call(api, 'DELETE', `${CONFIG_MAPS}/a`);
    expect(deleted.body).toMatchObject({
      status: 'Success',
      details: { name: 'a', kind: 'configmaps', uid: made.body.metadata.uid },
    });
    const gone = await call(api, 'GET', `${CONFIG_MAPS}/a`);
    expect(gone.body).toMatchObject({
      code: 404,
      reason: 'NotFound',
      message: 'configmaps "a" not found',
    });
  });

  test('delete preconditions on uid and resourceVersion hold', async () => {
    const api = testApi();
    const made = await call(api, 'POST', CONFIG_MAPS, configMap('a'));
    const wrongUid = { preconditions: { uid: 'other' } };
    expect((await call(api, 'DELETE', `${CONFIG_MAPS}/a`, wrongUid)).status).toBe(409);
    const wrongVersion = { preconditions: { resourceVersion: '1' } };
    expect((await call(api, 'DELETE', `${CONFIG_MAPS}/a`, wrongVersion)).status).toBe(409);
    const { uid, resourceVersion } = made.body.metadata;
    const right = { preconditions: { uid, resourceVersion } };
    expect((await call(api, 'DELETE', `${CONFIG_MAPS}/a`, right)).status).toBe(200);
  });

  test('writers at the same time: creates once, applies all, counts every patch', async () => {
    const api = testApi();
    const created = await Promise.all(
      [1, 2, 3].map(() => call(api, 'POST', CONFIG_MAPS, configMap('a'))),
    );
    expect(created.map((answer) => answer.status).sort()).toEqual([201, 409, 409]);
    const applied = await Promise.all(
      ['x', 'y', 'z'].map((key) =>
        call(api, 'PATCH', `${CONFIG_MAPS}/b?fieldManager=${key}`, configMap('b', { [key]: '1' }), {
          type: 'application/apply-patch+yaml',
        }),
      ),
    );
    expect(applied.map((answer) => answer.status).sort()).toEqual([200, 200, 201]);
    expect((await call(api, 'GET', `${CONFIG_MAPS}/b`)).body.data).toEqual({
      x: '1',
      y: '1',
      z: '1',
    });
    const merge = { type: 'application/merge-patch+json' };
    await Promise.all(
      ['p', 'q', 'r', 's'].map((key) =>
        call(api, 'PATCH', `${CONFIG_MAPS}/b`, { data: { [key]: '2' } }, merge),
      ),
    );
    expect(
      Object.keys((await call(api, 'GET', `${CONFIG_MAPS}/b`)).body.data as unknown as object),
    ).toHaveLength(7);
  });

  test('generateName makes distinct names that begin with it', async () => {
    const api = testApi();
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'x-' } };
    const made = await Promise.all([1, 2, 3].map(() => call(api, 'POST', CONFIG_MAPS, body)));
    const names = made.map((answer) => answer.body.metadata.name);
    expect(new Set(names).size).toBe(3);
    expect(names.every((name) => /^x-[a-z0-9]{5}$/.test(name!))).toBe(true);
  });

  test('a dry run answers as the write would, and writes nothing', async () => {
    const api = testApi();
    const dry = await call(api, 'POST', `${CONFIG_MAPS}?dryRun=All`, configMap('a'));
    expect(dry.status).toBe(201);
    expect((await call(api, 'GET', `${CONFIG_MAPS}/a`)).status).toBe(404);
    await call(api, 'POST', CONFIG_MAPS, configMap('a', { k: '1' }));
    const patch = { data: { k: '2' } };
    const merged = { type: 'application/merge-patch+json' };
    const preview = await call(api, 'PATCH', `${CONFIG_MAPS}/a?dryRun=All`, patch, merged);
    expect(preview.body.data).toEqual({ k: '2' });
    await call(api, 'DELETE', `${CONFIG_MAPS}/a?dryRun=All`);
    expect((await call(api, 'GET', `${CONFIG_MAPS}/a`)).body.data).toEqual({ k: '1' });
  });

  test('an object needs its namespace, and cannot name another one', async () => {
    const api = testApi();
    const missing = await call(
      api,
      'POST',
      '/api/v1/namespaces/nowhere/configmaps',
      configMap('a'),
    );
    expect(missing.body.message).toBe('namespaces "nowhere" not found');
    const other = { ...configMap('a'), metadata: { name: 'a', namespace: 'kube-system' } };
    expect((await call(api, 'POST', CONFIG_MAPS, other)).status).toBe(400);
  });

  test('spec changes raise the generation, status and metadata changes do not', async () => {
    const api = testApi();
    const path = '/apis/apps/v1/namespaces/default/deployments';
    const merge = { type: 'application/merge-patch+json' };
    const template = {
      metadata: { labels: { a: 'b' } },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    };
    const made = await call(api, 'POST', path, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd' },
      spec: { selector: { matchLabels: { a: 'b' } }, template },
      status: { replicas: 7 },
    });
    expect(made.body.metadata.generation).toBe(1);
    expect(made.body).not.toHaveProperty('status');
    const labelled = await call(
      api,
      'PATCH',
      `${path}/d`,
      { metadata: { labels: { x: 'y' } } },
      merge,
    );
    expect(labelled.body.metadata.generation).toBe(1);
    const status = { status: { replicas: 3 }, spec: { replicas: 9 } };
    const reported = await call(api, 'PATCH', `${path}/d/status`, status, merge);
    expect(reported.body).toMatchObject({
      metadata: { generation: 1 },
      spec: { replicas: 1 },
      status: { replicas: 3 },
    });
    const scaled = await call(api, 'PATCH', `${path}/d/scale`, { spec: { replicas: 4 } }, merge);
    expect(scaled.body).toMatchObject({
      kind: 'Scale',
      spec: { replicas: 4 },
      status: { replicas: 3, selector: 'a=b' },
    });
    const after = await call(api, 'GET', `${path}/d`);
    expect(after.body).toMatchObject({
      metadata: { generation: 2 },
      spec: { replicas: 4 },
      status: { replicas: 3 },
    });
  });

  test('Secret takes stringData and stores data', async () => {
    const api = testApi();
    const made = await call(api, 'POST', '/api/v1/namespaces/default/secrets', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's' },
      stringData: { p: 'hé' },
    });
    expect(made.body).toMatchObject({ type: 'Opaque', data: { p: 'aMOp' } });
    expect(made.body).not.toHaveProperty('stringData');
  });
});

describe('field validation', () => {
  const body = { ...configMap('a'), dta: 1, metadata: { name: 'a', labls: {} } };
  test('Strict refuses unknown fields and duplicate keys by path', async () => {
    const api = testApi();
    const strict = await call(api, 'POST', `${CONFIG_MAPS}?fieldValidation=Strict`, body);
    expect(strict.status).toBe(400);
    expect(strict.body.message).toBe(
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "metadata.labls", unknown field "dta"',
    );
    const twice =
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"1","k":"2"}}';
    const duplicate = await call(api, 'POST', `${CONFIG_MAPS}?fieldValidation=Strict`, twice);
    expect(duplicate.body.message).toContain('duplicate field "data.k"');
  });
  test('Warn, the default, drops them and says so in Warning headers; Ignore says nothing', async () => {
    const api = testApi();
    const warned = await call(api, 'POST', CONFIG_MAPS, body);
    expect(warned.status).toBe(201);
    expect(warned.body).not.toHaveProperty('dta');
    expect(warned.headers.get('warning')).toContain('299 - "unknown field \\"dta\\""');
    const ignored = await call(api, 'POST', `${CONFIG_MAPS}?fieldValidation=Ignore`, {
      ...body,
      metadata: { name: 'b' },
    });
    expect(ignored.headers.get('warning')).toBeNull();
  });
});
