import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '@ambit/db/free-port';
import { ensureBinaries } from '../build/build.ts';
import { coreDnsImage, ensureImages } from '../images/catalogue.ts';
import { cloneStore } from '../images/containerd.ts';
import { ztunnelBinary } from '../images/ztunnel-binary.ts';
import { LabError } from '../lab-error.ts';
import { withLock } from '../lock.ts';
import { manifestFolder } from '../paths.ts';
import type { CachePaths, LabPaths } from '../paths.ts';
import {
  loadKernelModules,
  requireLinuxRoot,
  requireNodePackages,
  requireRoomToRun,
} from '../requirements.ts';
import { say, step } from '../say.ts';
import { network } from '../versions.ts';
import { waitFor } from '../wait.ts';
import { nodeName } from './config.ts';
import { kubectl, mustKubectl } from './kubectl.ts';
import { livingPid } from './processes.ts';
import { hasRemains, removeLab } from './remove.ts';
import {
  platformAddress,
  platformFile,
  readSettings,
  setPlatform,
  writeSettings,
} from './settings.ts';
import type { Settings } from './settings.ts';
import { logTails, startHostForward, startNode, writeNodeFiles } from './start.ts';

const apiReadyMs = 180_000;
const nodeReadyMs = 180_000;

/**
 * Brings a lab up, from nothing or from wherever it is: builds and images that are missing, the node, its forwards,
 * CoreDNS. Does nothing that is done already. Throws LabError with the logs' ends when a part does not come up.
 */
export async function up(cache: CachePaths, lab: LabPaths): Promise<void> {
  requireLinuxRoot();
  mkdirSync(cache.state, { recursive: true });
  await requireNodePackages();
  await ensureBinaries(cache);
  const imageStore = await ensureImages(cache);
  await withLock(lab.lock, `another command on the lab "${lab.name}"`, async () => {
    const settings = readSettings(lab);
    if (settings && livingPid(lab.nodePid)) return repair(cache, lab, settings, imageStore);
    if (hasRemains(lab)) {
      await step('removing what a crashed lab left', () => removeLab(lab));
    }
    await start(cache, lab, imageStore);
  });
  say(`up: node ${nodeName(lab)}, kubeconfig ${lab.kubeconfig}`);
  say(
    `pods reach http://${network.nodeAddress}:${network.platformPort}, passed on to ${readFileSync(platformFile(lab), 'utf8').trim()}`,
  );
}

async function repair(
  cache: CachePaths,
  lab: LabPaths,
  settings: Settings,
  imageStore: string,
): Promise<void> {
  say('the node runs already');
  startHostForward(cache, lab, settings.apiPort);
  if (process.env['AMBIT_LAB_PLATFORM']) setPlatform(lab, platformAddress());
  await waitForApi(cache, lab);
  await waitForNode(cache, lab);
  if (settings.imageStore !== imageStore) {
    say(
      'its images are not those of now (another version or ztunnel): "down" and "up" gives it the new ones',
    );
  }
}

async function start(cache: CachePaths, lab: LabPaths, imageStore: string): Promise<void> {
  requireRoomToRun(cache);
  await loadKernelModules();
  const apiPort = Number(process.env['AMBIT_LAB_API_PORT']) || (await freePort());
  await step('writing keys and configuration', async () => {
    mkdirSync(lab.state, { recursive: true, mode: 0o700 });
    setPlatform(lab, platformAddress());
    await writeNodeFiles(lab, apiPort);
  });
  await step('linking the images', () => cloneStore(imageStore, join(lab.state, 'containerd')));
  await step('starting the node', async () => {
    await startNode(cache, lab);
    startHostForward(cache, lab, apiPort);
    const ztunnel = ztunnelBinary() !== undefined;
    writeSettings(lab, { apiPort, node: nodeName(lab), imageStore, ztunnel });
  });
  await step('waiting for the API server', () => waitForApi(cache, lab));
  await step('starting CoreDNS and waiting for the node', () => waitForNode(cache, lab));
}

async function waitForApi(cache: CachePaths, lab: LabPaths): Promise<void> {
  const ready = await waitFor(apiReadyMs, async () => {
    requireRunning(lab);
    const { code } = await kubectl(cache, lab, ['get', '--raw', '/readyz', '--request-timeout=2s']);
    return code === 0;
  });
  if (!ready) throw notUp(lab, 'The API server is not ready');
}

function requireRunning(lab: LabPaths): void {
  if (!livingPid(lab.nodePid)) throw notUp(lab, 'The node ended');
}

const notUp = (lab: LabPaths, what: string): LabError =>
  new LabError(
    `${what}. The ends of its logs:\n${logTails(lab, 4)}`,
    `The whole logs are in ${lab.logs}; "npm run lab -- down" removes what is there.`,
  );

async function waitForNode(cache: CachePaths, lab: LabPaths): Promise<void> {
  const template = readFileSync(join(manifestFolder, 'coredns.yaml'), 'utf8');
  const manifest = template
    .replace('COREDNS_IMAGE', coreDnsImage)
    .replace('DNS_ADDRESS', network.dnsServiceAddress);
  writeFileSync(join(lab.etc, 'coredns.yaml'), manifest);
  await mustKubectl(cache, lab, ['apply', '-f', join(lab.etc, 'coredns.yaml')]);
  const timeout = `--timeout=${nodeReadyMs / 1000}s`;
  for (const wait of [
    ['--for=create', `node/${nodeName(lab)}`],
    ['--for=condition=Ready', `node/${nodeName(lab)}`],
    ['--for=condition=Available', 'deployment/coredns', '--namespace', 'kube-system'],
  ]) {
    const { code, stderr } = await kubectl(cache, lab, ['wait', timeout, ...wait]);
    if (code !== 0) throw notUp(lab, `${wait[1]} did not become ready (${stderr.trim()})`);
  }
}
