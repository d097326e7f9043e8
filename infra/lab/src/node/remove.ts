import { existsSync, readFileSync, rmSync } from 'node:fs';
import { LabError } from '../lab-error.ts';
import type { LabPaths } from '../paths.ts';
import { must } from '../run.ts';
import { waitFor } from '../wait.ts';
import { existingCgroups, removeCgroups } from './cgroups.ts';
import { kill, livingPid, processesWith } from './processes.ts';

const endMs = 20_000;

/** Mount points at or below a folder in this process's own mount namespace, the innermost first. */
export function mountsBelow(folder: string, mountInfo: string): string[] {
  return mountInfo
    .split('\n')
    .map((line) => (line.split(' ')[4] ?? '').replaceAll('\\040', ' '))
    .filter((point) => point === folder || point.startsWith(`${folder}/`))
    .toReversed();
}

/** True when anything of the lab is left: a process, a cgroup or its folder. */
export function hasRemains(lab: LabPaths): boolean {
  return (
    existsSync(lab.state) ||
    existingCgroups(lab.cgroup).length > 0 ||
    processesWith(lab.marker).length > 0
  );
}

/**
 * Ends and removes everything of a lab, whatever state it is in. Killing the node's PID 1 ends all processes of
 * its pid namespace, and with the last of them the kernel drops its mounts and network.
 * Throws LabError when something stays.
 */
export async function removeLab(lab: LabPaths): Promise<void> {
  const node = livingPid(lab.nodePid);
  if (node) kill(node);
  const left = await waitFor(endMs, () => {
    const pids = processesWith(lab.marker);
    for (const pid of pids) kill(pid);
    return pids.length === 0;
  });
  if (!left) {
    throw new LabError(
      `These processes of the lab do not end: ${processesWith(lab.marker).join(', ')}.`,
    );
  }
  const cgroupsGone = await waitFor(endMs, () => removeCgroups(lab.cgroup).length === 0);
  if (!cgroupsGone) {
    throw new LabError(
      `These cgroups of the lab stay busy: ${existingCgroups(lab.cgroup).join(', ')}.`,
    );
  }
  for (const point of mountsBelow(lab.state, readFileSync('/proc/self/mountinfo', 'utf8'))) {
    await must('umount', ['--lazy', point]);
  }
  rmSync(lab.state, { recursive: true, force: true });
}
