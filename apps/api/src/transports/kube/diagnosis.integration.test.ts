import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findingSuppress, ruleSettingUpdate } from '@ambit/contracts/operations/finding';
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

const path = '/apis/networking.istio.io/v1/namespaces/shop';

async function call(method: string, resource: string, body?: object) {
  const response = await fetch(`${server.url}/k8s/${meshId}${path}/${resource}`, {
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

it('the engine of the verbs is not needed for it', () => {
  expect(diagnoserOf(server.platform.db).size()).toBe(0);
});
