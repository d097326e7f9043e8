import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '@ambit/db/free-port';
import { renderedMesh } from '@ambit/services/testing/rendered-mesh';
import { runProgram } from '../../testing/program.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const sidecar = (name: string) =>
  JSON.stringify({
    apiVersion: 'networking.istio.io/v1',
    kind: 'Sidecar',
    metadata: { name },
    spec: { egress: [{ hosts: ['./*'] }] },
  });

test('a process that is killed in the middle of writes loses nothing that it answered, nor its history, audit and delivery', async () => {
  const meshId = await renderedMesh(server.platform, server.tenant);
  const port = await freePort();
  const program = runProgram('main.ts', {
    AMBIT_DATABASE_URL: server.platform.db.url,
    AMBIT_PORT: String(port),
  });
  const path = `/k8s/${meshId}/apis/networking.istio.io/v1/namespaces/shop/sidecars`;
  const headers = {
    authorization: `Bearer ${await server.token('operator')}`,
    'content-type': 'application/json',
  };
  const create = (name: string): Promise<number> =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers,
      body: sidecar(name),
    }).then(
      ({ status }) => status,
      () => 0,
    );
  await expect.poll(() => create('first')).toBe(201);

  const answered = ['first'];
  let next = 0;
  const writer = async (): Promise<void> => {
    for (;;) {
      const name = `s${next++}`;
      const status = await create(name);
      if (status === 0) return;
      expect(status).toBe(201);
      answered.push(name);
      if (answered.length === 150) program.kill('SIGKILL');
    }
  };
  await Promise.all(Array.from({ length: 16 }, writer));
  await program.ended;
  expect(answered.length).toBeGreaterThanOrEqual(150);

  const list = await server.json<{ items: { metadata: { name: string } }[] }>('viewer', path);
  const present = list.items.map(({ metadata }) => metadata.name);
  expect(answered.filter((name) => !present.includes(name))).toEqual([]);
  const { rows } = await server.platform.db.pool.query<Record<string, number>>(
    `SELECT (SELECT count(*)::int FROM policy WHERE mesh_id = $1) AS objects,
       (SELECT count(*)::int FROM policy_version WHERE mesh_id = $1) AS versions,
       (SELECT count(DISTINCT revision)::int FROM policy_version WHERE mesh_id = $1) AS revisions,
       (SELECT count(*)::int FROM audit_entry a JOIN policy p ON p.id = a.target WHERE p.mesh_id = $1) AS audited,
       (SELECT count(*)::int FROM change_event WHERE topic = 'policy' AND parent_id = $1) AS told,
       (SELECT max(revision)::int - min(revision)::int + 1 FROM policy_version WHERE mesh_id = $1) AS span,
       (SELECT count(DISTINCT e.xid)::int FROM change_event e WHERE topic = 'policy' AND parent_id = $1) AS commits,
       (SELECT count(*)::int FROM outbox_entry WHERE job = 'policies.deliver' AND data->>'meshId' = $1) AS deliveries`,
    [meshId],
  );
  const { commits, deliveries, ...counts } = rows[0]!;
  expect(new Set(Object.values(counts))).toEqual(new Set([present.length]));
  expect(deliveries).toBe(commits);
  expect(commits).toBeLessThan(present.length);
});
