import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { policyKinds } from '../kinds/native.ts';
import { call } from '../testing/call.ts';
import { meshKinds } from '../testing/crds.ts';
import { kubectlFor } from '../testing/kubectl.ts';
import { testServer } from '../testing/server.ts';

/** A helm binary; without one the test does not run. */
const helm = process.env['KUBE_API_HELM'] ?? '';
const mesh = await meshKinds();
const run = promisify(execFile);

const template = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: {{ .Release.Name }}}
spec:
  hosts: [{{ .Release.Name }}]
  http:
  - timeout: {{ .Values.timeout }}
    route:
    - destination: {host: {{ .Release.Name }}}
`;

test.skipIf(!existsSync(helm) || mesh === undefined)(
  'Helm installs, upgrades, rolls back and uninstalls a chart of policies',
  { timeout: 60_000 },
  async () => {
    const server = await testServer({ kinds: [...policyKinds, ...mesh!], basePath: '/k8s/m' });
    const kubectl = await kubectlFor(server.url);
    const chart = join(kubectl.folder, 'chart');
    await mkdir(join(chart, 'templates'), { recursive: true });
    await writeFile(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: policies\nversion: 1.0.0\n');
    await writeFile(join(chart, 'values.yaml'), 'timeout: 5s\n');
    await writeFile(join(chart, 'templates/policy.yaml'), template);
    const env = {
      ...process.env,
      HOME: kubectl.folder,
      KUBECONFIG: join(kubectl.folder, 'config.json'),
    };
    const command = (...args: string[]) => run(helm, args, { env });
    const path = '/apis/networking.istio.io/v1/namespaces/default/virtualservices/shop';
    const timeout = async (): Promise<unknown> =>
      (
        (await call(server.api, 'GET', path)).body.spec as unknown as {
          http: { timeout: string }[];
        }
      )?.http[0]?.timeout;
    try {
      await command('install', 'shop', chart);
      expect(await timeout()).toBe('5s');
      await command('upgrade', 'shop', chart, '--set', 'timeout=9s');
      expect(await timeout()).toBe('9s');
      await command('rollback', 'shop', '1');
      expect(await timeout()).toBe('5s');
      await expect(command('upgrade', 'shop', chart, '--set', 'timeout=0.1ms')).rejects.toThrow(
        /greater than 1ms/,
      );
      const { stdout } = await command('history', 'shop', '-o', 'json');
      expect((JSON.parse(stdout) as unknown[]).length).toBeGreaterThanOrEqual(3);
      await command('uninstall', 'shop');
      expect(await timeout()).toBeUndefined();
    } finally {
      await server.close();
      await kubectl.remove();
    }
  },
);
