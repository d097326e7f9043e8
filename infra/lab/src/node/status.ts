import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { network } from '../versions.ts';
import { labPaths } from '../paths.ts';
import type { CachePaths, LabPaths } from '../paths.ts';
import { imageNames } from './images.ts';
import { kubectl } from './kubectl.ts';
import { livingPid } from './processes.ts';
import { hasRemains } from './remove.ts';
import { platformFile, readSettings } from './settings.ts';
import { hostForwardRuns } from './start.ts';

export type LabStatus = {
  name: string;
  /** `broken` is a lab that crashed or of which a part does not answer. */
  state: 'up' | 'down' | 'broken';
  problems: string[];
  node?: string;
  api?: string;
  kubeconfig?: string;
  /** As pods see it, and where it is passed on to. */
  platform?: { inside: string; outside: string };
  ztunnel?: boolean;
  pods?: { running: number; all: number };
  images?: string[];
};

/** What is true of a lab now. */
export async function labStatus(cache: CachePaths, lab: LabPaths): Promise<LabStatus> {
  const settings = readSettings(lab);
  if (!settings || !livingPid(lab.nodePid)) {
    if (!hasRemains(lab)) return { name: lab.name, state: 'down', problems: [] };
    const problems = [
      'The node does not run, but something of it is left: "up" or "down" removes it.',
    ];
    return { name: lab.name, state: 'broken', problems };
  }
  const problems: string[] = [];
  if (!hostForwardRuns(lab))
    problems.push('The forward on the host does not run: "up" starts it again.');
  const ready = await kubectl(cache, lab, ['get', '--raw', '/readyz', '--request-timeout=3s']);
  if (ready.code !== 0) problems.push(`The API server is not ready: ${ready.stderr.trim()}`);
  const phases = ready.code === 0 ? await podPhases(cache, lab) : [];
  return {
    name: lab.name,
    state: problems.length === 0 ? 'up' : 'broken',
    problems,
    node: settings.node,
    api: `https://127.0.0.1:${settings.apiPort}`,
    kubeconfig: lab.kubeconfig,
    platform: {
      inside: `http://${network.nodeAddress}:${network.platformPort}`,
      outside: readFileSync(platformFile(lab), 'utf8').trim(),
    },
    ztunnel: settings.ztunnel,
    pods: { running: phases.filter((phase) => phase === 'Running').length, all: phases.length },
    images: await imageNames(cache, lab),
  };
}

async function podPhases(cache: CachePaths, lab: LabPaths): Promise<string[]> {
  const jsonPath = 'jsonpath={range .items[*]}{.status.phase}{"\\n"}{end}';
  const { stdout } = await kubectl(cache, lab, [
    'get',
    'pods',
    '--all-namespaces',
    '--output',
    jsonPath,
  ]);
  return stdout.split('\n').filter(Boolean);
}

/** The names of the labs that exist beside this one. */
export function otherLabs(cache: CachePaths, lab: LabPaths): string[] {
  if (!existsSync(cache.state)) return [];
  return readdirSync(cache.state, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== lab.name)
    .map(
      (entry) =>
        `${entry.name} (${livingPid(labPaths(cache, entry.name).nodePid) ? 'up' : 'broken'})`,
    );
}

/** The status as lines for people. */
export function formatStatus(status: LabStatus, others: string[]): string {
  const lines: [string, string | undefined][] = [
    ['lab', `${status.name}: ${status.state}`],
    ...status.problems.map((problem): [string, string] => ['problem', problem]),
    ['node', status.node],
    ['API server', status.api],
    ['kubeconfig', status.kubeconfig],
    [
      'platform',
      status.platform && `${status.platform.inside}, passed on to ${status.platform.outside}`,
    ],
    [
      'ztunnel',
      status.ztunnel === undefined
        ? undefined
        : status.ztunnel
          ? 'in the images'
          : "the lab's stand-in",
    ],
    ['pods', status.pods && `${status.pods.running} of ${status.pods.all} running`],
    ['images', status.images?.join('\n            ')],
    ['other labs', others.join(', ') || undefined],
  ];
  return lines
    .filter(([, text]) => text !== undefined)
    .map(([title, text]) => `${title.padEnd(12)}${text}\n`)
    .join('');
}
