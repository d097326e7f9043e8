import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { LabError } from '../lab-error.ts';
import type { CachePaths, LabPaths } from '../paths.ts';
import { run } from '../run.ts';
import type { RunOptions, RunResult } from '../run.ts';
import { componentKey } from '../build/components.ts';
import { istioStamps, kubernetesVersion } from '../versions.ts';
import { livingPid } from './processes.ts';

/** The node's PID 1. Throws LabError when the lab does not run. */
export function nodePid(lab: LabPaths): number {
  const pid = livingPid(lab.nodePid);
  if (pid) return pid;
  throw new LabError(`The lab "${lab.name}" is not up.`, 'Start it with: npm run lab -- up');
}

/** Arguments for nsenter that run a command inside the node, in the current folder. */
function enterArguments(lab: LabPaths, command: string[]): string[] {
  const namespaces = ['--net', '--mount', '--pid', '--uts', '--ipc'];
  const shell = ['sh', '-c', 'cd "$0" 2> /dev/null; exec "$@"', process.cwd()];
  return ['--target', String(nodePid(lab)), ...namespaces, '--', ...shell, ...command];
}

function enterEnvironment(cache: CachePaths, lab: LabPaths): Record<string, string> {
  const folders = [
    join(cache.bin, componentKey({ name: 'kubernetes', version: kubernetesVersion })),
    join(cache.bin, componentKey({ name: 'istio', version: istioStamps[0] })),
    process.env['PATH'] ?? '',
    '/usr/sbin',
    '/sbin',
  ];
  const [marker, value] = lab.marker.split('=', 2);
  return {
    PATH: folders.join(delimiter),
    KUBECONFIG: lab.nodeKubeconfig,
    CONTAINERD_NAMESPACE: 'k8s.io',
    [marker ?? '']: value ?? '',
  };
}

/** Runs a command inside the node and collects its output. */
export function runInNode(
  cache: CachePaths,
  lab: LabPaths,
  command: string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const env = { ...enterEnvironment(cache, lab), ...options.env };
  return run('nsenter', enterArguments(lab, command), { ...options, env });
}

/** Runs a command inside the node on this terminal, and gives its exit code. */
export function attachInNode(cache: CachePaths, lab: LabPaths, command: string[]): Promise<number> {
  const child = spawn('nsenter', enterArguments(lab, command), {
    stdio: 'inherit',
    env: { ...process.env, ...enterEnvironment(cache, lab) },
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
