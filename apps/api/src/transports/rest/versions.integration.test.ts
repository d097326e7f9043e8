import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '@ambit/contracts/ids';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
let policy: string;
beforeAll(async () => {
  server = await startTestServer();
  const meshId = newId('mesh');
  const { organisationId, projectId } = server.tenant;
  await server.platform.db.system.mesh.create({
    data: {
      id: meshId,
      organisationId,
      projectId,
      name: 'shop',
      profile: 'sidecar',
      release: '1.30.2',
      options: {},
    },
  });
  const made = await server.json<{ items: { policy: { id: string } }[] }>(
    'operator',
    `/v1/meshes/${meshId}/policies`,
    { method: 'POST', json: { yaml: yaml('STRICT') } },
  );
  policy = `/v1/meshes/${meshId}/policies/${made.items[0]?.policy.id}`;
});
afterAll(() => server.close());

const yaml = (mode: string) => `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: default
  namespace: shop
spec:
  mtls:
    mode: ${mode}
`;

const put = (mode: string, headers: Record<string, string>) =>
  server.request('operator', policy, { method: 'PUT', json: { yaml: yaml(mode) }, headers });

describe('a change of a versioned resource', () => {
  it('based on the ETag that was read is done, and answers the next ETag', async () => {
    const etag = (await server.request('viewer', policy)).headers.get('etag')!;
    expect(etag).toMatch(/^"\d+"$/);
    const response = await put('PERMISSIVE', { 'if-match': etag });
    expect(response.status).toBe(200);
    expect(response.headers.get('etag')).toBe(`"${Number(etag.slice(1, -1)) + 1}"`);
  });

  it('without If-Match is 428 and says what to send', async () => {
    const response = await put('STRICT', {});
    expect(response.status).toBe(428);
    expect(await response.json()).toMatchObject({
      code: 'precondition_required',
      fix: expect.stringContaining('If-Match'),
    });
  });

  it('based on an older version is 412 and names the current one', async () => {
    const etag = (await server.request('viewer', policy)).headers.get('etag')!;
    const response = await put('STRICT', { 'if-match': '"0"' });
    expect(response.status).toBe(412);
    const body = (await response.json()) as { code: string; message: string };
    expect(body.code).toBe('precondition_failed');
    expect(body.message).toContain(etag.slice(1, -1));
  });

  it('by two at the same moment is done once', async () => {
    const etag = (await server.request('viewer', policy)).headers.get('etag')!;
    const both = await Promise.all(
      ['STRICT', 'DISABLE'].map((mode) => put(mode, { 'if-match': etag })),
    );
    expect(both.map((response) => response.status).sort()).toEqual([200, 412]);
  });

  it.each(['*', '"a"', '"1", "2"'])('with If-Match: %s is 400', async (header) => {
    expect((await put('STRICT', { 'if-match': header })).status).toBe(400);
  });
});
