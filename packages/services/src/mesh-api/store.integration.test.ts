import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as policy from '@ambit/contracts/operations/policy';
import { openPipeline, type Pipeline } from '@ambit/db/pipeline';
import { encodeObject } from '@ambit/kube-api/object-bytes';
import {
  Compacted,
  KeyExists,
  KeyMissing,
  RevisionMismatch,
  type StoreEvent,
  type Write,
} from '@ambit/kube-api/store/store';
import type { KubeObject } from '@ambit/kube-api/types';
import { renderedMesh } from '../testing/rendered-mesh.ts';
import {
  auditOf,
  makeTenant,
  testPlatform,
  type Tenant,
  type TestPlatform,
} from '../testing/tenant.ts';
import { deliverPolicies } from '../policy/deliver.ts';
import { toUser } from './author.ts';
import { loadSeal, type Seal } from './seal.ts';
import { openMeshStore, type MeshStore } from './store.ts';

let platform: TestPlatform;
let tenant: Tenant;
let seal: Seal;
let pipeline: Pipeline;
let meshId: string;
let stores: MeshStore[] = [];
beforeAll(async () => {
  platform = await testPlatform();
  tenant = await makeTenant(platform);
  seal = await loadSeal(platform.db);
  pipeline = openPipeline(platform.db.url);
});
beforeEach(async () => {
  meshId = await renderedMesh(platform, tenant);
});
afterEach(() => {
  for (const store of stores) store.close();
  stores = [];
});
afterAll(async () => {
  await pipeline.close();
  await platform.drop();
});

async function open(of: Tenant = tenant): Promise<MeshStore> {
  const { db, now } = platform;
  const { organisationId } = of;
  const store = await openMeshStore({ db, pipeline, organisationId, meshId, seal, now });
  if (store === undefined) throw new Error('no mesh');
  stores.push(store);
  return store;
}

const resource = 'sidecars.networking.istio.io';
const keyOf = (name: string) => ({ resource, namespace: 'shop', name });

function sidecar(name: string, mark = ''): Write {
  const object: KubeObject = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Sidecar',
    metadata: { name, namespace: 'shop', uid: name, labels: { mark } },
    spec: { egress: [{ hosts: ['./*'] }] },
  };
  return {
    key: keyOf(name),
    encode: (revision) => encodeObject(object, revision),
    owners: [],
    context: { user: toUser(tenant.callers.operator), verb: 'create', fieldManager: 'test' },
  };
}

const follow = async (store: MeshStore, after: number): Promise<StoreEvent[]> => {
  const seen: StoreEvent[] = [];
  await store.watch(
    { resource, after },
    { events: (batch) => void seen.push(...batch), expired: () => {} },
  );
  return seen;
};

const told = (events: StoreEvent[]): string[] =>
  events.map(({ type, revision, object }) => `${revision} ${type} ${object.key.name}`);

test('what exists, is missing or was changed meanwhile is refused, and takes no revision', async () => {
  const store = await open();
  const first = await store.create(sidecar('a'));
  await expect(store.create(sidecar('a'))).rejects.toThrow(KeyExists);
  await expect(store.update(sidecar('b'), 1)).rejects.toThrow(KeyMissing);
  await expect(store.update(sidecar('a'), first.revision + 1)).rejects.toThrow(RevisionMismatch);
  expect(await store.revision()).toBe(first.revision);
  const gone = await store.delete(sidecar('a'), first.revision);
  expect(gone.revision).toBe(first.revision + 1);
  expect(await store.get(keyOf('a'))).toBeUndefined();
});

test('writers of several processes take turns: every revision once, and all see the same in the end', async () => {
  const [here, there] = await Promise.all([open(), open()]);
  const begin = await here.revision();
  const seen = await follow(here, begin);
  const names = Array.from({ length: 30 }, (_, i) => `s${i}`);
  const made = await Promise.allSettled(
    names.flatMap((name) => [here.create(sidecar(name)), there.create(sidecar(name))]),
  );
  expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(30);
  const revisions = made.flatMap((one) => (one.status === 'fulfilled' ? [one.value.revision] : []));
  expect(revisions.toSorted((a, b) => a - b)).toEqual(names.map((_, i) => begin + 1 + i));
  const present = (await here.get(keyOf('s0'))) ?? (await there.get(keyOf('s0')));
  const raced = await Promise.allSettled(
    [here, there].map((store, i) => store.update(sidecar('s0', `${i}`), present!.revision)),
  );
  expect(raced.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  await Promise.all([here.catchUp(), there.catchUp()]);
  const [a, b] = await Promise.all([here.list({ resource }), there.list({ resource })]);
  expect(a).toEqual(b);
  expect(a.items).toHaveLength(30);
  expect(seen.map(({ revision }) => revision)).toEqual(
    Array.from({ length: 31 }, (_, i) => begin + 1 + i),
  );
});

test('what another process wrote a moment ago decides, though nobody has told of it yet', async () => {
  const [here, there] = await Promise.all([open(), open()]);
  const made = await here.create(sidecar('a'));
  await there.catchUp();
  await there.delete(sidecar('a'), made.revision);
  const again = await here.create(sidecar('a'));
  expect(again.revision).toBe(made.revision + 2);
  await expect(there.update(sidecar('a', 'late'), made.revision)).rejects.toThrow(RevisionMismatch);
  const next = await there.update(sidecar('a', 'mine'), again.revision);
  expect(next.revision).toBe(again.revision + 1);
});

test('a writer that is always too late takes its turn with the lock', async () => {
  let tries = 0;
  const late: Pipeline = {
    transaction: () => {
      tries++;
      return Promise.reject(Object.assign(new Error('moved'), { code: 'AM001' }));
    },
    close: async () => {},
  };
  const { db, now } = platform;
  const { organisationId } = tenant;
  const store = await openMeshStore({ db, pipeline: late, organisationId, meshId, seal, now });
  const made = await store!.create(sidecar('late'));
  await expect(store!.create(sidecar('late'))).rejects.toThrow(KeyExists);
  expect(tries).toBe(6);
  store!.close();
  const other = await open();
  expect(await other.get(keyOf('late'))).toEqual(made);
  const audited = await auditOf(platform, tenant, 'kube.create');
  expect(audited[0]).toMatchObject({ outcome: 'done', detail: { name: 'late' } });
});

test('a write that the database refuses takes none of those with it that share its transaction', async () => {
  await platform.db.pool.query(`
    CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'poison' USING ERRCODE = '22000'; END $$;
    CREATE TRIGGER poison BEFORE INSERT ON policy FOR EACH ROW WHEN (NEW.name = 'poison')
      EXECUTE FUNCTION refuse_poison();`);
  const store = await open();
  const names = ['a', 'b', 'poison', 'c'];
  const made = await Promise.allSettled(names.map((name) => store.create(sidecar(name))));
  expect(made.map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'rejected',
    'fulfilled',
  ]);
  const { items } = await (await open()).list({ resource });
  expect(items.map(({ key }) => key.name)).toEqual(['a', 'b', 'c']);
});

test('writes that come one after the other go on while the first of them is under way', async () => {
  const store = await open();
  const seen = await follow(store, await store.revision());
  const waves = Array.from({ length: 5 }, async (_, wave) => {
    for (let turn = 0; turn < wave; turn++) await new Promise(setImmediate);
    const names = Array.from({ length: 20 }, (_each, i) => `w${wave}-${i}`);
    return Promise.all(names.map((name) => store.create(sidecar(name))));
  });
  const made = (await Promise.all(waves)).flat();
  expect(seen.map(({ revision }) => revision)).toEqual(
    made.map(({ revision }) => revision).toSorted((a, b) => a - b),
  );
  const { rows } = await platform.db.pool.query(
    `SELECT name FROM policy WHERE mesh_id = $1 ORDER BY revision`,
    [meshId],
  );
  expect(rows.map(({ name }) => name as string)).toEqual(seen.map(({ object }) => object.key.name));
});

test('a process that opens later shows the log as the one that was there', async () => {
  const store = await open();
  const begin = await store.revision();
  const seen = await follow(store, begin);
  const a = await store.create(sidecar('a'));
  await store.update(sidecar('a', 'changed'), a.revision);
  const b = await store.create(sidecar('b'));
  await store.delete(sidecar('b'), b.revision);
  await store.create(sidecar('b'));
  const late = await open();
  expect(told(await follow(late, begin))).toEqual(told(seen));
  expect(told(seen).map((line) => line.split(' ')[1])).toEqual([
    'ADDED',
    'MODIFIED',
    'ADDED',
    'DELETED',
    'ADDED',
  ]);
  const past = { resource, revision: b.revision };
  expect(await late.list(past)).toEqual(await store.list(past));
  expect((await late.list(past)).items).toHaveLength(2);
  await expect(follow(late, begin - 1)).rejects.toThrow(Compacted);
});

describe('rows of the other doors', () => {
  const yaml = (name: string) =>
    `apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: ${name}, namespace: shop}\nspec: {egress: [{hosts: ["./*"]}]}\n`;
  const read = async (store: MeshStore, name: string) => {
    const stored = await store.get(keyOf(name));
    return stored && (JSON.parse(stored.bytes.toString()) as KubeObject);
  };

  test('are objects with an owner of their fields, and keep their identity when they change', async () => {
    const store = await open();
    const apply = (text: string) =>
      tenant.callAs('operator', policy.policyApply, { meshId, yaml: text });
    await apply(yaml('a'));
    await store.catchUp();
    const made = await read(store, 'a');
    expect(made?.metadata).toMatchObject({
      generation: 1,
      managedFields: [{ manager: 'ambit-rest', operation: 'Update' }],
    });
    await apply(yaml('a').replace('./*', 'shop/*'));
    await store.catchUp();
    const changed = await read(store, 'a');
    expect(changed?.metadata).toMatchObject({ generation: 2, uid: made?.metadata.uid });
    expect(Number(changed?.metadata.resourceVersion)).toBe(await store.revision());
  });

  test('that are older than the API are shown, and go on from there', async () => {
    await tenant.callAs('operator', policy.policyApply, { meshId, yaml: yaml('old') });
    await platform.db.pool.query('DELETE FROM policy_version WHERE mesh_id = $1', [meshId]);
    await platform.db.pool.query(
      'UPDATE policy SET kube = NULL, resource = NULL WHERE mesh_id = $1',
      [meshId],
    );
    const store = await open();
    const old = await read(store, 'old');
    expect(old).toMatchObject({ kind: 'Sidecar', spec: { egress: [{ hosts: ['./*'] }] } });
    expect(await read(await open(), 'old')).toEqual(old);
    const { uid, resourceVersion } = old!.metadata;
    expect(uid).toMatch(/^[0-9a-f]{8}-/);
    const next = await store.update(sidecar('old', 'new'), Number(resourceVersion));
    expect(next.revision).toBe(Number(resourceVersion) + 1);
  });

  test('policies of the API are delivered as they are wanted, the rest stays here', async () => {
    const store = await open();
    const write = sidecar('a', 'm');
    await store.create(write);
    const object: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } };
    await store.create({
      ...write,
      key: { resource: 'configmaps', namespace: 'shop', name: 'c' },
      encode: (revision) => encodeObject(object, revision),
    });
    await deliverPolicies(platform, tenant.organisationId, meshId);
    const { rows } = await platform.db.pool.query<{ gzip: Buffer }>(
      `SELECT gzip FROM blob JOIN desired_bundle USING (organisation_id, digest)
       WHERE mesh_id = $1 AND name = 'policies'`,
      [meshId],
    );
    const text = gunzipSync(rows[0]!.gzip).toString();
    expect(text).toContain('"name":"a"');
    expect(text).not.toMatch(/ConfigMap|resourceVersion|uid/);
  });
});

test('another organisation has no store of the mesh', async () => {
  await expect(open(await makeTenant(platform, 'Other'))).rejects.toThrow('no mesh');
});

test('a sealed text that is moved to another place does not open', () => {
  const closed = seal.close('secret', 'here');
  expect(closed).not.toContain('secret');
  expect(seal.open(closed, 'here')).toBe('secret');
  expect(() => seal.open(closed, 'there')).toThrow();
});

test('a write that leaves the wish as it is stands in the log, and is no version of the policy', async () => {
  const store = await open();
  const begin = await store.revision();
  const seen = await follow(store, begin);
  const write = sidecar('a');
  const made = await store.create(write);
  const object = JSON.parse(made.bytes.toString()) as KubeObject;
  object.status = { conditions: [] };
  const reported = await store.update(
    {
      ...write,
      encode: (revision) => encodeObject(object, revision),
      context: { ...write.context, fieldManager: 'pilot-discovery' },
    },
    made.revision,
  );
  await store.update(sidecar('a', 'new'), reported.revision);
  expect(told(seen)).toHaveLength(3);
  const late = await open();
  expect(told(await follow(late, begin))).toEqual(told(seen));
  const { items } = await tenant.callAs('viewer', policy.policyList, { meshId });
  expect(items).toMatchObject([{ name: 'a', version: 2, manager: 'test', door: 'kubectl' }]);
  const history = await tenant.callAs('viewer', policy.policyHistory, {
    meshId,
    policyId: items[0]!.id,
  });
  expect(history.items.map(({ version, change, manager }) => [version, change, manager])).toEqual([
    [2, 'updated', 'test'],
    [1, 'created', 'test'],
  ]);
  expect(history.items[0]?.changes).toEqual([
    { op: 'replace', path: '/metadata/labels/mark', before: '', after: 'new' },
  ]);
});

test('REST deletes as Kubernetes does: an object with finalizers stays until they are gone', async () => {
  const store = await open();
  const write = sidecar('a');
  const made = await store.create(write);
  const object = JSON.parse(made.bytes.toString()) as KubeObject;
  object.metadata.finalizers = ['example.com/wait'];
  const next = (): Write => ({ ...write, encode: (revision) => encodeObject(object, revision) });
  await store.update(next(), made.revision);
  const read = async () => {
    await store.catchUp();
    const stored = await store.get(keyOf('a'));
    return stored && (JSON.parse(stored.bytes.toString()) as KubeObject);
  };
  const { items } = await tenant.callAs('viewer', policy.policyList, { meshId });
  const id = { meshId, policyId: items[0]!.id };
  for (let times = 0; times < 2; times++) {
    expect(await tenant.callAs('operator', policy.policyDelete, id)).toMatchObject({
      version: 2,
      finalizers: ['example.com/wait'],
    });
  }
  const marked = await read();
  expect(marked?.metadata.deletionTimestamp).toMatch(/^\d{4}-/);
  expect((await tenant.callAs('viewer', policy.policyList, { meshId })).items).toHaveLength(1);
  delete marked!.metadata.finalizers;
  await store.delete(
    { ...write, encode: (revision) => encodeObject(marked!, revision) },
    Number(marked!.metadata.resourceVersion),
  );
  const { items: gone } = await tenant.callAs('viewer', policy.policyList, {
    meshId,
    deleted: true,
  });
  expect(gone).toMatchObject([{ version: 3, finalizers: null }]);
  const history = await tenant.callAs('viewer', policy.policyHistory, id);
  expect(history.items.map(({ change, door }) => `${change} ${door}`)).toEqual([
    'deleted kubectl',
    'deleting rest',
    'created kubectl',
  ]);
});
