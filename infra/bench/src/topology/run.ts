import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { figure, quantile, type Figure } from '../figure.ts';
import { memoryMb } from '../lifecycle/memory.ts';
import { measureDoor } from './door.ts';
import type { Measured } from './measure.ts';
import { naiveGraph, type NaiveGraph } from './naive.ts';
import { startPrometheus, type RunningPrometheus } from './prometheus.ts';
import { measurePictures } from './picture.ts';
import { namespaceOf, type Shape } from './world.ts';

const sizes = [
  { services: 100, scrapeS: 5, runs: 7, naiveRuns: 3 },
  { services: 1_000, scrapeS: 5, runs: 7, naiveRuns: 3 },
  { services: 5_000, scrapeS: 15, runs: 3, naiveRuns: 1 },
] as const;
const namespaces = 20;
const edgesEach = 10;
const seed = 7;
const pictureRuns = 3;

/** How near two readings of one mesh, some seconds apart, have to be; on a busy machine scrapes are late. */
const agreement = 0.15;

/**
 * Graphs of made-up meshes out of a real Prometheus: from the request to the JSON, cold (nothing known) and
 * refreshed; beside the way Kiali asks. Rates are taken over four scrapes.
 */
export async function run(say: (line: string) => void): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const size of sizes) {
    const shape = { services: size.services, namespaces, edgesEach, seed };
    const windowS = size.scrapeS * 4;
    say(`${size.services} services: filling Prometheus`);
    const server = await startPrometheus(shape, { scrapeS: size.scrapeS, windowS });
    try {
      figures.push(...(await measure(say, server, shape, { ...size, windowS })));
      if (size.services === 1_000) {
        figures.push(...(await throughTheDoor(say, server, size)));
        figures.push(...(await inTheBrowser(say, server, size.services)));
      }
    } finally {
      await server.stop();
    }
  }
  const many = { services: 2_000, namespaces, edgesEach, seed };
  say(`${many.services} services: filling Prometheus`);
  const server = await startPrometheus(many, { scrapeS: 10, windowS: 40 });
  try {
    figures.push(...(await inTheBrowser(say, server, many.services)));
  } finally {
    await server.stop();
  }
  return figures;
}

async function measure(
  say: (line: string) => void,
  server: RunningPrometheus,
  shape: Shape,
  { windowS, runs, naiveRuns }: { windowS: number; runs: number; naiveRuns: number },
): Promise<Figure[]> {
  const all = Array.from({ length: namespaces }, (_, at) => namespaceOf(shape, at));
  const ours = await measureOurs(server, all, windowS, runs);
  const { memoryMb: heldMb } = await measureOurs(server, all, windowS, 0);
  const naive: { tookMs: number; graph: NaiveGraph }[] = [];
  for (let at = 0; at < naiveRuns; at++) {
    const began = performance.now();
    const graph = await naiveGraph(server.url, all, windowS);
    naive.push({ tookMs: performance.now() - began, graph });
  }
  const peer = naive[0]!.graph;
  if (peer.edges !== ours.edges || Math.abs(peer.rate / ours.rate - 1) > agreement) {
    throw new Error(
      `The graphs differ: ${ours.edges} edges with ${ours.rate}/s, the peer ${peer.edges} with ${peer.rate}/s.`,
    );
  }
  const middle = (samples: number[]): number => quantile(samples, 0.5);
  const peerMs = middle(naive.map(({ tookMs }) => tookMs));
  const name = (what: string): string => `graph_${what}_${shape.services}`;
  say(
    `${shape.services} services, ${ours.edges} edges: cold ${middle(ours.cold).toFixed(0)} ms, a step of the refresh ${middle(ours.step).toFixed(0)} ms, all of it ${middle(ours.whole).toFixed(0)} ms; namespace by namespace ${peerMs.toFixed(0)} ms; Prometheus holds ${memoryMb(server.pid).toFixed(0)} MB`,
  );
  return [
    figure(name('cold_ms'), middle(ours.cold), 'ms', peerMs),
    figure(name('cold_cpu_ms'), middle(ours.coldCpu), 'ms of CPU'),
    figure(name('cold_named_ms'), middle(ours.coldNamed), 'ms', peerMs),
    figure(name('refresh_ms'), middle(ours.step), 'ms'),
    figure(name('refresh_whole_ms'), middle(ours.whole), 'ms', peerMs),
    figure(name('bytes'), ours.compressedBytes, 'bytes gzip', gzipSync(peer.json).length),
    figure(name('json_bytes'), ours.jsonBytes, 'bytes', peer.json.length),
    figure(name('queries'), ours.queries, 'queries', peer.queries),
    figure(name('query_bytes'), ours.answerBytes, 'bytes', peer.bytes),
    figure(name('memory_mb'), heldMb, 'MB'),
  ];
}

/** The same over the product's API, with all that is around it. */
async function throughTheDoor(
  say: (line: string) => void,
  { url }: RunningPrometheus,
  { services, runs }: { services: number; runs: number },
): Promise<Figure[]> {
  const times = await measureDoor(url, runs);
  const middle = (samples: number[]): number => quantile(samples, 0.5);
  say(
    `${services} services, ${times.edges} edges over REST: cold ${middle(times.cold).toFixed(0)} ms, what changed ${middle(times.refresh).toFixed(0)} ms, all of it again ${middle(times.warm).toFixed(0)} ms`,
  );
  return [
    figure(`graph_door_cold_ms_${services}`, middle(times.cold), 'ms'),
    figure(`graph_door_refresh_ms_${services}`, middle(times.refresh), 'ms'),
    figure(`graph_door_warm_ms_${services}`, middle(times.warm), 'ms'),
    figure(`graph_door_bytes_${services}`, times.compressedBytes, 'bytes gzip'),
  ];
}

/** What somebody at the console sees of it. */
async function inTheBrowser(
  say: (line: string) => void,
  { url }: RunningPrometheus,
  services: number,
): Promise<Figure[]> {
  const times = await measurePictures(url, { runs: pictureRuns });
  const middle = (samples: number[]): number => quantile(samples, 0.5);
  say(
    `${times.nodes} nodes, ${times.edges} edges in Chromium (drawn by ${times.renderer}): first picture ${middle(times.first).toFixed(0)} ms, of a mesh that nobody had looked at ${middle(times.cold).toFixed(0)} ms, ${middle(times.framesPerS).toFixed(0)} frames a second while it moves`,
  );
  return [
    figure(`first_picture_ms_${services}`, middle(times.first), 'ms'),
    figure(`first_picture_cold_ms_${services}`, middle(times.cold), 'ms'),
    figure(`frames_per_s_${services}`, middle(times.framesPerS), 'frames/s'),
  ];
}

async function measureOurs(
  { url }: RunningPrometheus,
  all: string[],
  windowS: number,
  runs: number,
): Promise<Measured> {
  const program = fileURLToPath(new URL('measure.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--expose-gc',
    program,
    '--url',
    url,
    '--window',
    String(windowS),
    '--runs',
    String(runs),
    ...all.flatMap((namespace) => ['--namespace', namespace]),
  ]);
  return JSON.parse(stdout) as Measured;
}
