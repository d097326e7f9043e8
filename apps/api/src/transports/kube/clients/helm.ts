import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { MakeMesh } from './make-mesh.ts';

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

export function helmChart(makeMesh: MakeMesh): void {
  test('Helm 4 installs, upgrades, rolls back and uninstalls a chart of policies', async () => {
    const mesh = await makeMesh();
    const { folder } = mesh.kubectl;
    const chart = join(folder, 'chart');
    await mkdir(join(chart, 'templates'), { recursive: true });
    await writeFile(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: policies\nversion: 1.0.0\n');
    await writeFile(join(chart, 'values.yaml'), 'timeout: 5s\n');
    await writeFile(join(chart, 'templates/policy.yaml'), template);
    const env = { ...process.env, HOME: folder, KUBECONFIG: join(folder, 'config.json') };
    const helm = (...args: string[]) => run(process.env['KUBE_API_HELM'] ?? 'helm', args, { env });
    const timeout = async (): Promise<string> =>
      (await mesh.kubectl('get vs shop -o jsonpath={.spec.http[0].timeout}'.split(' '))).stdout;

    await helm('install', 'shop', chart);
    expect(await timeout()).toBe('5s');
    await helm('upgrade', 'shop', chart, '--set', 'timeout=9s');
    expect(await timeout()).toBe('9s');
    await helm('rollback', 'shop', '1');
    expect(await timeout()).toBe('5s');
    await expect(helm('upgrade', 'shop', chart, '--set', 'timeout=0.1ms')).rejects.toThrow(
      /greater than 1ms/,
    );
    expect(await timeout()).toBe('5s');
    const { stdout } = await helm('history', 'shop', '-o', 'json');
    expect((JSON.parse(stdout) as unknown[]).length).toBeGreaterThanOrEqual(3);
    await helm('uninstall', 'shop');
    expect(await timeout()).toBe('');
  });
}
