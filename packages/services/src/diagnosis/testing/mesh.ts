import { afterAll, beforeAll, beforeEach } from 'vitest';
import { newId } from '@ambit/contracts/ids';
import { findingList, ruleSettingUpdate } from '@ambit/contracts/operations/finding';
import { policyApply } from '@ambit/contracts/operations/policy';
import { bareMesh } from '../../testing/bare-mesh.ts';
import { makeTenant, testPlatform, type Tenant, type TestPlatform } from '../../testing/tenant.ts';
import { diagnoseMesh } from '../run.ts';

export let platform: TestPlatform;
export let tenant: Tenant;
export let meshId: string;
/** What the platform takes for now; a test sets it on. */
export const clock = { nowMs: Date.now() };
export const complaints: unknown[] = [];

/** A platform of its own for the tests of a file, and before each of them a tenant with a mesh. */
export function useMesh(): void {
  beforeAll(async () => {
    platform = await testPlatform({
      now: () => new Date(clock.nowMs),
      complain: (text, error) => complaints.push([text, error]),
    });
  });
  afterAll(() => platform.drop());

  beforeEach(async () => {
    complaints.length = 0;
    tenant = await makeTenant(platform);
    meshId = await bareMesh(platform, tenant);
  });
}

export const diagnose = () =>
  diagnoseMesh(
    { db: platform.db, now: () => new Date(clock.nowMs) },
    tenant.organisationId,
    meshId,
  );

export const service = (
  name: string,
  host: string,
  gateway = 'main',
) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}, namespace: shop}
spec:
  hosts: [${host}]
  gateways: [${gateway}]
  http:
    - route: [{destination: {host: ${host}}}]
`;
export const gateway = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: main, namespace: shop}
spec:
  selector: {istio: ingress}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}]
`;
export const apply = (yaml: string, dryRun = false) =>
  tenant.callAs('operator', policyApply, { meshId, yaml, dryRun });
export const set = (code: string, mode: 'deny' | 'warn' | 'off' | 'default') =>
  tenant.callAs('operator', ruleSettingUpdate, { meshId, code, mode });
export const list = async (more: object = {}) =>
  (await tenant.callAs('viewer', findingList, { meshId, ...more })).items;

/** A cluster of the mesh whose agent has told these objects, as its report would have left them. */
export async function putFacts(
  objects: { kind: string; apiVersion: string; object: object }[],
  seq = 1,
  objectsTold: string[] = [],
) {
  const { system } = platform.db;
  let cluster = await system.cluster.findFirst({ where: { mesh: { meshId } } });
  cluster ??= await system.cluster.create({
    data: {
      id: newId('cluster'),
      organisationId: tenant.organisationId,
      name: 'c',
      mesh: { create: { meshId, organisationId: tenant.organisationId } },
    },
  });
  await system.clusterObject.deleteMany({ where: { clusterId: cluster.id } });
  for (const { kind, apiVersion, object } of objects) {
    const { metadata } = object as { metadata: { name: string; namespace?: string } };
    await system.clusterObject.create({
      data: {
        id: newId('object'),
        organisationId: tenant.organisationId,
        clusterId: cluster.id,
        apiVersion,
        group: apiVersion.split('/').at(-2) ?? '',
        kind,
        namespace: metadata.namespace ?? '',
        name: metadata.name,
        origin: 'fact',
        digest: JSON.stringify(object).slice(0, 40) + seq,
        object: { apiVersion, kind, ...object },
        seq,
      },
    });
  }
  await system.cluster.update({
    where: { id: cluster.id },
    data: { objectsSeq: seq, objectsAt: new Date(clock.nowMs), objectsComplete: true, objectsTold },
  });
  return cluster.id;
}
export const namespace = (name: string) => ({
  kind: 'Namespace',
  apiVersion: 'v1',
  object: { metadata: { name, labels: { 'istio-injection': 'enabled' } } },
});
export const kubeService = (name: string) => ({
  kind: 'Service',
  apiVersion: 'v1',
  object: {
    metadata: { name, namespace: 'shop' },
    spec: { selector: { app: name }, ports: [{ name: 'http', port: 80 }] },
  },
});
