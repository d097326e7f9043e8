import { spawn } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  openSync,
  closeSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { binary } from '../build/build.ts';
import { LabError } from '../lab-error.ts';
import { sourceFolder } from '../paths.ts';
import type { CachePaths, LabPaths } from '../paths.ts';
import { lastLines } from '../run.ts';
import { etcdVersion, network } from '../versions.ts';
import { waitFor } from '../wait.ts';
import { makeCgroups } from './cgroups.ts';
import { nodeConfigFiles, nodeName } from './config.ts';
import { kubeconfig } from './kubeconfig.ts';
import { kubernetesFolder } from './kubectl.ts';
import { makePki } from './pki.ts';
import { childOf, formatPid, livingPid } from './processes.ts';
import { platformFile } from './settings.ts';

const forwarder = join(sourceFolder, 'forwarder.ts');
const hostForwardPid = (lab: LabPaths): string => join(lab.state, 'forward.pid');

/** Writes everything a node reads: keys, configuration and kubeconfigs. */
export async function writeNodeFiles(lab: LabPaths, apiPort: number): Promise<void> {
  for (const folder of [lab.logs, lab.etc, lab.sockets]) mkdirSync(folder, { recursive: true });
  await makePki(lab.pki, nodeName(lab));
  for (const [name, text] of Object.entries(nodeConfigFiles(lab)))
    writeFileSync(join(lab.etc, name), text);
  const pem = (file: string): string => readFileSync(join(lab.pki, file), 'utf8');
  const write = (file: string, user: string, server: string): void => {
    const certificate = pem(`${user}.crt`);
    const config = {
      name: nodeName(lab),
      server,
      authority: pem('ca.crt'),
      certificate,
      key: pem(`${user}.key`),
    };
    writeFileSync(file, kubeconfig(config), { mode: 0o600 });
  };
  const inNode = `https://${network.nodeAddress}:${network.apiPort}`;
  write(lab.nodeKubeconfig, 'admin', inNode);
  write(join(lab.etc, 'kubelet-user.yaml'), 'kubelet', inNode);
  write(lab.kubeconfig, 'admin', `https://127.0.0.1:${apiPort}`);
}

/** The environment of a lab's processes: nothing of the caller's but PATH and HOME. */
function nodeEnvironment(cache: CachePaths, lab: LabPaths): Record<string, string> {
  const [marker, value] = lab.marker.split('=', 2);
  return {
    PATH: `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin`,
    HOME: process.env['HOME'] ?? '/root',
    [marker ?? '']: value ?? '',
    LAB_CACHE: cache.root,
    LAB_STATE: lab.state,
    LAB_NODE: nodeName(lab),
    LAB_ADDRESS: network.nodeAddress,
    LAB_UPLINK: network.uplinkAddress,
    LAB_API_PORT: String(network.apiPort),
    LAB_PLATFORM_PORT: String(network.platformPort),
    LAB_SERVICE_RANGE: network.serviceRange,
    LAB_KUBERNETES: kubernetesFolder(cache),
    LAB_ETCD: join(binary(cache, { name: 'etcd', version: etcdVersion }, 'etcd'), '..'),
    LAB_NODE_PROGRAM: process.execPath,
    LAB_FORWARDER: forwarder,
  };
}

function spawnDetached(
  command: string,
  args: string[],
  logFile: string,
  cwd: string,
  env: Record<string, string>,
) {
  const log = openSync(logFile, 'a');
  const child = spawn(command, args, { detached: true, stdio: ['ignore', log, log], env, cwd });
  closeSync(log);
  child.on('error', () => undefined);
  child.unref();
  return child;
}

/** Starts the node: a small machine of its own, with its own mounts, processes, network and host name. */
export async function startNode(cache: CachePaths, lab: LabPaths): Promise<void> {
  makeCgroups(lab.cgroup);
  const namespaces = [
    '--mount',
    '--pid',
    '--net',
    '--uts',
    '--ipc',
    '--fork',
    '--mount-proc',
    '--kill-child',
  ];
  const script = join(lab.etc, 'node.sh');
  copyFileSync(join(sourceFolder, 'node', 'node.sh'), script);
  const logFile = join(lab.logs, 'node.log');
  const outer = spawnDetached(
    'unshare',
    [...namespaces, 'bash', script],
    logFile,
    lab.state,
    nodeEnvironment(cache, lab),
  );
  const pid = await waitFor(5000, () => (outer.pid ? childOf(outer.pid) : undefined));
  if (!pid) {
    throw new LabError(`The node did not start:\n${lastLines(readFileSync(logFile, 'utf8'), 10)}`);
  }
  writeFileSync(lab.nodePid, formatPid(pid));
}

/** Starts the host's side of the forwards when it is not running: the API port in, the platform out. */
export function startHostForward(cache: CachePaths, lab: LabPaths, apiPort: number): void {
  if (livingPid(hostForwardPid(lab))) return;
  const forwards = [
    `tcp:127.0.0.1:${apiPort}=unix:api.sock`,
    `unix:platform.sock=file:${platformFile(lab)}`,
  ];
  const child = spawnDetached(
    process.execPath,
    [forwarder, ...forwards],
    join(lab.logs, 'host-forward.log'),
    lab.sockets,
    nodeEnvironment(cache, lab),
  );
  if (child.pid) writeFileSync(hostForwardPid(lab), formatPid(child.pid));
}

/** True when the host's side of the forwards runs. */
export const hostForwardRuns = (lab: LabPaths): boolean =>
  livingPid(hostForwardPid(lab)) !== undefined;

/** The end of every log of a lab that has something in it, for an error message. */
export function logTails(lab: LabPaths, count: number): string {
  return readdirSync(lab.logs)
    .filter((file) => file.endsWith('.log'))
    .map((file) => [file, readFileSync(join(lab.logs, file), 'utf8')] as const)
    .filter(([, text]) => text.trim())
    .map(([file, text]) => `--- ${file}\n${lastLines(text, count)}`)
    .join('\n');
}
