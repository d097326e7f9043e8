import { containerdSocket } from '../images/containerd.ts';
import { runInNode } from './enter.ts';
import { LabError } from '../lab-error.ts';
import type { CachePaths, LabPaths } from '../paths.ts';
import { lastLines } from '../run.ts';
import { waitFor } from '../wait.ts';

const containerdMs = 30_000;

const ctr = (...args: string[]): string[] => [
  'ctr',
  '--address',
  containerdSocket,
  '--namespace',
  'k8s.io',
  ...args,
];

/** Imports a docker-archive tar into a running lab. Throws LabError. */
export async function loadImages(cache: CachePaths, lab: LabPaths, file: string): Promise<void> {
  const answers = await waitFor(containerdMs, async () => {
    const { code } = await runInNode(cache, lab, ctr('version'));
    return code === 0;
  });
  if (!answers)
    throw new LabError('containerd does not answer.', 'See: npm run lab -- logs containerd');
  const { code, stdout, stderr } = await runInNode(cache, lab, ctr('images', 'import', file));
  if (code !== 0)
    throw new LabError(`Importing ${file} failed:\n${lastLines(stderr || stdout, 10)}`);
}

/** The names of the images a lab has, without their digests. */
export async function imageNames(cache: CachePaths, lab: LabPaths): Promise<string[]> {
  const { stdout } = await runInNode(cache, lab, ctr('images', 'list', '--quiet'));
  return stdout
    .split('\n')
    .filter((name) => name && !name.includes('sha256:'))
    .toSorted();
}
