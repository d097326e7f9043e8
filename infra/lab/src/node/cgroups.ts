import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { kill } from './processes.ts';

/** Where cgroup hierarchies are mounted: several on cgroup v1 and mixed hosts, one on v2. */
export function cgroupMounts(mountInfo: string): { folder: string; version: 1 | 2 }[] {
  return mountInfo.split('\n').flatMap((line) => {
    const [left, right] = line.split(' - ');
    const folder = left?.split(' ')[4];
    const type = right?.split(' ')[0];
    if (!folder || (type !== 'cgroup' && type !== 'cgroup2')) return [];
    return [{ folder, version: type === 'cgroup' ? (1 as const) : (2 as const) }];
  });
}

const hostMounts = (): ReturnType<typeof cgroupMounts> =>
  cgroupMounts(readFileSync('/proc/self/mountinfo', 'utf8'));

/** Makes the lab's root in every hierarchy that kubelet looks into. */
export function makeCgroups(name: string): void {
  const mounts = hostMounts();
  const mixed = mounts.some(({ version }) => version === 1);
  for (const { folder, version } of mounts) {
    if (mixed && version === 2) continue;
    const root = join(folder, name);
    mkdirSync(root, { recursive: true });
    if (version === 2) {
      const controllers = readFileSync(join(folder, 'cgroup.controllers'), 'utf8')
        .trim()
        .split(' ');
      const enabled = controllers.map((controller) => `+${controller}`).join(' ');
      writeFileSync(join(folder, 'cgroup.subtree_control'), enabled);
    }
    // A cpuset of v1 begins empty, and nothing can run in it.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      if (version === 1 && existsSync(join(root, file))) {
        writeFileSync(join(root, file), readFileSync(join(folder, file)));
      }
    }
  }
}

/** The folders of a cgroup that exist now, in every hierarchy. */
export function existingCgroups(name: string): string[] {
  return hostMounts()
    .map(({ folder }) => join(folder, name))
    .filter((folder) => existsSync(folder));
}

const foldersBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => foldersBelow(join(folder, entry.name)))
    .concat(folder);

/** Kills what is left in a lab's cgroups and removes them. Gives those that are still busy. */
export function removeCgroups(name: string): string[] {
  for (const root of existingCgroups(name)) {
    for (const folder of foldersBelow(root)) {
      const pids = readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean);
      for (const pid of pids) kill(Number(pid));
      try {
        rmdirSync(folder);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
      }
    }
  }
  return existingCgroups(name);
}
