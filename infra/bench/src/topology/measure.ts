import { gzipSync } from 'node:zlib';
import { parseArgs } from 'node:util';
import { createPrometheusSource } from '@ambit/telemetry/prometheus/source';
import type { Round } from '@ambit/telemetry/source';
import { createTelemetryStore } from '@ambit/topology/store/telemetry-store';
import { createView } from '@ambit/topology/view/view';
import { encodeGraph } from '@ambit/topology/wire/message';

/** What one mesh was measured to take; printed as one line of JSON. Times in milliseconds. */
export interface Measured {
  cold: number[];
  /** Time on a processor that our part of it took, which other programs disturb less. */
  coldCpu: number[];
  /** With apps and versions asked for too. */
  coldNamed: number[];
  /** One share of the namespaces asked for, to the JSON of what changed. */
  step: number[];
  whole: number[];
  edges: number;
  rate: number;
  queries: number;
  answerBytes: number;
  jsonBytes: number;
  compressedBytes: number;
  memoryMb: number;
}

/** A program of its own: it holds one mesh and nothing else, so its memory is the graph's. With no runs, only that is measured. */
const { values } = parseArgs({
  options: {
    url: { type: 'string', default: '' },
    window: { type: 'string', default: '60' },
    runs: { type: 'string', default: '5' },
    shares: { type: 'string', default: '10' },
    namespace: { type: 'string', multiple: true, default: [] },
  },
});
const windowS = Number(values.window);
const runs = Number(values.runs);
const shares = Number(values.shares);
const timeoutMs = 300_000;

function mustBeWhole({ state, problems, dropped }: Round): void {
  if (state !== 'ok' || dropped > 0) {
    throw new Error(`The answer was not whole: ${JSON.stringify({ state, problems, dropped })}`);
  }
}

/** From nothing known to the JSON of the graph. */
async function buildCold(names: boolean) {
  const began = performance.now();
  const usedBefore = process.cpuUsage();
  const source = createPrometheusSource({ url: values.url, windowS, timeoutMs });
  const store = createTelemetryStore('Kubernetes');
  const view = createView(store);
  const round = await source.round(store, { names });
  view.update(round.changed);
  const graph = view.graph();
  const stamp = { revision: 1, base: null, at: round.at, windowS };
  const json = JSON.stringify(encodeGraph(stamp, graph));
  const tookMs = performance.now() - began;
  const used = process.cpuUsage(usedBefore);
  const cpuMs = (used.user + used.system) / 1000;
  mustBeWhole(round);
  return { tookMs, cpuMs, source, store, view, round, graph, json };
}

const cold: number[] = [];
const coldCpu: number[] = [];
const coldNamed: number[] = [];
for (let run = 0; run < runs; run++) {
  const built = await buildCold(false);
  built.source.close();
  cold.push(built.tookMs);
  coldCpu.push(built.cpuMs);
  const named = await buildCold(true);
  named.source.close();
  coldNamed.push(named.tookMs);
}

const { source, store, view, round, graph, json } = await buildCold(false);
const refresh = async (namespaces?: string[]): Promise<number> => {
  const began = performance.now();
  const told = await source.round(store, namespaces ? { scope: { only: namespaces } } : {});
  const diff = view.update(told.changed);
  JSON.stringify(encodeGraph({ revision: 2, base: 1, at: told.at, windowS }, diff));
  const tookMs = performance.now() - began;
  mustBeWhole(told);
  return tookMs;
};
const shareOf = (share: number): string[] =>
  values.namespace.filter((_, at) => at % shares === share);
const whole: number[] = [];
for (let run = 0; run <= runs; run++) whole.push(await refresh());
const steps: number[] = [];
for (let run = 0; run < (runs === 0 ? 1 : 4); run++) {
  for (let share = 0; share < shares; share++) {
    const tookMs = await refresh(shareOf(share));
    // The first time round, the answers' rows are new to it.
    if (run > 0) steps.push(tookMs);
  }
}
source.close();
globalThis.gc?.();
const measured: Measured = {
  cold,
  coldCpu,
  coldNamed,
  step: steps,
  whole: whole.slice(1),
  edges: graph.edges.length,
  rate: graph.edges.reduce((sum, edge) => sum + edge.rate, 0),
  queries: round.asked,
  answerBytes: round.bytes,
  jsonBytes: json.length,
  compressedBytes: gzipSync(json).length,
  memoryMb: process.memoryUsage().rss / 1e6,
};
process.stdout.write(`${JSON.stringify(measured)}\n`);
