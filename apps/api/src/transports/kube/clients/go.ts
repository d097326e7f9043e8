import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { goClientSource } from '@ambit/kube-api/testing/go';
import type { ServedMesh } from '../../../testing/mesh-process.ts';
import type { MakeMesh } from './make-mesh.ts';

const run = promisify(execFile);

const environment = ({ kubectl }: ServedMesh): NodeJS.ProcessEnv => ({
  ...process.env,
  KUBECONFIG: join(kubectl.folder, 'config.json'),
});

/** Builds a Go program; its modules are fetched when they have to be. */
async function build({ kubectl }: ServedMesh, source: string, name: string): Promise<string> {
  const program = join(kubectl.folder, name);
  await run('go', ['build', '-ldflags', '-s -w', '-o', program, '.'], { cwd: source });
  return program;
}

export function goPrograms(makeMesh: MakeMesh): void {
  test('client-go: a shared informer and a dynamic client see every change', async () => {
    const mesh = await makeMesh();
    const env = environment(mesh);
    const { stdout } = await run(await build(mesh, goClientSource, 'client'), [], { env });
    expect(stdout.trim().split('\n')).toEqual([
      'add configmap default/from-go',
      'update configmap default/from-go',
      'delete configmap default/from-go',
      'add virtualservice default/from-go',
      'delete virtualservice default/from-go',
      'done',
    ]);
  });

  test("a GitOps loop with Flux's engine applies, repairs drift and prunes what a repository holds", async () => {
    const mesh = await makeMesh();
    const env = environment(mesh);
    const program = await build(
      mesh,
      fileURLToPath(new URL('./gitops', import.meta.url)),
      'gitops',
    );
    const repository = join(mesh.kubectl.folder, 'repository');
    await mkdir(repository);
    const git = (...args: string[]) =>
      run('git', [
        '-C',
        repository,
        '-c',
        'user.name=t',
        '-c',
        'user.email=t@example.com',
        ...args,
      ]);
    await git('init', '--quiet');
    const route = (name: string, timeout: string) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}, namespace: shop}
spec:
  hosts: [${name}]
  http: [{timeout: ${timeout}, route: [{destination: {host: ${name}}}]}]
`;
    const commit = async (): Promise<void> => {
      await git('add', '--all');
      await git('commit', '--quiet', '--message', 'change');
    };
    const turn = async (): Promise<string[]> => {
      const { stdout } = await run(program, [repository, mesh.kubectl.folder], { env });
      return stdout.trim().split('\n').toSorted();
    };
    const [a, b] = ['a', 'b'].map((name) => `VirtualService/shop/${name}`);
    const write = (name: string, timeout: string) =>
      writeFile(join(repository, `${name}.yaml`), route(name, timeout));

    await write('a', '1s');
    await write('b', '1s');
    await commit();
    expect(await turn()).toEqual([`created ${a}`, `created ${b}`, 'done']);
    expect(await turn()).toEqual(['done', `unchanged ${a}`, `unchanged ${b}`]);
    await write('a', '2s');
    await commit();
    expect(await turn()).toEqual([`configured ${a}`, 'done', `unchanged ${b}`]);
    const drift = '{"spec":{"http":[{"timeout":"9s","route":[{"destination":{"host":"b"}}]}]}}';
    const patched = 'patch vs b -n shop --type merge -p'.split(' ');
    expect((await mesh.kubectl([...patched, drift])).code).toBe(0);
    expect(await turn()).toEqual([`configured ${b}`, 'done', `unchanged ${a}`]);
    await rm(join(repository, 'a.yaml'));
    await commit();
    expect(await turn()).toEqual([`deleted ${a}`, 'done', `unchanged ${b}`]);
    const left = await mesh.kubectl('get vs -n shop -o name'.split(' '));
    expect(left.stdout.trim()).toBe('virtualservice.networking.istio.io/b');
  });
}
