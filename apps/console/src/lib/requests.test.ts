import { expect, it } from 'vitest';
import { catalogue } from '@ambit/contracts/catalogue';
import { asCommand, asCurl, restRequest, shellQuote } from './requests.ts';

const origin = 'http://127.0.0.1:4600';

it('fills the path, keeps the version for If-Match and leaves empty fields out', () => {
  expect(
    restRequest(catalogue.mesh.upgrade, {
      meshId: 'msh_1',
      version: 4,
      release: '1.31.1',
      note: '',
    }),
  ).toEqual({
    method: 'POST',
    path: '/v1/meshes/msh_1/upgrade',
    ifMatch: '"4"',
    body: { release: '1.31.1' },
  });
});

it('puts the input of a read into the query', () => {
  expect(restRequest(catalogue.policy.list, { meshId: 'msh_1', kind: 'Gateway' }).path).toBe(
    '/v1/meshes/msh_1/policies?kind=Gateway',
  );
});

it('writes curl with the token from the environment', () => {
  expect(asCurl(catalogue.cluster.join, { name: 'prod-eu' }, origin)).toMatchInlineSnapshot(`
    "curl -X POST http://127.0.0.1:4600/v1/clusters \\
      -H "Authorization: Bearer $AMBIT_TOKEN" \\
      -H 'Content-Type: application/json' \\
      -d '{"name":"prod-eu"}'"
  `);
  expect(asCurl(catalogue.mesh.list, {}, origin)).toMatchInlineSnapshot(`
    "curl http://127.0.0.1:4600/v1/meshes \\
      -H "Authorization: Bearer $AMBIT_TOKEN""
  `);
});

it('writes the ambit command', () => {
  expect(
    asCommand(catalogue.mesh.create, {
      name: 'shop',
      clusterIds: ['cls_1', 'cls_2'],
      options: { mtls: 'STRICT', proxy: { cpu: '200m' }, accessLog: true },
    }),
  ).toMatchInlineSnapshot(`
    "ambit mesh create \\
      --name shop \\
      --cluster-ids cls_1,cls_2 \\
      --options.mtls STRICT \\
      --options.proxy.cpu 200m \\
      --options.access-log"
  `);
  expect(asCommand(catalogue.cluster.renewJoin, { clusterId: 'cls_1' })).toBe(
    'ambit cluster renew-join --cluster-id cls_1',
  );
});

it('quotes for a shell', () => {
  expect(shellQuote("it's $HOME")).toBe(`'it'\\''s $HOME'`);
  expect(shellQuote('plain-1.2')).toBe('plain-1.2');
});
