import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { freePort } from '@ambit/db/free-port';
import { clusterKinds } from '@ambit/kube-api/kinds/native';
import { nodeListener } from '@ambit/kube-api/http/node';
import { meshKinds } from '@ambit/kube-api/testing/crds';
import { namespaceObject, testApi } from '@ambit/kube-api/testing/server';
import { expect, onTestFinished, test } from 'vitest';
import type { ServedMesh } from '../../../testing/mesh-process.ts';
import type { MakeMesh } from './make-mesh.ts';

const program = process.env['KUBE_API_ISTIOD'] ?? '';

const policyGroups =
  /^\/apis\/(?:(?:networking|security|telemetry|extensions)\.istio\.io|gateway\.networking\.k8s\.io)\/[^/]+\/./;

/**
 * A simulated member cluster: its own objects (pods, services, nodes) from the engine's memory store, all policies
 * passed on, as they come and go, to the mesh's API.
 */
async function startMember({ url, token }: ServedMesh) {
  const api = testApi({
    kinds: [...clusterKinds, ...((await meshKinds()) ?? [])],
    initial: [namespaceObject('default'), namespaceObject('istio-system')],
  });
  const own = nodeListener(() => api);
  let passedOn = 0;
  const server = createServer((incoming, outgoing) => {
    if (!policyGroups.test(incoming.url ?? '')) return own(incoming, outgoing);
    passedOn++;
    const headers = { ...incoming.headers, authorization: `Bearer ${token}` };
    const passed = request(`${url}${incoming.url}`, { method: incoming.method, headers });
    passed.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on('error', () => outgoing.destroy());
    outgoing.on('close', () => passed.destroy());
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passedOn: () => passedOn,
    close: () => {
      api.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

const route = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: default}
spec:
  hosts: [reviews]
  http: [{route: [{destination: {host: reviews}}]}]
`;
const gateway = `
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: istio}
spec: {controllerName: istio.io/gateway-controller}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: gw, namespace: default, annotations: {networking.istio.io/service-type: ClusterIP}}
spec:
  gatewayClassName: istio
  listeners: [{name: http, port: 80, protocol: HTTP}]
`;

export function istiod(makeMesh: MakeMesh): void {
  test('real istiod reads its configuration from the API on Postgres, follows it, and writes status back', async () => {
    const mesh = await makeMesh();
    const member = await startMember(mesh);
    onTestFinished(member.close);
    const { folder } = mesh.kubectl;
    const kubeconfig = join(folder, 'member.json');
    await writeFile(
      kubeconfig,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'c',
        contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
        clusters: [{ name: 'c', cluster: { server: member.url } }],
        users: [{ name: 'u', user: {} }],
      }),
    );
    const apply = async (yaml: string): Promise<void> => {
      const ran = await mesh.kubectl(['apply', '-f', '-'], { stdin: yaml });
      expect(ran.code, ran.stderr).toBe(0);
    };
    await apply(route);
    const ports = await Promise.all(Array.from({ length: 5 }, freePort));
    const [http, grpc, secure, https, monitoring] = ports.map((port) => `127.0.0.1:${port}`);
    const addresses = {
      httpAddr: http,
      grpcAddr: grpc,
      secureGRPCAddr: secure,
      httpsAddr: https,
      monitoringAddr: monitoring,
    };
    const flags = Object.entries(addresses).flatMap(([flag, value]) => [`--${flag}`, value!]);
    const running = spawn(
      program,
      ['discovery', '--kubeconfig', kubeconfig, ...flags, '--ctrlz_port', '0'],
      {
        cwd: folder,
        stdio: 'ignore',
        env: { ...process.env, POD_NAMESPACE: 'istio-system', POD_NAME: 'istiod-0' },
      },
    );
    try {
      const ready = async (): Promise<number> =>
        (await fetch(`http://${http}/ready`).catch(() => undefined))?.status ?? 0;
      await expect.poll(ready, { timeout: 60_000, interval: 200 }).toBe(200);
      const configuration = async (): Promise<string> =>
        (await fetch(`http://${http}/debug/configz`)).text();
      await expect.poll(configuration, { timeout: 20_000 }).toContain('"reviews"');
      await apply(route.replaceAll('reviews', 'ratings'));
      await expect.poll(configuration, { timeout: 20_000 }).toContain('"ratings"');
      await apply(gateway);
      const waited = await mesh.kubectl(
        'wait gtw/gw -n default --for=condition=Accepted --timeout=30s'.split(' '),
      );
      expect(waited.stdout, waited.stderr).toContain('condition met');
      await mesh.kubectl('delete vs ratings -n default'.split(' '));
      await expect.poll(configuration, { timeout: 20_000 }).not.toContain('"ratings"');
      expect(member.passedOn()).toBeGreaterThan(10);
    } finally {
      running.kill('SIGKILL');
    }
  });
}
