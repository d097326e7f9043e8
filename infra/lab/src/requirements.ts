import { accessSync, constants, existsSync, mkdirSync, statfsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { LabError } from './lab-error.ts';
import type { CachePaths } from './paths.ts';
import { run } from './run.ts';
import { say, step } from './say.ts';
import { minimumGoVersion } from './versions.ts';

type Need = { file: string; debianPackage: string };

const nodeNeeds: Need[] = [
  { file: 'containerd', debianPackage: 'containerd' },
  { file: 'ctr', debianPackage: 'containerd' },
  { file: 'runc', debianPackage: 'runc' },
  { file: '/usr/lib/cni/ptp', debianPackage: 'containernetworking-plugins' },
  { file: 'xtables-nft-multi', debianPackage: 'iptables' },
  { file: 'nft', debianPackage: 'nftables' },
  { file: 'conntrack', debianPackage: 'conntrack' },
  { file: 'openssl', debianPackage: 'openssl' },
  { file: 'ip', debianPackage: 'iproute2' },
  { file: 'unshare', debianPackage: 'util-linux' },
  { file: '/bin/busybox', debianPackage: 'busybox-static' },
  { file: '/etc/ssl/certs/ca-certificates.crt', debianPackage: 'ca-certificates' },
];

const coldBuildGib = 14;
const runningLabGib = 3;

/** Refuses a machine that cannot run a lab at all. Throws LabError. */
export function requireLinuxRoot(): void {
  if (process.platform !== 'linux') {
    throw new LabError(
      `The lab makes Linux namespaces; this is ${process.platform}.`,
      'Run it on a Linux machine or in a virtual machine with Debian 12 or newer.',
    );
  }
  if (process.arch !== 'x64') {
    throw new LabError(`The lab builds for x86-64; this machine is ${process.arch}.`);
  }
  if (process.getuid?.() !== 0) {
    throw new LabError(
      'The lab needs root: it makes namespaces, mounts and cgroups.',
      'Run the same command with sudo (sudo -E keeps the AMBIT_* variables).',
    );
  }
}

/** Finds a program in PATH (and the sbin folders), or gives undefined. */
export function findProgram(name: string): string | undefined {
  if (name.startsWith('/')) return existsSync(name) ? name : undefined;
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    '/usr/sbin',
    '/sbin',
    '/usr/local/sbin',
  ];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const missingPackages = (needs: Need[]): string[] => [
  ...new Set(
    needs.filter(({ file }) => !findProgram(file)).map(({ debianPackage }) => debianPackage),
  ),
];

/** Installs the Debian packages a node is made of, when they are missing and apt-get is there. Throws LabError. */
export async function requireNodePackages(): Promise<void> {
  await requirePackages(nodeNeeds);
}

async function requirePackages(needs: Need[]): Promise<void> {
  const packages = missingPackages(needs);
  if (packages.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (!findProgram('apt-get')) {
    throw new LabError(
      `These programs are missing: ${packages.join(', ')} (names of Debian packages).`,
      'Install them with the package manager of this machine, then run the command again.',
    );
  }
  await step(`installing Debian packages: ${packages.join(' ')}`, async () => {
    const env = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
    const install = ['install', '-y', '--no-install-recommends', ...packages];
    const first = await run('apt-get', install, { env });
    if (first.code === 0) return;
    await run('apt-get', ['update'], { env });
    const second = await run('apt-get', install, { env });
    if (second.code === 0) return;
    throw new LabError(
      `apt-get could not install ${packages.join(' ')}:\n${second.stderr.trim()}`,
      `Install them by hand (${command}) and run the command again.`,
    );
  });
  const left = missingPackages(needs);
  if (left.length > 0) {
    throw new LabError(
      `apt-get installed ${left.join(', ')}, but the programs are still not found.`,
    );
  }
}

/** Checks Go, Python's pip and the disk before a build, a `cold` one being of everything. Throws LabError. */
export async function requireBuildTools(cache: CachePaths, cold: boolean): Promise<void> {
  const go = findProgram('go') ? await run('go', ['env', 'GOVERSION']) : undefined;
  const version = /^go(\d+\.\d+)/.exec(go?.stdout ?? '')?.[1];
  if (!version) {
    throw new LabError(
      'Go is missing: the lab builds Kubernetes and Istio from their Go modules.',
      `Install Go ${minimumGoVersion} or newer (https://go.dev/dl) and have it in PATH.`,
    );
  }
  if (isOlder(version, minimumGoVersion)) {
    throw new LabError(
      `Go ${version} is too old: the lab needs ${minimumGoVersion} or newer.`,
      'Install a newer one (https://go.dev/dl) and have it first in PATH.',
    );
  }
  const pip = findProgram('python3') ? await run('python3', ['-m', 'pip', '--version']) : undefined;
  if (pip?.code !== 0) {
    await requirePackages([
      { file: '/usr/lib/python3/dist-packages/pip', debianPackage: 'python3-pip' },
    ]);
  }
  if (cold) requireDisk(cache.root, coldBuildGib, 'a first build (with the caches of Go)');
  else requireDisk(cache.root, runningLabGib, 'a build');
}

/** Compares two dotted versions by number. */
export function isOlder(version: string, than: string): boolean {
  const [left, right] = [version, than].map((text) => text.split('.').map(Number));
  for (const [index, wanted] of (right ?? []).entries()) {
    const have = left?.[index] ?? 0;
    if (have !== wanted) return have < wanted;
  }
  return false;
}

/** Checks the room for one running lab. Throws LabError. */
export function requireRoomToRun(cache: CachePaths): void {
  requireDisk(cache.root, runningLabGib, 'a running lab');
}

function requireDisk(folder: string, neededGib: number, what: string): void {
  mkdirSync(folder, { recursive: true });
  const { bavail, bsize } = statfsSync(folder);
  const freeGib = (bavail * bsize) / 2 ** 30;
  if (freeGib >= neededGib) return;
  throw new LabError(
    `${folder} has ${freeGib.toFixed(1)} GiB free; ${what} needs ${neededGib} GiB.`,
    'Make room, or set AMBIT_CACHE to a folder on a larger disk.',
  );
}

/** Says what kernel module a node wants and tries to load it. Compiled-in modules need nothing. */
export async function loadKernelModules(): Promise<void> {
  for (const name of ['overlay', 'veth', 'nf_tables']) {
    if (existsSync(`/sys/module/${name}`) || !findProgram('modprobe')) continue;
    const { code } = await run('modprobe', ['-q', name]);
    if (code !== 0 && !existsSync('/proc/config.gz'))
      say(`the kernel module ${name} could not be loaded`);
  }
}
