import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

export interface Kubectl {
  folder: string;
  (args: string[], options?: { stdin?: string; env?: Record<string, string> }): Promise<Ran>;
  /** Starts a command that goes on; `line` waits for the next line of its output. */
  follow(args: string[]): { line(): Promise<string>; stop(): void };
  remove(): Promise<void>;
}

export const hasCommand = (name: string, args: string[]): boolean =>
  spawnSync(name, args, { stdio: 'ignore' }).status === 0;

/** An unmodified kubectl with a kubeconfig and a home of its own. */
export async function kubectlFor(url: string): Promise<Kubectl> {
  const folder = await mkdtemp(join(tmpdir(), 'kube-api-'));
  const kubeconfig = join(folder, 'config.json');
  await writeFile(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server: url } }],
      users: [{ name: 'u', user: {} }],
    }),
  );
  const env = { ...process.env, KUBECONFIG: kubeconfig, HOME: folder };
  const run = (args: string[], options: { stdin?: string; env?: Record<string, string> } = {}) =>
    new Promise<Ran>((resolve, reject) => {
      const child = spawn('kubectl', args, { env: { ...env, ...options.env } });
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      child.on('error', reject);
      child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
      child.stdin.end(options.stdin ?? '');
    });
  return Object.assign(run, {
    folder,
    follow(args: string[]) {
      const child = spawn('kubectl', args, { env });
      const lines: string[] = [];
      let wake = (): void => {};
      let rest = '';
      child.stdout.on('data', (chunk: Buffer) => {
        const parts = (rest + chunk.toString()).split('\n');
        rest = parts.pop()!;
        lines.push(...parts);
        wake();
      });
      return {
        async line() {
          while (lines.length === 0) await new Promise<void>((resolve) => (wake = resolve));
          return lines.shift()!;
        },
        stop: () => void child.kill(),
      };
    },
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  });
}
