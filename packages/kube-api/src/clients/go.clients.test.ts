import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { clusterKinds } from '../kinds/native.ts';
import { meshKinds } from '../testing/crds.ts';
import { goClientSource } from '../testing/go.ts';
import { kubectlFor } from '../testing/kubectl.ts';
import { testServer } from '../testing/server.ts';

const run = promisify(execFile);
const source = goClientSource;
const mesh = await meshKinds();

/** Built when its modules are on this machine already; they are not fetched for a test. */
const buildable =
  mesh !== undefined &&
  spawnSync('go', ['list', '-deps', '.'], {
    cwd: source,
    stdio: 'ignore',
    env: { ...process.env, GOPROXY: 'off' },
  }).status === 0;

test.skipIf(!buildable)(
  'client-go: a shared informer and a dynamic client see every change',
  { timeout: 120_000 },
  async () => {
    const server = await testServer({ kinds: [...clusterKinds, ...mesh!], basePath: '/k8s/m' });
    const kubectl = await kubectlFor(server.url);
    try {
      const program = join(kubectl.folder, 'client');
      await run('go', ['build', '-o', program, '.'], { cwd: source });
      const { stdout } = await run(program, [], {
        env: { ...process.env, KUBECONFIG: join(kubectl.folder, 'config.json') },
      });
      expect(stdout.trim().split('\n')).toEqual([
        'add configmap default/from-go',
        'update configmap default/from-go',
        'delete configmap default/from-go',
        'add virtualservice default/from-go',
        'delete virtualservice default/from-go',
        'done',
      ]);
    } finally {
      await server.close();
      await kubectl.remove();
    }
  },
);
