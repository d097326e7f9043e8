import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { makeWaypoints } from '@ambit/agent/controllers/waypoint/manager';
import type { WaypointsTold } from '@ambit/agent/controllers/waypoint/sender';
import { openKubeClient } from '@ambit/agent/kube/client';
import type { PodHttp } from '@ambit/agent/kube/pod-http';
import { makeResources } from '@ambit/agent/kube/resources';
import { poolSpecSchema } from '@ambit/contracts/agent/waypoint';
import { figure, quantile, type Figure } from '../../figure.ts';
import { placeOf, startCluster, type ClusterProcess } from './messages.ts';

const gateways = 1_000;
/** Watches begin anew every four to five minutes: each once. */
const restS = 300;
const churnS = 30;
const changesPerS = 20;

const pool = {
  name: 'bench',
  spec: poolSpecSchema.parse({
    kind: 'shared',
    scaling: { by: 'agent', requestsPerSecond: 100 },
  }),
};

/** What a quiet replica shows. An agent in a cluster reaches pods by their address: no call of the API server. */
const exposition = ['inbound_0.0.0.0_15008', 'main_internal', 'connect_originate']
  .flatMap((name) => [
    `envoy_http_downstream_rq_active{envoy_http_conn_manager_prefix="${name}"} 0`,
    `envoy_http_downstream_rq_completed{envoy_http_conn_manager_prefix="${name}"} 1000`,
  ])
  .join('\n');
const pods: PodHttp = {
  get: async () => Readable.from([Buffer.from(`${exposition}\n`)]) as never,
};

/**
 * The agent's controller over 1,000 Gateways of a sandbox in a process of its own: what it asks of the API server while
 * nothing changes, counted there, and how long one look at all of them takes while they change and roll.
 */
export async function run(say: (line: string) => void): Promise<Figure[]> {
  const cluster = await startCluster();
  const stop = new AbortController();
  const client = openKubeClient({
    server: new URL(cluster.url),
    tls: {},
    token: async () => undefined,
  });
  try {
    say(`making ${gateways} Gateways in a sandbox`);
    const looks: number[] = [];
    let told: WaypointsTold | undefined;
    let heard = (): void => {};
    const controller = makeWaypoints({
      cluster: { client, resources: makeResources(client) },
      agentNamespace: 'ambit-system',
      http: pods,
      nowMs: () => Date.now(),
      say: (level, message) => say(`  ${level}: ${message}`),
      tell: (now) => {
        told = now;
        heard();
      },
      onLook: ({ tookMs }) => looks.push(tookMs),
    });
    controller.want({ rootNamespace: 'istio-system', pools: [pool] });
    const running = controller.run(stop.signal).catch(() => {});
    await cluster.ask({ do: 'fill', gateways });
    await settle(cluster, say, () => told);
    const rest = await measureRest(cluster, say);
    looks.length = 0;
    const reactions = await measureChurn(cluster, (listener) => {
      heard = () => listener(told!);
    });
    const changes = [...looks];
    say(
      `${reactions.length} changes, each told: p50 after ${quantile(reactions, 0.5).toFixed(0)} ms, most of it the sandbox's, which rolls what is changed`,
    );
    say(
      `${changes.length} looks over ${gateways} waypoints: p50 ${quantile(changes, 0.5).toFixed(1)} ms, p99 ${quantile(changes, 0.99).toFixed(1)} ms`,
    );
    stop.abort();
    await running;
    return [
      figure('reconcile_1000_p99_ms', quantile(changes, 0.99), 'ms'),
      figure('calls_per_minute_at_rest', rest.callsPerMinute, 'calls/min'),
      figure('cpu_percent_at_rest_1000', rest.cpuPercent, '% of a processor'),
    ];
  } finally {
    stop.abort();
    client.close();
    cluster.end();
  }
}

/** Until every waypoint is told as serving. */
async function settle(
  cluster: ClusterProcess,
  say: (line: string) => void,
  told: () => WaypointsTold | undefined,
): Promise<void> {
  const end = performance.now() + 600_000;
  for (let round = 0; ; round++) {
    const serving = told()?.waypoints.filter(({ reason }) => reason === 'Serving').length ?? 0;
    if (serving === gateways) return;
    const { ready } = await cluster.ask({ do: 'ready' });
    if (round % 10 === 0) say(`  ${ready} are ready, ${serving} told as serving`);
    if (performance.now() > end) throw new Error('the sandbox did not come to rest');
    await pause(1_000);
  }
}

async function measureRest(cluster: ClusterProcess, say: (line: string) => void) {
  await pause(5_000);
  await cluster.ask({ do: 'count' });
  const began = performance.now();
  const before = process.cpuUsage();
  await pause(restS * 1000);
  const { user, system } = process.cpuUsage(before);
  const seconds = (performance.now() - began) / 1000;
  const { counts = {} } = await cluster.ask({ do: 'counts' });
  const calls = Object.values(counts).reduce((sum, one) => sum + one, 0);
  say(`at rest, ${seconds.toFixed(0)} s: ${calls} calls of the API server`);
  for (const [shape, count] of Object.entries(counts)) say(`  ${count} ${shape}`);
  return {
    callsPerMinute: (calls / seconds) * 60,
    cpuPercent: ((user + system) / 1e6 / seconds) * 100,
  };
}

/** Changes Gateways one after another. @returns milliseconds from each change until it was told */
async function measureChurn(
  cluster: ClusterProcess,
  listen: (listener: (told: WaypointsTold) => void) => void,
): Promise<number[]> {
  const pending = new Map<string, { takes: string; at: number }>();
  const took: number[] = [];
  listen(({ waypoints }) => {
    const now = performance.now();
    for (const { namespace, name, takes } of waypoints) {
      const key = `${namespace}/${name}`;
      const change = pending.get(key);
      if (change?.takes !== takes) continue;
      pending.delete(key);
      took.push(now - change.at);
    }
  });
  const began = performance.now();
  for (let count = 0; count < churnS * changesPerS; count++) {
    const at = (count * 7) % gateways;
    const takes = Math.floor((count * 7) / gateways) % 2 === 0 ? 'all' : 'service';
    const { namespace, name } = placeOf(at);
    pending.set(`${namespace}/${name}`, { takes, at: performance.now() });
    await cluster.ask({ do: 'touch', at, takes });
    await pause(Math.max(0, began + ((count + 1) * 1000) / changesPerS - performance.now()));
  }
  const end = performance.now() + 60_000;
  while (pending.size > 0 && performance.now() < end) await pause(100);
  if (pending.size > 0) throw new Error(`${pending.size} changes were never told`);
  return took;
}
