import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Condition } from '@ambit/contracts/common';
import type { OperationContract } from '@ambit/contracts/operation';
import { meshOptionsSchema } from '@ambit/contracts/mesh-options';
import { enrolmentChange } from '@ambit/contracts/operations/enrolment';
import * as operations from '@ambit/contracts/operations/lifecycle';
import * as mesh from '@ambit/contracts/operations/mesh';
import * as policy from '@ambit/contracts/operations/policy';
import { releaseList } from '@ambit/contracts/operations/release';
import { rolePermissions, type Role } from '@ambit/contracts/permissions';
import { newId } from '@ambit/contracts/ids';
import type { z } from 'zod';
import type { Engine } from '../lifecycle/engine.ts';
import { drive, relayDeliveries } from '../testing/drive.ts';
import { standInAgent, type StandInAgent } from '../testing/stand-in-agent.ts';
import { standInRenderer } from '../testing/stand-in-renderer.ts';
import {
  auditOf,
  makeTenant,
  testPlatform,
  type Tenant,
  type TestPlatform,
} from '../testing/tenant.ts';
import { observeMesh } from './observe.ts';

let platform: TestPlatform;
let clock = new Date();
let other: Tenant;
let tenant: Tenant;
let agent: StandInAgent;
let engine: Engine;

beforeAll(async () => {
  platform = await testPlatform({ now: () => clock });
  other = await makeTenant(platform, 'Other');
});
afterAll(() => platform.drop());

beforeEach(async () => {
  clock = new Date();
  tenant = await makeTenant(platform);
  agent = await standInAgent(platform, tenant, 'c');
  await agent.pass();
  engine = {
    db: platform.db,
    releases: platform.releases,
    renderer: standInRenderer(),
    now: () => clock,
  };
});

const sidecar = (name: string) =>
  `apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: ${name}, namespace: shop}\nspec: {egress: [{hosts: ["./*"]}]}\n`;

const create = (more: object = {}) =>
  tenant.callAs('operator', mesh.meshCreate, {
    name: 'mesh',
    release: '1.29.1',
    clusterIds: [agent.clusterId],
    ...more,
  });
const run = (operationId: string) => drive(platform, tenant, engine, [agent], operationId);

async function created() {
  const { mesh: made, operation } = await create();
  expect((await run(operation.id)).state).toBe('succeeded');
  return tenant.callAs('viewer', mesh.meshGet, { meshId: made.id });
}

type Contract = OperationContract<z.ZodObject, z.ZodType>;

describe('every verb', () => {
  test('holds its permission, hides what is of another organisation, and commands leave an audit row', async () => {
    const { id: meshId, version } = await created();
    const { items } = await tenant.callAs('operator', policy.policyApply, {
      meshId,
      yaml: sidecar('a'),
    });
    const policyId = items[0]!.policy.id;
    const operationId = (await tenant.callAs('viewer', operations.operationList, {})).items[0]!.id;
    const clusterId = agent.clusterId;
    const options = meshOptionsSchema.parse({ accessLog: true });
    const verbs: [Contract, object][] = [
      [mesh.meshGet, { meshId }],
      [mesh.meshUpgradeCheck, { meshId, release: '1.30.2' }],
      [mesh.meshDeleteCheck, { meshId }],
      [mesh.meshWorkloads, { meshId }],
      [mesh.meshObjects, { meshId }],
      [operations.operationGet, { operationId }],
      [operations.operationLogs, { operationId }],
      [policy.policyList, { meshId }],
      [policy.policyTargets, { meshId }],
      [policy.policyGet, { meshId, policyId }],
      [policy.policyHistory, { meshId, policyId }],
      [policy.policyApply, { meshId, yaml: sidecar('b') }],
      [policy.policyUpdate, { meshId, policyId, version: 1, yaml: `# changed\n${sidecar('a')}` }],
      [policy.policyDelete, { meshId, policyId }],
      [policy.policyRestore, { meshId, policyId, version: 1 }],
      [enrolmentChange, { meshId, subjects: [{ clusterId, namespace: 'shop' }], mode: 'sidecar' }],
      [mesh.meshUpdate, { meshId, version, options }],
      [mesh.meshUpgrade, { meshId, version: version + 1, release: '1.30.2' }],
      [mesh.meshDelete, { meshId, confirm: 'mesh' }],
    ] as unknown as [Contract, object][];
    for (const [contract, input] of verbs) {
      const strongest = 'owner';
      await expect(
        other.callAs(strongest, contract, input as never),
        `${contract.id} for another organisation`,
      ).rejects.toMatchObject({ code: 'not_found' });
      const without = (['viewer', 'operator'] as Role[]).filter(
        (role) => !rolePermissions[role].includes(contract.permission as never),
      );
      for (const role of without) {
        await expect(
          tenant.callAs(role, contract, input as never),
          `${contract.id} as ${role}`,
        ).rejects.toMatchObject({ code: 'forbidden' });
      }
      const output = (await tenant.callAs('admin', contract, input as never)) as {
        operation?: { id: string };
      };
      if (contract.kind === 'command') {
        const rows = await auditOf(platform, tenant, contract.id);
        expect(rows.some((row) => row.outcome === 'done' && row.target !== '')).toBe(true);
        if (without.length > 0) {
          expect(rows.some((row) => row.outcome === 'refused')).toBe(true);
        }
      }
      if (output.operation) await run(output.operation.id);
    }
  });

  test('lists show only what is of the own organisation', async () => {
    const { id } = await created();
    expect((await tenant.callAs('viewer', mesh.meshList, {})).items.map((m) => m.id)).toEqual([id]);
    expect((await other.callAs('viewer', mesh.meshList, {})).items).toEqual([]);
    expect((await other.callAs('viewer', operations.operationList, {})).items).toEqual([]);
    const { items } = await tenant.callAs('viewer', releaseList, {});
    expect(items.map((r) => [r.version, r.meshes])).toEqual([
      ['1.30.2', 0],
      ['1.29.1', 1],
    ]);
  });
});

describe('create is refused', () => {
  test.each([
    ['a duplicate name', async () => void (await create()), {}, 'conflict', /mesh named mesh/],
    [
      'an unknown release',
      async () => {},
      { release: '1.2.3' },
      'invalid_input',
      /no release 1.2.3/,
    ],
    [
      'a cluster that is not there',
      async () => {},
      { clusterIds: [newId('cluster')] },
      'not_found',
      /no cluster/,
    ],
    [
      'a Kubernetes out of range',
      async () => {
        agent.options.kubernetesVersion = 'v1.20.0';
        await agent.report();
      },
      {},
      'unprocessable',
      /supports Kubernetes 1.31 to 1.36, this cluster runs 1.20/,
    ],
    [
      'an agent that is away',
      async () => {
        clock = new Date(clock.getTime() + 120_000);
      },
      {},
      'conflict',
      /not connected: its agent was not heard of/,
    ],
    [
      'a foreign Istio',
      async () =>
        agent.report({
          cluster: {
            kubernetesVersion: 'v1.34.4',
            nodes: [],
            foreignIstio: [{ namespace: 'x', name: 'istiod', version: '1.20', managedBy: 'helm' }],
            gatewayApi: null,
          },
        }),
      {},
      'conflict',
      /managed by helm/,
    ],
  ])('%s', async (_what, before, input, code, words) => {
    await before();
    const given = _what === 'a duplicate name' ? { clusterIds: [agent.clusterId] } : input;
    const refused = create(given);
    await expect(refused).rejects.toMatchObject({ code });
    await expect(refused).rejects.toThrow(words);
  });

  test('a cluster that is in a mesh already, told by the precheck too', async () => {
    await create();
    await expect(create({ name: 'second' })).rejects.toMatchObject({ code: 'conflict' });
    const { checks, allowed } = await tenant.callAs('viewer', mesh.meshPrecheck, {
      name: 'second',
      clusterIds: [agent.clusterId],
    });
    expect(allowed).toBe(false);
    expect(checks.find((c) => c.severity === 'error')?.message).toContain(
      'in the mesh mesh already',
    );
  });

  test('two at the same moment: one mesh gets the cluster', async () => {
    const results = await Promise.allSettled([create({ name: 'a' }), create({ name: 'b' })]);
    expect(results.filter((r) => r.status === 'fulfilled')).toHaveLength(1);
    expect(results.find((r) => r.status === 'rejected')).toMatchObject({
      reason: { code: 'conflict' },
    });
  });
});

describe('changes are refused', () => {
  test('while another operation is under way, naming it', async () => {
    const { mesh: made } = await create();
    await expect(tenant.callAs('admin', mesh.meshDelete, { meshId: made.id })).rejects.toThrow(
      /"Create mesh" \(opr_.+\) is still under way/,
    );
  });

  test('when based on an older version', async () => {
    const made = await created();
    await expect(
      tenant.callAs('operator', mesh.meshUpgrade, {
        meshId: made.id,
        version: made.version - 1,
        release: '1.30.2',
      }),
    ).rejects.toMatchObject({ code: 'precondition_failed' });
  });

  test('an upgrade backwards, or to nowhere', async () => {
    const made = await created();
    const upgrade = (release: string) =>
      tenant.callAs('operator', mesh.meshUpgrade, {
        meshId: made.id,
        version: made.version,
        release,
      });
    await expect(upgrade('1.29.1')).rejects.toMatchObject({ code: 'unprocessable' });
    await expect(upgrade('9.9.9')).rejects.toMatchObject({ code: 'invalid_input' });
  });

  test('deletion with another name than the mesh has', async () => {
    const made = await created();
    await expect(
      tenant.callAs('admin', mesh.meshDelete, { meshId: made.id, confirm: 'mash' }),
    ).rejects.toMatchObject({ code: 'precondition_failed' });
  });
});

describe('conditions follow the facts', () => {
  const observe = async (meshId: string) => {
    await observeMesh(engine, tenant.organisationId, meshId);
    return tenant.callAs('viewer', mesh.meshGet, { meshId });
  };
  const condition = (m: { conditions: Condition[] }, type: string) =>
    m.conditions.find((c) => c.type === type);

  test('an agent that falls silent makes it Unknown, and Ready again when it is back', async () => {
    const made = await created();
    const before = condition(made, 'Ready')?.lastTransitionTime ?? '';
    clock = new Date(clock.getTime() + 91_000);
    const silent = await observe(made.id);
    expect(silent).toMatchObject({ status: 'Unknown' });
    expect(condition(silent, 'Ready')).toMatchObject({
      status: 'Unknown',
      reason: 'AgentUnreachable',
      lastTransitionTime: clock.toISOString(),
    });
    await agent.report();
    const back = await observe(made.id);
    expect(back.status).toBe('Ready');
    expect((condition(back, 'Ready')?.lastTransitionTime ?? '') >= before).toBe(true);
  });

  test('drift that is not repaired, and a control plane that broke, make it Degraded', async () => {
    const made = await created();
    const since = clock.toISOString();
    agent.options.script = () => ({
      drift: [
        {
          object: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'istio-system', name: 'istio' },
          fields: ['/data'],
          manager: 'kubectl',
          at: since,
          repaired: false,
        },
      ],
    });
    await agent.pass();
    expect(await observe(made.id)).toMatchObject({
      status: 'Degraded',
      statusMessage: 'c: ConfigMap istio was changed by kubectl',
    });
    agent.options.script = () => ({ state: 'Degraded', message: 'istiod 0/1 ready' });
    await agent.pass();
    const broken = await observe(made.id);
    expect(broken.status).toBe('Degraded');
    expect(broken.statusMessage).toContain('istiod 0/1 ready');
    const { items } = await tenant.callAs('viewer', mesh.meshObjects, { meshId: made.id });
    expect(items[0]).toMatchObject({ bundle: 'control-plane', state: 'Degraded' });
  });
});

describe('policies', () => {
  test('tell page by page what they act on, and nothing of those that were deleted', async () => {
    const { id: meshId } = await created();
    const one = (kind: string, api: string, name: string, spec: string): string =>
      `apiVersion: ${api}/v1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: shop}\nspec: ${spec}\n`;
    const { items } = await tenant.callAs('operator', policy.policyApply, {
      meshId,
      yaml: [
        one('DestinationRule', 'networking.istio.io', 'rule', '{host: cart}'),
        one(
          'PeerAuthentication',
          'security.istio.io',
          'tls',
          '{selector: {matchLabels: {app: a}}}',
        ),
        one('DestinationRule', 'networking.istio.io', 'over', '{host: gone}'),
      ].join('---\n'),
    });
    const over = items.find((item) => item.policy.name === 'over')!.policy.id;
    await tenant.callAs('operator', policy.policyDelete, { meshId, policyId: over });
    const page = (cursor?: string) =>
      tenant.callAs('viewer', policy.policyTargets, {
        meshId,
        limit: 1,
        ...(cursor ? { cursor } : {}),
      });
    const first = await page();
    const second = await page(first.nextCursor!);
    expect(second.nextCursor).toBeNull();
    const both = [...first.items, ...second.items];
    expect(both.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual([
      expect.objectContaining({ name: 'rule', hosts: ['cart'], refs: [], selector: {} }),
      expect.objectContaining({ name: 'tls', hosts: [], refs: [], selector: { app: 'a' } }),
    ]);
  });

  test('are stored all or none, delivered in one bundle, and their history stays', async () => {
    const { id: meshId } = await created();
    const apply = (yaml: string, dryRun = false) =>
      tenant.callAs('operator', policy.policyApply, { meshId, yaml, dryRun });
    await expect(apply(`${sidecar('a')}---\nkind: Nothing\n`)).rejects.toMatchObject({
      code: 'invalid_input',
      details: expect.arrayContaining([expect.objectContaining({ line: 6 })]),
    });
    expect((await tenant.callAs('viewer', policy.policyList, { meshId })).items).toEqual([]);

    const dry = await apply(`${sidecar('a')}---\n${sidecar('b')}`, true);
    expect(dry.items.map((i) => i.change)).toEqual(['created', 'created']);
    expect(await auditOf(platform, tenant, 'policy.apply')).toEqual([]);
    expect((await tenant.callAs('viewer', policy.policyList, { meshId })).items).toEqual([]);

    const first = await apply(`${sidecar('a')}---\n${sidecar('b')}`);
    const again = await apply(`${sidecar('a')}---\n# more\n${sidecar('b')}`);
    expect(again.items.map((i) => i.change)).toEqual(['unchanged', 'updated']);

    await relayDeliveries(platform);
    await agent.pass();
    const [a] = first.items.map((i) => i.policy);
    const read = () => tenant.callAs('viewer', policy.policyGet, { meshId, policyId: a!.id });
    expect((await read()).conditions.map((c) => [c.type, c.status])).toEqual([
      ['Accepted', 'True'],
      ['Applied', 'True'],
    ]);
    expect(agent.state.owned.policies).toBe(2);

    await tenant.callAs('operator', policy.policyDelete, { meshId, policyId: a!.id });
    await relayDeliveries(platform);
    await agent.pass();
    expect(agent.state.owned.policies).toBe(1);
    const deleted = await tenant.callAs('viewer', policy.policyList, { meshId, deleted: true });
    expect(deleted.items.map((p) => p.name)).toEqual(['a']);

    const restored = await tenant.callAs('operator', policy.policyRestore, {
      meshId,
      policyId: a!.id,
      version: 1,
    });
    expect(restored.version).toBe(3);
    const history = await tenant.callAs('viewer', policy.policyHistory, {
      meshId,
      policyId: a!.id,
    });
    expect(history.items.map((h) => [h.version, h.change])).toEqual([
      [3, 'restored'],
      [2, 'deleted'],
      [1, 'created'],
    ]);
  });

  test('are refused where Istio refuses them, with line and path, and warned of where it warns', async () => {
    const { id: meshId } = await created();
    const apply = (yaml: string) =>
      tenant.callAs('operator', policy.policyApply, { meshId, yaml, dryRun: true });
    const rule = (port: string) =>
      `apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: a, namespace: shop}\nspec:\n  host: a\n  trafficPolicy:\n    connectionPool:\n      tcp:\n        ${port}\n`;
    await expect(apply(rule('connectTimeout: soon'))).rejects.toMatchObject({
      code: 'invalid_input',
      details: [{ path: 'spec.trafficPolicy.connectionPool.tcp.connectTimeout', line: 9 }],
    });
    expect((await apply(rule('connectTimeout: 3s'))).warnings).toEqual([]);
    const filter = `apiVersion: networking.istio.io/v1alpha3\nkind: EnvoyFilter\nmetadata: {name: a, namespace: shop}\nspec:\n  configPatches:\n    - applyTo: HTTP_FILTER\n      patch: {operation: REMOVE}\n`;
    expect((await apply(filter)).warnings.length).toBeGreaterThan(0);
  });

  test('carry the error of the agent for exactly their object', async () => {
    const { id: meshId } = await created();
    agent.options.script = (bundle) =>
      bundle.name === 'policies'
        ? {
            state: 'Failed',
            errors: [
              {
                object: {
                  apiVersion: 'networking.istio.io/v1',
                  kind: 'Sidecar',
                  namespace: 'shop',
                  name: 'a',
                },
                reason: 'NamespaceNotFound',
                message: 'namespaces "shop" not found',
              },
            ],
          }
        : undefined;
    await tenant.callAs('operator', policy.policyApply, {
      meshId,
      yaml: `${sidecar('a')}---\n${sidecar('b')}`,
    });
    await relayDeliveries(platform);
    await agent.pass();
    const { items } = await tenant.callAs('viewer', policy.policyList, { meshId });
    const applied = (name: string) =>
      items.find((p) => p.name === name)?.conditions.find((c) => c.type === 'Applied');
    expect(applied('a')).toMatchObject({ status: 'False', reason: 'NamespaceNotFound' });
    expect(applied('b')?.status).toBe('True');
  });

  test('an update of an older version is refused', async () => {
    const { id: meshId } = await created();
    const { items } = await tenant.callAs('operator', policy.policyApply, {
      meshId,
      yaml: sidecar('a'),
    });
    await expect(
      tenant.callAs('operator', policy.policyUpdate, {
        meshId,
        policyId: items[0]!.policy.id,
        version: 7,
        yaml: sidecar('a'),
      }),
    ).rejects.toMatchObject({ code: 'precondition_failed' });
  });
});
