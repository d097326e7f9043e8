import { join } from 'node:path';
import { componentKey } from '../build/components.ts';
import type { CachePaths, LabPaths } from '../paths.ts';
import { must, run } from '../run.ts';
import type { RunOptions, RunResult } from '../run.ts';
import { kubernetesVersion } from '../versions.ts';

/** The folder with kubectl and Kubernetes' own programs. */
export const kubernetesFolder = (cache: CachePaths): string =>
  join(cache.bin, componentKey({ name: 'kubernetes', version: kubernetesVersion }));

/** Runs kubectl on the host against a lab, through the forward. */
export function kubectl(
  cache: CachePaths,
  lab: LabPaths,
  args: string[],
  options: RunOptions = {},
): Promise<RunResult> {
  return run(
    join(kubernetesFolder(cache), 'kubectl'),
    ['--kubeconfig', lab.kubeconfig, ...args],
    options,
  );
}

/** The same for a command that has to succeed. Throws LabError. */
export function mustKubectl(
  cache: CachePaths,
  lab: LabPaths,
  args: string[],
  options: RunOptions = {},
): Promise<string> {
  return must(
    join(kubernetesFolder(cache), 'kubectl'),
    ['--kubeconfig', lab.kubeconfig, ...args],
    options,
  );
}
