import { newId } from '@ambit/contracts/ids';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorBodySchema } from '@ambit/contracts/errors';
import { makeTenant } from '@ambit/services/testing/tenant';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

interface Page {
  items: { id: string }[];
  nextCursor: string | null;
}

const errorOf = async (response: Response) => errorBodySchema.parse(await response.json());

describe('a request that cannot be served', () => {
  it('without a token is 401 and says how to get one', async () => {
    const response = await server.request(null, '/v1/projects');
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    const body = await errorOf(response);
    expect(body).toMatchObject({ code: 'unauthenticated', fix: expect.stringContaining('Bearer') });
    expect(response.headers.get('x-request-id')).toBe(body.requestId);
  });

  it('with a role that is too small is 403 and names the permission and who holds it', async () => {
    const response = await server.request('viewer', '/v1/projects', {
      method: 'POST',
      json: { name: 'mine' },
    });
    expect(response.status).toBe(403);
    expect(await errorOf(response)).toMatchObject({
      code: 'forbidden',
      fix: 'needs project.write, held by owner, admin',
    });
  });

  it('to an unknown route is 404 in the same form', async () => {
    const response = await server.request('owner', '/v1/nothing');
    expect(response.status).toBe(404);
    expect(await errorOf(response)).toMatchObject({ code: 'not_found' });
  });

  it('with another method than the route has is 405 with Allow', async () => {
    const response = await server.request('owner', '/v1/projects', { method: 'PUT', json: {} });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, POST');
    await errorOf(response);
  });

  it('with broken JSON is 400 and tells the place', async () => {
    const response = await server.request('owner', '/v1/projects', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{\n  "name": "a",\n  oops\n}',
    });
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({
      code: 'invalid_input',
      details: [{ line: 3, message: expect.stringContaining('line 3') }],
    });
  });

  it('with a JSON body that is no object is 400', async () => {
    const response = await server.request('owner', '/v1/projects', { method: 'POST', json: [1] });
    expect(response.status).toBe(400);
    expect((await errorOf(response)).message).toContain('JSON object');
  });

  it('with a form body is 400 and says what to send', async () => {
    const response = await server.request('owner', '/v1/projects', {
      method: 'POST',
      body: new URLSearchParams({ name: 'a' }),
    });
    expect(response.status).toBe(400);
    expect((await errorOf(response)).fix).toContain('application/json');
  });

  it('with a wrong field is 400 and names it; an unknown field likewise', async () => {
    const wrong = await server.request('owner', '/v1/projects', {
      method: 'POST',
      json: { name: 'Not A Name' },
    });
    expect(await errorOf(wrong)).toMatchObject({ details: [{ path: 'name' }] });
    const unknown = await server.request('owner', '/v1/projects', {
      method: 'POST',
      json: { name: 'fine', colour: 'red' },
    });
    expect(unknown.status).toBe(400);
    expect(await errorOf(unknown)).toMatchObject({ details: [{ path: 'colour' }] });
  });

  it('with a body of 5 MB is 413 and names limit and size', async () => {
    const body = JSON.stringify({ name: 'a', description: 'x'.repeat(5_000_000) });
    const response = await server.request('owner', '/v1/projects', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect(response.status).toBe(413);
    const { code, message } = await errorOf(response);
    expect(code).toBe('too_large');
    expect(message).toContain(String(body.length));
    expect(message).toContain(String(4 * 1024 * 1024));
  });

  it('with a body of 5 MB of untold length is 413 too', async () => {
    const chunk = new TextEncoder().encode(' '.repeat(1_000_000));
    let sent = 0;
    const response = await server.request('owner', '/v1/projects', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new ReadableStream({
        pull: (controller) => (sent++ < 5 ? controller.enqueue(chunk) : controller.close()),
      }),
      duplex: 'half',
    } as RequestInit);
    expect(response.status).toBe(413);
  });

  it("about another organisation's project is 404", async () => {
    const other = await makeTenant(server.platform, 'Other');
    const response = await server.request('owner', `/v1/projects/${other.projectId}`, {
      method: 'DELETE',
    });
    expect(response.status).toBe(404);
    const named = await server.request('owner', '/v1/me', {
      headers: { 'x-ambit-organisation': other.organisationId },
    });
    expect(named.status).toBe(404);
  });
});

describe('tokens', () => {
  it('that were revoked, have expired or are not known are refused', async () => {
    const { system } = server.platform.db;
    const secret = await server.token('operator');
    const ask = () => server.request('operator', '/v1/me');
    expect((await ask()).status).toBe(200);
    const row = await system.apiToken.findFirstOrThrow({ where: { hint: secret.slice(0, 12) } });
    expect(row.lastUsedAt).not.toBeNull();
    await system.apiToken.update({ where: { id: row.id }, data: { expiresAt: new Date(0) } });
    expect((await errorOf(await ask())).message).toContain('expired');
    await system.apiToken.update({ where: { id: row.id }, data: { revokedAt: new Date() } });
    expect((await errorOf(await ask())).message).toContain('revoked');
    const unknown = await fetch(`${server.url}/v1/me`, {
      headers: { authorization: 'Bearer ambit_nonsense' },
    });
    expect(unknown.status).toBe(401);
  });
});

describe('idempotency', () => {
  const create = (key: string, name: string) =>
    server.request('admin', '/v1/projects', {
      method: 'POST',
      json: { name },
      headers: { 'idempotency-key': key },
    });

  it('runs concurrent duplicates once and answers all the same', async () => {
    const responses = await Promise.all(Array.from({ length: 6 }, () => create('key-1', 'once')));
    expect(responses.map((r) => r.status)).toEqual(Array.from({ length: 6 }, () => 201));
    const ids = new Set(
      await Promise.all(responses.map(async (r) => ((await r.json()) as { id: string }).id)),
    );
    expect(ids.size).toBe(1);
    const audits = await server.platform.db.system.auditEntry.count({
      where: { action: 'project.create', target: [...ids][0] },
    });
    expect(audits).toBe(1);
  });

  it('refuses a key that was used for another request', async () => {
    await create('key-2', 'first');
    const response = await create('key-2', 'second');
    expect(response.status).toBe(409);
  });

  it('refuses a key that is not one', async () => {
    const response = await create('with space', 'third');
    expect(response.status).toBe(400);
  });
});

describe('lists', () => {
  it('are walked by cursor and limit, and a foreign cursor is 400', async () => {
    const other = await makeTenant(server.platform, 'Lists');
    const authorization = `Bearer ${await server.token('owner', other)}`;
    const get = (query: string) =>
      fetch(`${server.url}/v1/members?${query}`, { headers: { authorization } });
    const seen: string[] = [];
    let cursor = '';
    do {
      const response = await get(`limit=3${cursor && `&cursor=${cursor}`}`);
      const page = (await response.json()) as Page;
      seen.push(...page.items.map((member) => member.id));
      cursor = page.nextCursor ?? '';
    } while (cursor);
    expect(new Set(seen)).toEqual(new Set(Object.values(other.memberIds)));
    expect((await get('limit=0')).status).toBe(400);
    expect((await get('cursor=abc')).status).toBe(400);
  });
});

it('the door of a request stands in the audit log', async () => {
  await server.request('owner', '/v1/organisation', {
    method: 'PATCH',
    json: { name: 'By the CLI' },
    headers: { 'user-agent': 'ambit-cli/0.1' },
  });
  const audit = await server.json<Page>('owner', '/v1/audit?action=organisation.update');
  expect(audit.items[0]).toMatchObject({ door: 'cli', outcome: 'done', actor: { kind: 'token' } });
});

it('the metrics count requests by operation, and name no tenant', async () => {
  await server.request('owner', '/v1/projects');
  const response = await server.request(null, '/metrics');
  const text = await response.text();
  expect(text).toMatch(
    /ambit_http_request_seconds_count\{operation="project\.list",method="GET",status="200"\} \d+/,
  );
  for (const name of ['ambit_agents_connected', 'ambit_outbox_waiting', 'ambit_event_streams']) {
    expect(text).toMatch(new RegExp(`^${name} \\d+$`, 'm'));
  }
  expect(text).not.toContain(server.tenant.organisationId);
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
});

it('the metrics of a mesh want a token of its organisation, and are text', async () => {
  const { organisationId, projectId } = server.tenant;
  const id = newId('mesh');
  await server.platform.db.system.mesh.create({
    data: {
      id,
      organisationId,
      projectId,
      name: 'told',
      profile: 'sidecar',
      release: '1.30.2',
      options: { telemetry: 'none' },
    },
  });
  const scrape = (role: 'viewer' | null, headers = {}) =>
    server.request(role, `/metrics/meshes/${id}`, { headers });
  expect((await scrape(null)).status).toBe(401);
  const other = await makeTenant(server.platform, 'Scraper');
  const foreign = await scrape(null, {
    authorization: `Bearer ${await server.token('viewer', other)}`,
  });
  expect(foreign.status).toBe(404);
  const response = await scrape('viewer');
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  expect(await response.text()).toContain('ambit_mesh_services{mesh="told"} 0\n');
});
