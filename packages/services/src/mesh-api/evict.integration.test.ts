import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StreamBody } from '@ambit/kube-api/engine';
import { toApiRequest, toResponse } from '@ambit/kube-api/http/web';
import { renderedMesh } from '../testing/rendered-mesh.ts';
import { makeTenant, testPlatform, type Tenant, type TestPlatform } from '../testing/tenant.ts';
import { openMeshApis, type MeshApis } from './mesh-apis.ts';

let platform: TestPlatform;
let tenant: Tenant;
let apis: MeshApis;
beforeAll(async () => {
  platform = await testPlatform();
  tenant = await makeTenant(platform);
  apis = await openMeshApis(platform, () => {}, { idleMs: 60_000, bytes: 1 });
});
afterAll(async () => {
  apis.end();
  await apis.close();
  await platform.drop();
});

const sidecars = '/apis/networking.istio.io/v1/namespaces/shop/sidecars';

function ask(meshId: string, path: string, init?: RequestInit) {
  const request = toApiRequest(new Request(`http://api${path}`, init), '');
  return apis.respond(tenant.callers.operator, meshId, request);
}

async function create(meshId: string, name: string): Promise<void> {
  const body = JSON.stringify({
    apiVersion: 'networking.istio.io/v1',
    kind: 'Sidecar',
    metadata: { name },
    spec: { egress: [{ hosts: ['./*'] }] },
  });
  expect((await ask(meshId, sidecars, { method: 'POST', body })).status).toBe(201);
}

async function names(meshId: string): Promise<string[]> {
  const answer = toResponse(await ask(meshId, sidecars));
  const { items } = (await answer.json()) as { items: { metadata: { name: string } }[] };
  return items.map(({ metadata }) => metadata.name);
}

test('meshes beyond the bound leave memory, watched ones stay, and all have their objects when they are asked again', async () => {
  const [watched, second, third] = await Promise.all(
    [1, 2, 3].map(() => renderedMesh(platform, tenant)),
  );
  await create(watched!, 'first');
  const lines: string[] = [];
  const watch = await ask(watched!, `${sidecars}?watch=1`);
  (watch.body as StreamBody).start({
    write: (chunk) => lines.push(chunk.toString()) > 0,
    onDrain: () => {},
    end: () => {},
    destroy: () => {},
  });
  await create(second!, 'of-second');
  expect(apis.held()).toEqual([watched, second]);
  await create(third!, 'of-third');
  expect(apis.held()).toEqual([watched, third]);

  expect(await names(second!)).toEqual(['of-second']);
  expect(apis.held()).toEqual([watched, second]);
  await create(watched!, 'later');
  await expect.poll(() => lines.join('')).toContain('"name":"later"');
  (watch.body as StreamBody).cancel();
  expect(await names(third!)).toEqual(['of-third']);
  expect(apis.held()).toEqual([third]);
});
