import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { ServedMesh } from '../../../testing/mesh-process.ts';
import type { MakeMesh } from './make-mesh.ts';

const route = (name: string, timeout: string) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: ${name}
  namespace: shop
  labels: {app: shop}
spec:
  hosts: [${name}]
  http:
  - name: main
    timeout: ${timeout}
    route:
    - destination: {host: ${name}}
`;

export function kubectlScript(makeMesh: MakeMesh): void {
  describe('kubectl', { concurrent: true }, () => {
    let mesh: ServedMesh;
    beforeAll(async () => {
      mesh = await makeMesh();
    });

    type Options = { stdin?: string; env?: Record<string, string> };
    const run = (args: string, options: Options = {}) =>
      mesh.kubectl([...args.split(' '), '-n', 'shop'], options);
    async function ok(args: string, stdin?: string, env?: Record<string, string>): Promise<string> {
      const ran = await run(args, { ...(stdin ? { stdin } : {}), ...(env ? { env } : {}) });
      expect(ran.code, `${args}\n${ran.stdout}${ran.stderr}`).toBe(0);
      return ran.stdout;
    }
    const timeoutOf = (name: string) => ok(`get vs ${name} -o jsonpath={.spec.http[0].timeout}`);

    test('api-resources, explain, auth whoami and can-i', async () => {
      expect(await ok('api-resources')).toMatch(/virtualservices\s+vs\s+networking\.istio\.io\/v1/);
      const explained = await ok('explain virtualservice.spec.http.timeout');
      expect(explained).toMatch(/FIELD: timeout <string>[\s\S]*Timeout for HTTP requests/);
      expect(await ok('auth whoami')).toContain('ambit:operator');
      expect((await ok('auth can-i create virtualservices')).trim()).toBe('yes');
    });

    test('apply, diff, apply again, get with the columns of the CRD and in an older version', async () => {
      expect(await ok('apply -f -', route('reviews', '5s'))).toContain('created');
      expect(await ok('apply -f -', route('reviews', '5s'))).toContain('unchanged');
      const diff = await run('diff -f -', { stdin: route('reviews', '7s') });
      expect(diff.code).toBe(1);
      expect(diff.stdout).toMatch(/-\s+timeout: 5s[\s\S]*\+\s+timeout: 7s/);
      expect(await ok('apply -f -', route('reviews', '7s'))).toContain('configured');
      expect(await ok('get vs reviews')).toMatch(/NAME\s+GATEWAYS\s+HOSTS\s+AGE/);
      const old =
        'get virtualservices.v1beta1.networking.istio.io reviews -o jsonpath={.apiVersion}';
      expect(await ok(old)).toBe('networking.istio.io/v1beta1');
    });

    test('apply --server-side meets a conflict, and --force-conflicts takes the field', async () => {
      const sided = 'apply --server-side -f - --field-manager';
      await ok(`${sided} one`, route('shared', '1s'));
      const refused = await run(`${sided} two`, { stdin: route('shared', '2s') });
      expect(refused.code).not.toBe(0);
      expect(refused.stderr).toMatch(/conflict with "one"/);
      await ok(`${sided} two --force-conflicts`, route('shared', '2s'));
      expect(await timeoutOf('shared')).toBe('2s');
      const managers = 'get vs shared --show-managed-fields -o jsonpath={.metadata.managedFields}';
      expect(await ok(managers)).toMatch(/"manager":"one".*"manager":"two"/);
    });

    test('patch in its types, label, annotate, edit with a scripted editor', async () => {
      await ok('apply -f -', route('patched', '5s'));
      await ok('patch vs patched --type merge -p {"spec":{"gateways":["mesh"]}}');
      const json = '[{"op":"replace","path":"/spec/http/0/timeout","value":"6s"}]';
      await ok(`patch vs patched --type json -p ${json}`);
      const made = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"patched"}}';
      await ok('create -f -', made);
      await ok('patch cm patched --type strategic -p {"data":{"k":"v"}}');
      await ok('label vs patched tier=front');
      await ok('annotate vs patched note=x');
      expect(await timeoutOf('patched')).toBe('6s');
      expect(await ok('get cm patched -o jsonpath={.data.k}')).toBe('v');
      const editor = join(mesh.kubectl.folder, 'editor.sh');
      await writeFile(editor, '#!/bin/sh\nsed -i "s/timeout: 6s/timeout: 9s/" "$1"\n');
      await chmod(editor, 0o755);
      expect(await ok('edit vs patched', '', { KUBE_EDITOR: editor })).toContain('edited');
      expect(await timeoutOf('patched')).toBe('9s');
    });

    test('get -w tells what happens, wait sees a status and a deletion', async () => {
      const watch = mesh.kubectl.follow(
        'get gtw -w --no-headers --output-watch-events -n shop'.split(' '),
      );
      const gateway = {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'Gateway',
        metadata: { name: 'gw' },
        spec: { gatewayClassName: 'istio', listeners: [{ name: 'h', port: 80, protocol: 'HTTP' }] },
      };
      await ok('create -f -', JSON.stringify(gateway));
      expect(await watch.line()).toMatch(/^ADDED\s+gw/);
      const waiting = run('wait gtw/gw --for=condition=Programmed --timeout=20s');
      const condition = {
        type: 'Programmed',
        status: 'True',
        reason: 'Ok',
        message: '',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      };
      const status = JSON.stringify({ status: { conditions: [condition] } });
      await ok(`patch gtw gw --subresource status --type merge -p ${status}`);
      expect(await watch.line()).toMatch(/^MODIFIED\s+gw/);
      expect((await waiting).stdout).toContain('condition met');
      const gone = run('wait gtw/gw --for=delete --timeout=20s');
      await ok('delete gtw gw');
      expect(await watch.line()).toMatch(/^DELETED\s+gw/);
      expect((await gone).code).toBe(0);
      watch.stop();
    });

    test.each(['background', 'foreground', 'orphan'])('delete --cascade=%s', async (cascade) => {
      const parent = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: cascade } };
      await ok('create -f -', JSON.stringify(parent));
      const uid = await ok(`get cm ${cascade} -o jsonpath={.metadata.uid}`);
      const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: cascade, uid };
      const metadata = {
        name: `${cascade}-child`,
        ownerReferences: [{ ...owner, blockOwnerDeletion: true }],
      };
      await ok('create -f -', JSON.stringify({ ...parent, metadata }));
      await ok(`delete cm ${cascade} --cascade=${cascade}`);
      const child = async () => (await run(`get cm ${cascade}-child`)).code;
      if (cascade === 'orphan') expect(await child()).toBe(0);
      else await vi.waitFor(async () => expect(await child()).toBe(1), { timeout: 10_000 });
    });
  });
}
