import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LabError } from './lab-error.ts';

type Environment = Record<string, string | undefined>;

/** Where everything a lab makes is kept, outside the checkout. */
export type CachePaths = {
  root: string;
  /** `bin/<component>-<version>/`: binaries. */
  bin: string;
  /** `work/<component>-<version>/`: throw-away Go modules and build logs. */
  work: string;
  /** `images/<key>/`: docker-archive tars. */
  images: string;
  /** `state/<lab>/`: everything of one running lab. */
  state: string;
};

/** The files of one lab. `marker` stands in the environment of every process of it. */
export type LabPaths = {
  name: string;
  state: string;
  lock: string;
  logs: string;
  pki: string;
  etc: string;
  sockets: string;
  kubeconfig: string;
  nodeKubeconfig: string;
  settings: string;
  nodePid: string;
  marker: string;
  cgroup: string;
};

export const sourceFolder = fileURLToPath(new URL('.', import.meta.url));
export const manifestFolder = fileURLToPath(new URL('../manifests/', import.meta.url));
export const checkoutFolder = fileURLToPath(new URL('../../../', import.meta.url));

/** The cache under AMBIT_CACHE, else XDG_CACHE_HOME, else ~/.cache. Throws LabError on a relative path. */
export function cachePaths(env: Environment = process.env): CachePaths {
  const base =
    env['AMBIT_CACHE'] || env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache');
  if (!isAbsolute(base)) {
    throw new LabError(
      `The cache folder "${base}" is a relative path.`,
      'Set AMBIT_CACHE to an absolute path, or unset it.',
    );
  }
  const root = join(base, 'ambit', 'lab');
  return {
    root,
    bin: join(root, 'bin'),
    work: join(root, 'work'),
    images: join(root, 'images'),
    state: join(root, 'state'),
  };
}

/** The lab's name from AMBIT_LAB (default `default`). Throws LabError when it cannot be a host name. */
export function labName(env: Environment = process.env): string {
  const name = env['AMBIT_LAB'] || 'default';
  if (!/^[a-z0-9]([a-z0-9-]{0,22}[a-z0-9])?$/.test(name)) {
    throw new LabError(
      `AMBIT_LAB="${name}" cannot be the name of a lab.`,
      'Use 1 to 24 lower-case letters, digits and dashes, beginning and ending with a letter or digit.',
    );
  }
  return name;
}

/** The paths of one lab. The cgroup's name carries a hash of the folder: two caches may hold labs of one name. */
export function labPaths(cache: CachePaths, name: string): LabPaths {
  const state = join(cache.state, name);
  const digest = createHash('sha256').update(state).digest('hex').slice(0, 6);
  return {
    name,
    state,
    lock: join('/run/lock', `ambit-lab-${name}-${digest}.lock`),
    logs: join(state, 'log'),
    pki: join(state, 'pki'),
    etc: join(state, 'config'),
    sockets: join(state, 'sockets'),
    kubeconfig: join(state, 'kubeconfig.yaml'),
    nodeKubeconfig: join(state, 'config', 'admin.yaml'),
    settings: join(state, 'settings.json'),
    nodePid: join(state, 'node.pid'),
    marker: `AMBIT_LAB_STATE=${state}`,
    cgroup: `ambit-lab-${name}-${digest}`,
  };
}
