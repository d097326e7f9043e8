import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '@ambit/contracts/ids';
import { clusterGet } from '@ambit/contracts/operations/cluster';
import { sandboxGet, sandboxInject } from '@ambit/contracts/operations/sandbox';
import { startSandbox, type Sandbox } from '@ambit/sandbox/start';
import {
  auditOf,
  makeTenant,
  testPlatform,
  type Tenant,
  type TestPlatform,
} from '../testing/tenant.ts';

let sandbox: Sandbox;
let platform: TestPlatform;
let tenant: Tenant;
beforeAll(async () => {
  sandbox = await startSandbox();
  platform = await testPlatform({ sandboxUrl: sandbox.url });
  tenant = await makeTenant(platform);
});
afterAll(async () => {
  await platform.drop();
  await sandbox.close();
});

const uidOf = async (): Promise<string> =>
  (await sandbox.client.get('namespaces', { name: 'kube-system' })).metadata.uid;

/** A cluster as its agent registered and reported it. */
async function cluster(of: Tenant, kubernetesVersion: string, clusterUid: string): Promise<string> {
  const id = newId('cluster');
  await platform.db.system.cluster.create({
    data: {
      id,
      organisationId: of.organisationId,
      name: `c-${id.slice(-6)}`,
      clusterUid,
      report: {
        agent: { version: 'test' },
        conditions: [],
        generation: 1,
        cluster: { kubernetesVersion, nodes: [], foreignIstio: [], gatewayApi: null },
      },
    },
  });
  return id;
}

test('the simulated cluster is broken and mended through the catalogue, with an audit row', async () => {
  const clusterId = await cluster(tenant, 'v1.34.0+ambit-sandbox', await uidOf());
  expect(await tenant.callAs('viewer', clusterGet, { clusterId })).toMatchObject({
    simulated: true,
  });
  const { targets } = await tenant.callAs('viewer', sandboxGet, { clusterId });
  expect(targets.services).toContain('shop/payment');
  expect(targets.nodes).toHaveLength(3);
  const target = 'shop/payment';
  const inject = (kind: 'fail-service' | 'mend-service') =>
    tenant.callAs('operator', sandboxInject, { clusterId, kind, target });
  expect((await inject('fail-service')).faults).toMatchObject([{ kind: 'fail-service', target }]);
  expect(sandbox.faults.isFailing(target)).toBe(true);
  expect((await inject('mend-service')).faults).toEqual([]);
  const rows = await auditOf(platform, tenant, 'sandbox.inject');
  expect(rows.map(({ target: about, outcome, detail }) => ({ about, outcome, detail }))).toEqual([
    { about: clusterId, outcome: 'done', detail: { clusterId, kind: 'mend-service', target } },
    { about: clusterId, outcome: 'done', detail: { clusterId, kind: 'fail-service', target } },
  ]);
  await expect(
    tenant.callAs('operator', sandboxInject, { clusterId, kind: 'break-node', target: 'none' }),
  ).rejects.toMatchObject({
    code: 'unprocessable',
    message: expect.stringContaining('there is no node none'),
  });
});

test('nothing else is reached: no real cluster, no other sandbox, none of others, not by a viewer', async () => {
  const real = await cluster(tenant, 'v1.34.1', crypto.randomUUID());
  const foreign = await cluster(tenant, 'v1.34.0+ambit-sandbox', crypto.randomUUID());
  const call = (clusterId: string, role: 'viewer' | 'operator' = 'operator') =>
    tenant.callAs(role, sandboxInject, { clusterId, kind: 'drop-link' });
  await expect(call(real)).rejects.toMatchObject({
    code: 'unprocessable',
    message: expect.stringContaining('not a simulated'),
  });
  await expect(call(foreign)).rejects.toMatchObject({
    code: 'unprocessable',
    message: expect.stringContaining('not the one'),
  });
  await expect(call(real, 'viewer')).rejects.toMatchObject({ code: 'forbidden' });
  const them = await makeTenant(platform, 'Other');
  const theirs = await cluster(them, 'v1.34.0+ambit-sandbox', crypto.randomUUID());
  await expect(call(theirs)).rejects.toMatchObject({ code: 'not_found' });
  expect(sandbox.faults.active()).toEqual([]);
});

test('a sandbox that is gone is told as such', async () => {
  const away = { ...platform, sandboxUrl: 'http://127.0.0.1:9' };
  const them = await makeTenant(away, 'Away');
  const clusterId = await cluster(them, 'v1.34.0+ambit-sandbox', crypto.randomUUID());
  await expect(them.callAs('viewer', sandboxGet, { clusterId })).rejects.toMatchObject({
    code: 'unavailable',
  });
});
