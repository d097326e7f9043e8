import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { definition, namespaceObject } from '@ambit/agent/testing/bundles';
import { bedBinaries, bedMissing, startKubeBed, type KubeBed } from '@ambit/agent/testing/kube-bed';
import { bookinfo, objectsPerNamespace } from '@ambit/analysis/testing/bookinfo';
import type { KubeObject } from '@ambit/contracts/common';
import { figure, quantile, type Figure } from '../figure.ts';

type Say = (line: string) => void;

/** Namespaces of the meshes: 992 and 10,013 objects. */
const sizes = [
  { name: '1000', namespaces: 32 },
  { name: '10000', namespaces: 323 },
] as const;
const writes = 600;
const warmUp = 50;
const writersOfFill = 16;

/** What the API server asks about, and a namespace that it does not ask about: the control plane's. */
const asked = 'team-0';
const unasked = 'istio-system';

const definitions = [
  [
    'networking.istio.io',
    ['VirtualService', 'DestinationRule', 'Gateway', 'ServiceEntry', 'Sidecar'],
  ],
  ['security.istio.io', ['AuthorizationPolicy', 'PeerAuthentication', 'RequestAuthentication']],
  ['telemetry.istio.io', ['Telemetry']],
] as const;

const plurals: Record<string, string> = {
  AuthorizationPolicy: 'authorizationpolicies',
  ServiceEntry: 'serviceentries',
  Telemetry: 'telemetries',
};

function definitionOf(group: string, kind: string): KubeObject {
  const made = definition(group, kind) as KubeObject & {
    spec: { names: { plural: string } };
  };
  const plural = plurals[kind] ?? made.spec.names.plural;
  made.metadata.name = `${plural}.${group}`;
  made.spec.names.plural = plural;
  return made;
}

/** The path of a kind's objects, in a namespace where they have one. */
function pathOf({ apiVersion, kind, metadata }: KubeObject): string {
  const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const plural =
    kind === 'CustomResourceDefinition'
      ? 'customresourcedefinitions'
      : (plurals[kind] ?? `${kind.toLowerCase()}s`);
  const place = metadata.namespace ? `/namespaces/${metadata.namespace}` : '';
  return `${base}${place}/${plural}`;
}

const create = ({ admin }: KubeBed, object: KubeObject): Promise<unknown> =>
  admin.request('POST', pathOf(object), { body: object });

/** Writes objects with several writers; a kind that was defined a moment ago is waited for. */
async function fill(bed: KubeBed, objects: KubeObject[]): Promise<void> {
  const queue = [...objects].reverse();
  const writer = async (): Promise<void> => {
    for (let object = queue.pop(); object; object = queue.pop()) await createSoon(bed, object);
  };
  await Promise.all(Array.from({ length: writersOfFill }, writer));
}

async function createSoon(bed: KubeBed, object: KubeObject): Promise<void> {
  for (let turn = 0; ; turn += 1) {
    try {
      await create(bed, object);
      return;
    } catch (error) {
      if (turn === 50 || (error as { status?: number }).status !== 404) throw error;
      await sleep(200);
    }
  }
}

const route = (namespace: string, name: string): KubeObject =>
  ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name, namespace },
    spec: {
      hosts: [`${name}.example.com`],
      http: [{ route: [{ destination: { host: `reviews.${asked}.svc.cluster.local` } }] }],
    },
  }) as unknown as KubeObject;

/** A write that must be refused: its host is nowhere. */
async function isDenied(bed: KubeBed): Promise<boolean> {
  const wrong = route(asked, 'probe');
  (wrong as unknown as { spec: { http: object[] } }).spec.http = [
    { route: [{ destination: { host: 'nowhere' } }] },
  ];
  try {
    await bed.admin.request('POST', pathOf(wrong), { body: wrong, query: { dryRun: 'All' } });
    return false;
  } catch (error) {
    return String(error).includes('IST0101');
  }
}

/** Starts the agent's admission (`how`: see agent.ts); resolves when a wrong write is denied. */
async function startAgent(
  bed: KubeBed,
  ...how: ('here' | 'busy')[]
): Promise<{ stop: () => Promise<void> }> {
  const program = fileURLToPath(new URL('./agent.ts', import.meta.url));
  const child = spawn(process.execPath, [program, bed.kubeconfig, ...how], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const until = Date.now() + 120_000;
  while (!(await isDenied(bed))) {
    if (child.exitCode !== null || Date.now() > until)
      throw new Error('the webhook does not answer');
    await sleep(100);
  }
  return {
    stop: async () => {
      child.stdin?.end();
      await ended;
    },
  };
}

/** Times of one write each, in turns with a write that is not asked about: both meet the same machine. */
async function measureWrites(
  bed: KubeBed,
  prefix: string,
): Promise<{ with: number[]; without: number[] }> {
  const samples = { with: [] as number[], without: [] as number[] };
  for (let turn = 0; turn < writes + warmUp; turn += 1) {
    for (const [list, namespace] of [
      [samples.with, asked],
      [samples.without, unasked],
    ] as const) {
      const object = route(namespace, `${prefix}-${turn}`);
      const start = performance.now();
      await create(bed, object);
      if (turn >= warmUp) list.push(performance.now() - start);
    }
  }
  return samples;
}

/** What the webhook adds at the p99 while the agent reads dumps of ztunnels and scrapes, in its own thread and in one of its own. */
async function measureBusy(bed: KubeBed, name: string, say: Say): Promise<Figure> {
  const added = async (...how: 'here'[]): Promise<number> => {
    const agent = await startAgent(bed, ...how, 'busy');
    const prefix = ['busy', ...how, name].join('-');
    const samples = await measureWrites(bed, prefix);
    await agent.stop();
    const [slow, fast] = [quantile(samples.with, 0.99), quantile(samples.without, 0.99)];
    const where = how.length > 0 ? 'in the agent’s own thread' : 'in a thread of its own';
    say(
      `  while the agent is busy, ${where}: p99 ${slow.toFixed(1)} ms with the webhook, ${fast.toFixed(1)} ms without`,
    );
    return slow - fast;
  };
  const here = await added('here');
  return figure(`webhook_${name}_busy_added_p99_ms`, await added(), 'ms', here);
}

/**
 * What the agent's webhook adds to a write in a real API server, at two sizes of the cluster, and at the larger one while
 * the agent does the rest of its work. The agent is a process of its own; every rule is on, and denies.
 */
export async function run(say: Say): Promise<Figure[]> {
  const binaries = bedBinaries();
  if (!binaries) throw new Error(bedMissing.replace('skipped: ', ''));
  const bed = await startKubeBed(binaries);
  const figures: Figure[] = [];
  try {
    const plain = ['ambit-system', 'istio-system'].map((name) => namespaceObject(name));
    const kinds = definitions.flatMap(([group, names]) =>
      names.map((name) => definitionOf(group, name)),
    );
    await fill(bed, [...plain, ...kinds]);
    let filled = 0;
    for (const { name, namespaces } of sizes) {
      const all = [...bookinfo({ namespaces, seed: 42, mistakes: 0 })] as unknown as KubeObject[][];
      say(
        `${(namespaces * objectsPerNamespace).toLocaleString('en')} objects: filling the API server`,
      );
      const fresh = all.slice(filled).flat();
      const first = fresh.filter(({ kind }) => kind === 'Namespace');
      await fill(bed, first);
      await fill(
        bed,
        fresh.filter(({ kind }) => kind !== 'Namespace'),
      );
      filled = namespaces;
      const agent = await startAgent(bed);
      const samples = await measureWrites(bed, `run-${name}`);
      await agent.stop();
      for (const p of [50, 99]) {
        const [slow, fast] = [quantile(samples.with, p / 100), quantile(samples.without, p / 100)];
        say(`  p${p}: ${slow.toFixed(1)} ms with the webhook, ${fast.toFixed(1)} ms without`);
        figures.push(
          figure(`webhook_${name}_added_p${p}_ms`, slow - fast, 'ms'),
          figure(`webhook_${name}_write_p${p}_ms`, slow, 'ms', fast),
        );
      }
    }
    figures.push(await measureBusy(bed, sizes[1].name, say));
  } finally {
    await bed.stop();
  }
  return figures;
}
