import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ReportedObject } from '@ambit/contracts/agent/objects';
import { directDecide, directList } from '@ambit/contracts/operations/direct';
import { policyApply } from '@ambit/contracts/operations/policy';
import { takeObjects } from '@ambit/services/agent-link/objects';
import { reflectStatuses } from '@ambit/services/cluster-object/reflect';
import { deliverPolicies } from '@ambit/services/policy/deliver';
import { renderedMesh } from '@ambit/services/testing/rendered-mesh';
import {
  makeTenant,
  testPlatform,
  type Tenant,
  type TestPlatform,
} from '@ambit/services/testing/tenant';
import { findDue } from './sweep.ts';

let platform: TestPlatform;
let tenant: Tenant;
beforeAll(async () => {
  platform = await testPlatform();
  tenant = await makeTenant(platform);
});
afterAll(() => platform.drop());

test('a queue that lost its jobs loses no status of a cluster, no conflict and no decision', async () => {
  const { organisationId } = tenant;
  const meshId = await renderedMesh(platform, tenant);
  const { clusterId } = await platform.db.system.meshCluster.findFirstOrThrow({
    where: { meshId },
  });
  const agent = { clusterId, clusterName: 'c', organisationId, generation: 0 };
  const object = (more: object) => ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'web', namespace: 'shop', uid: 'u', generation: 1 },
    spec: { host: 'web' },
    ...more,
  });
  const take = (base: number, more: Pick<ReportedObject, 'origin' | 'digest'>) =>
    takeObjects(platform, agent, {
      base,
      upserts: [{ writer: null, object: object({ status: { observedGeneration: '1' } }), ...more }],
      removals: [],
      omitted: {},
      complete: true,
    });
  const later = () => new Date(Date.now() + 60_000);
  const due = async () => {
    const entries = await findDue(platform.db.pool, later());
    return entries
      .filter(({ data }) => (data as { meshId?: string }).meshId === meshId)
      .map(({ job }) => job)
      .filter((job) => job.startsWith('policies.'))
      .sort();
  };
  const deliver = () => deliverPolicies(platform, organisationId, meshId);
  const reflect = () => reflectStatuses(platform, organisationId, meshId);

  await tenant.callAs('operator', policyApply, {
    meshId,
    yaml: JSON.stringify({
      ...object({}),
      metadata: { name: 'web', namespace: 'shop' },
    }),
  });
  await deliver();
  expect(await due()).toEqual([]);
  await take(0, { origin: 'mesh', digest: 'of-the-mesh' });
  expect(await due()).toEqual(['policies.reflect']);
  await reflect();
  expect(await due()).toEqual([]);

  await take(1, { origin: 'direct', digest: 'of-others' });
  expect(await due()).toEqual(['policies.deliver']);
  await deliver();
  expect(await due()).toEqual([]);

  const { items } = await tenant.callAs('viewer', directList, { meshId });
  await tenant.callAs('operator', directDecide, {
    meshId,
    objectId: items[0]!.id,
    choice: 'take',
  });
  expect(await due()).toEqual(['policies.deliver']);
});
