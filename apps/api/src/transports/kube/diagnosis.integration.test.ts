import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { KubeObject } from '@ambit/contracts/common';
import { newId } from '@ambit/contracts/ids';
import { guardUpdate } from '@ambit/contracts/operations/enrolment';
import { findingSuppress, ruleSettingUpdate } from '@ambit/contracts/operations/finding';
import { namespace, pod, service } from '@ambit/istio/enrolment/testing';
import { diagnoserOf } from '@ambit/services/diagnosis/diagnoser';
import { renderedMesh } from '@ambit/services/testing/rendered-mesh';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
let meshId: string;
let token: string;
beforeAll(async () => {
  server = await startTestServer();
  token = await server.token('operator');
});
afterAll(() => server.close());
beforeEach(async () => {
  meshId = await renderedMesh(server.platform, server.tenant);
});

const path = '/apis/networking.istio.io/v1/namespaces/shop/';

async function call(method: string, resource: string, body?: object) {
  const at = resource.startsWith('/') ? resource : `${path}${resource}`;
  const response = await fetch(`${server.url}/k8s/${meshId}${at}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return {
    status: response.status,
    warning: response.headers.get('warning') ?? '',
    body: (await response.json()) as { message?: string; metadata?: { resourceVersion?: string } },
  };
}

const route = (name: string, gateway = 'main') => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name, namespace: 'shop' },
  spec: {
    hosts: [`${name}.example.com`],
    gateways: [gateway],
    http: [{ route: [{ destination: { host: `${name}.example.com` } }] }],
  },
});
const gateway = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'Gateway',
  metadata: { name: 'main', namespace: 'shop' },
  spec: {
    selector: { istio: 'ingress' },
    servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*'] }],
  },
};
const set = (code: string, mode: 'deny' | 'warn' | 'off') =>
  server.tenant.callAs('operator', ruleSettingUpdate, { meshId, code, mode });

describe('a write to the Kubernetes API of a mesh', () => {
  it('that introduces a finding gets a Warning header, and only once', async () => {
    const first = await call('POST', 'virtualservices', route('web'));
    expect(first.status).toBe(201);
    expect(first.warning).toMatch(/^299 - "IST0101 VirtualService shop\/web spec\.gateways\[0\]: /);
    expect(first.warning).toContain('Fix:');
    const second = await call('PATCH', 'virtualservices/web', {
      spec: { hosts: ['b.example.com'] },
    });
    expect(second.status).toBe(200);
    expect(second.warning).not.toContain('IST0101');
  });

  it('that the mesh denies is refused with code, cause and fix, in a dry run too, and nothing is stored', async () => {
    await set('IST0101', 'deny');
    for (const query of ['', '?dryRun=All']) {
      const refused = await call('POST', `virtualservices${query}`, route('web'));
      expect(refused.status).toBe(403);
      expect(refused.body.message).toContain('IST0101 VirtualService shop/web');
      expect(refused.body.message).toContain('Fix:');
    }
    expect((await call('GET', 'virtualservices/web')).status).toBe(404);
  });

  it('finds what was written a moment ago, by this door or another, and by deletions', async () => {
    await set('IST0101', 'deny');
    expect((await call('POST', 'gateways', gateway)).status).toBe(201);
    expect(await call('POST', 'virtualservices', route('web'))).toMatchObject({
      status: 201,
      warning: '',
    });
    const refused = await call('DELETE', 'gateways/main');
    expect(refused).toMatchObject({ status: 403 });
    expect(refused.body.message).toContain('VirtualService shop/web');
    expect((await call('DELETE', 'virtualservices/web')).status).toBe(200);
    expect((await call('DELETE', 'gateways/main')).status).toBe(200);
    expect((await call('POST', 'virtualservices', route('web'))).status).toBe(403);
  });

  it('says nothing of what is suppressed, and does not look when every rule is off', async () => {
    await server.tenant.callAs('operator', findingSuppress, {
      meshId,
      code: 'IST0101',
      reason: 'known',
    });
    expect((await call('POST', 'virtualservices', route('a'))).warning).not.toContain('IST0101');
    await set('*', 'off');
    expect(await call('POST', 'virtualservices', route('b'))).toMatchObject({ warning: '' });
  });

  it('goes on over thousands of writes with the engine exactly behind them', async () => {
    await set('IST0101', 'deny');
    await call('POST', 'gateways', gateway);
    const names = Array.from({ length: 300 }, (_, i) => `r${i}`);
    const answers = await Promise.all(
      names.map((name) => call('POST', 'virtualservices', route(name))),
    );
    expect(answers.map(({ status }) => status)).toEqual(names.map(() => 201));
    const wrong = await call('POST', 'virtualservices', route('wrong', 'none'));
    expect(wrong.status).toBe(403);
  });
});

describe('with guards kept, a write to the Kubernetes API of a mesh', () => {
  const gateways = '/apis/gateway.networking.k8s.io/v1/namespaces/shop/gateways';
  const policies = '/apis/security.istio.io/v1/namespaces/shop/authorizationpolicies';
  const waypoint = (name: string) => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name, namespace: 'shop' },
    spec: {
      gatewayClassName: 'istio-waypoint',
      listeners: [{ name: 'mesh', port: 15008, protocol: 'HBONE' }],
    },
  });
  const l7 = {
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: { name: 'get-only', namespace: 'shop' },
    spec: {
      targetRefs: [{ kind: 'Service', group: '', name: 'web' }],
      rules: [{ to: [{ operation: { methods: ['GET'] } }] }],
    },
  };
  const entry = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: { name: 'bank', namespace: 'shop', labels: { 'istio.io/use-waypoint': 'waypoint' } },
    spec: {
      hosts: ['bank.example.com'],
      ports: [{ number: 80, name: 'http', protocol: 'HTTP' }],
      resolution: 'DNS',
    },
  };
  const toBank = {
    ...l7,
    metadata: { name: 'bank-get', namespace: 'shop' },
    spec: {
      ...l7.spec,
      targetRefs: [{ kind: 'ServiceEntry', group: 'networking.istio.io', name: 'bank' }],
    },
  };

  /** The mesh's cluster has told of these, and of nothing else. */
  async function told(objects: KubeObject[]): Promise<void> {
    const { system } = server.platform.db;
    const { organisationId } = server.tenant;
    const { clusterId } = await system.meshCluster.findFirstOrThrow({ where: { meshId } });
    await system.cluster.update({
      where: { id: clusterId },
      data: { objectsAt: new Date(), objectsComplete: true },
    });
    await system.clusterObject.createMany({
      data: objects.map((object) => ({
        id: newId('object'),
        organisationId,
        clusterId,
        group: '',
        kind: object.kind,
        namespace: object.metadata.namespace ?? '',
        name: object.metadata.name,
        apiVersion: object.apiVersion,
        origin: 'fact',
        object: object as object,
        digest: object.metadata.name,
        seq: 1,
      })),
    });
  }
  /** What the rules say now may be read a moment later, on a busy machine. */
  const refused = (method: string, at: string, object?: object) =>
    vi.waitFor(
      async () => {
        const answer = await call(method, `${at}?dryRun=All`, object);
        expect(answer.status).toBe(403);
        return answer;
      },
      { timeout: 60_000, interval: 100 },
    );
  const shop = namespace('shop', {
    'istio.io/dataplane-mode': 'ambient',
    'istio.io/use-waypoint': 'waypoint',
  });

  it('that takes the waypoint from under an L7 policy is denied with the reason', async () => {
    await told([shop, service('shop/web')]);
    for (const [at, object] of [
      [gateways, waypoint('waypoint')],
      [gateways, waypoint('other')],
      ['serviceentries', entry],
      [policies, l7],
      [policies, toBank],
    ] as const) {
      const { status, body } = await call('POST', at, object);
      expect([status, body.message]).toEqual([201, undefined]);
    }
    await server.tenant.callAs('operator', guardUpdate, { meshId, mode: 'keep' });
    await refused('DELETE', `${gateways}/waypoint`);
    const label = (at: string, changed: Record<string, string | null>, query = '') =>
      call('PATCH', `${at}${query}`, { metadata: { labels: changed } });
    const use = 'istio.io/use-waypoint';
    const bank = 'serviceentries/bank';
    const denied: [Awaited<ReturnType<typeof call>>, string][] = [
      [await call('DELETE', `${gateways}/waypoint`), 'get-only'],
      [await label(`${gateways}/waypoint`, { 'istio.io/waypoint-for': 'none' }), 'get-only'],
      [await label(bank, { [use]: 'none' }), 'bank-get'],
      [await label(bank, { [use]: 'nowhere' }), 'bank-get'],
    ];
    for (const [{ status, body }, policy] of denied) {
      expect([policy, status, body.message]).toEqual([
        policy,
        403,
        expect.stringContaining('AMB0001'),
      ]);
      expect(body.message).toContain(`AuthorizationPolicy shop/${policy} is enforced nowhere`);
    }
    expect((await label(bank, { [use]: 'other' }, '?dryRun=All')).status).toBe(200);
    for (const name of ['get-only', 'bank-get'])
      expect((await call('DELETE', `${policies}/${name}`)).status).toBe(200);
    expect((await label(bank, { [use]: 'none' })).status).toBe(200);
    expect((await call('DELETE', `${gateways}/waypoint`)).status).toBe(200);
  });

  it('that a client with a sidecar would go past is denied, and says who goes past', async () => {
    await told([
      shop,
      service('shop/web'),
      namespace('old', { 'istio-injection': 'enabled' }),
      pod('old/client', { sidecar: true }),
    ]);
    expect((await call('POST', gateways, waypoint('waypoint'))).status).toBe(201);
    await server.tenant.callAs('operator', guardUpdate, { meshId, mode: 'keep' });
    const { body } = await refused('POST', policies, l7);
    expect(body.message).toContain('AMB0003');
    expect(body.message).toContain('Calls with sidecars (old) to shop/web');
  });
});

it('the engine of the verbs is not needed for it', () => {
  expect(diagnoserOf(server.platform.db).size()).toBe(0);
});
