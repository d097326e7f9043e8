import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { table, writeFigures, type Figure } from './figure.ts';

interface Program {
  says: string;
  load: () => Promise<{ run: (say: (line: string) => void) => Promise<Figure[]> }>;
}

const programs: Record<string, Program> = {
  analysis: {
    says: "the diagnosis beside istioctl and Istio's analysis library (needs Go; istioctl of a lab)",
    load: () => import('./analysis/run.ts'),
  },
  lifecycle: {
    says: 'start, create to Ready beside istioctl, policy to cluster, memory (needs the lab)',
    load: () => import('./lifecycle/run.ts'),
  },
  topology: {
    says: "graphs out of a real Prometheus, cold and refreshed, beside Kiali's way of asking (needs Go)",
    load: () => import('./topology/run.ts'),
  },
  scrape: {
    says: "the agent's own scrape of 1,000 proxies beside a Prometheus over the same (needs Go)",
    load: () => import('./scrape/run.ts'),
  },
  webhook: {
    says: "what the agent's admission adds to a write in a real kube-apiserver (the lab's)",
    load: () => import('./webhook/run.ts'),
  },
  waypoint: {
    says: 'the controller, the lab and the memory of those below, one after another (needs the lab)',
    load: () => import('./waypoint/run.ts'),
  },
  'waypoint-controller': {
    says: "the agent's controller over 1,000 Gateways of a sandbox: calls at rest, time of a look (needs nothing)",
    load: () => import('./waypoint/controller/run.ts'),
  },
  'waypoint-lab': {
    says: 'waypoints under a steady load: requests lost by phase, time to Programmed beside istiod (needs the lab)',
    load: () => import('./waypoint/lab.ts'),
  },
  'waypoint-sleep': {
    says: 'of these, sleep alone: what is saved, how long the first request waits, what is lost (needs the lab)',
    load: () => import('./waypoint/sleep.ts'),
  },
  'waypoint-memory': {
    says: 'a waypoint that 20 namespaces share beside one for each, memory of real Envoys (needs the lab)',
    load: () => import('./waypoint/memory.ts'),
  },
  signals: {
    says: "the graph's rates beside a client's own count, and a failure until it is told, by agent and by Prometheus (needs the lab)",
    load: () => import('./signals/run.ts'),
  },
  'signals-prometheus': {
    says: 'the second half of it alone, with a real Prometheus in the lab',
    load: async () => ({ run: (await import('./signals/run.ts')).runPrometheus }),
  },
  'kube-api': {
    says: "the mesh's Kubernetes API on Postgres beside kube-apiserver (the lab's, when it was built)",
    load: () => import('./kube-api/run.ts'),
  },
};

const usage = (): string =>
  [
    'Usage: npm run bench -- NAME [--json FILE]',
    '',
    ...Object.entries(programs).map(([name, { says }]) => `  ${name.padEnd(20)}${says}`),
    '',
    'Figures depend on the machine and on what else it does: compare runs of one machine only.',
    '',
  ].join('\n');

const { values, positionals } = parseArgs({
  options: { json: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  allowPositionals: true,
});
const [name] = positionals;
const program = name === undefined ? undefined : programs[name];
if (!program) {
  if (name !== undefined) process.stderr.write(`There is no benchmark "${name}".\n\n`);
  process.stdout.write(usage());
  process.exitCode = name === undefined || values.help ? 0 : 2;
} else {
  const { run } = await program.load();
  const figures = await run((line) => process.stderr.write(`${line}\n`));
  process.stdout.write(`\n${table(figures)}\n`);
  if (values.json) writeFigures(resolve(values.json), figures);
}
