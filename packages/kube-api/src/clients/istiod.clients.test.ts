import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clusterKinds } from '../kinds/native.ts';
import { call } from '../testing/call.ts';
import { meshKinds } from '../testing/crds.ts';
import { namespaceObject, testServer } from '../testing/server.ts';

/** A pilot-discovery binary; without one the test does not run. */
const program = process.env['KUBE_API_ISTIOD'] ?? '';
const mesh = await meshKinds();

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

const route = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name: 'reviews' },
  spec: { hosts: ['reviews'], http: [{ route: [{ destination: { host: 'reviews' } }] }] },
};
const gatewayClass = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'GatewayClass',
  metadata: { name: 'istio' },
  spec: { controllerName: 'istio.io/gateway-controller' },
};
const gateway = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: { name: 'gw', annotations: { 'networking.istio.io/service-type': 'ClusterIP' } },
  spec: { gatewayClassName: 'istio', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
};

test.skipIf(mesh === undefined || !existsSync(program))(
  'real istiod becomes ready, reads its configuration and writes status back',
  { timeout: 60_000 },
  async () => {
    const server = await testServer({
      kinds: [...clusterKinds, ...mesh!],
      initial: [namespaceObject('default'), namespaceObject('istio-system')],
    });
    const folder = await mkdtemp(join(tmpdir(), 'kube-api-istiod-'));
    const kubeconfig = join(folder, 'config.json');
    await writeFile(
      kubeconfig,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'c',
        contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
        clusters: [{ name: 'c', cluster: { server: server.url } }],
        users: [{ name: 'u', user: {} }],
      }),
    );
    const ports = await Promise.all(Array.from({ length: 5 }, freePort));
    const [http, grpc, secure, https, monitoring] = ports.map((port) => `127.0.0.1:${port}`);
    const istiod = spawn(
      program,
      [
        'discovery',
        '--kubeconfig',
        kubeconfig,
        '--httpAddr',
        http!,
        '--grpcAddr',
        grpc!,
        '--secureGRPCAddr',
        secure!,
        '--httpsAddr',
        https!,
        '--monitoringAddr',
        monitoring!,
        '--ctrlz_port',
        '0',
      ],
      {
        cwd: folder,
        stdio: 'ignore',
        env: { ...process.env, POD_NAMESPACE: 'istio-system', POD_NAME: 'istiod-0' },
      },
    );
    try {
      const ready = async (): Promise<number> =>
        (await fetch(`http://${http}/ready`).catch(() => undefined))?.status ?? 0;
      await expect.poll(ready, { timeout: 40_000, interval: 200 }).toBe(200);
      await call(
        server.api,
        'POST',
        '/apis/networking.istio.io/v1/namespaces/default/virtualservices',
        route,
      );
      await call(
        server.api,
        'POST',
        '/apis/gateway.networking.k8s.io/v1/gatewayclasses',
        gatewayClass,
      );
      const gateways = '/apis/gateway.networking.k8s.io/v1/namespaces/default/gateways';
      await call(server.api, 'POST', gateways, gateway);
      const configuration = async (): Promise<string> =>
        (await fetch(`http://${http}/debug/configz`)).text();
      await expect.poll(configuration, { timeout: 10_000 }).toContain('"reviews"');
      const conditions = async (): Promise<unknown> =>
        (
          (await call(server.api, 'GET', `${gateways}/gw`)).body.status as unknown as {
            conditions?: unknown[];
          }
        )?.conditions;
      await expect
        .poll(conditions, { timeout: 10_000 })
        .toEqual(
          expect.arrayContaining([expect.objectContaining({ type: 'Accepted', status: 'True' })]),
        );
    } finally {
      istiod.kill('SIGKILL');
      await server.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
);
