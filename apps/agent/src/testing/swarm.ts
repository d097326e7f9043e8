import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { makeCollector } from '../controllers/objects/collector.ts';
import { reported } from '../controllers/objects/report.ts';
import { objectsSender } from '../controllers/objects/sender.ts';
import type { Cache } from '../link/cache.ts';
import { memoryStore } from '../link/credentials.ts';
import { followDesired } from '../link/desired.ts';
import { linkHttp } from '../link/http.ts';
import { makeLogRing } from '../link/log-ring.ts';
import { makeReporter } from '../link/reporter.ts';
import { openSession } from '../link/session.ts';
import { inParallel } from '../wait.ts';

/** Simulated agents: the real link (register, credential, long poll, reports, objects), and no cluster behind it. */
export interface Swarm {
  joined(): number;
  /** Agents that got the desired state and now wait for a newer one. */
  following(): number;
  reports(): number;
  errors(): string[];
  stop(): Promise<void>;
}

export interface SwarmOptions {
  /** The platform, without a trailing slash. */
  url: string;
  /** One join token an agent. */
  tokens: string[];
  /** How many join at once. */
  width?: number;
  /** Services that each of them tells of, which it does not have. */
  objects?: number;
}

/** Joins all agents, then keeps them connected until `stop`. Resolves when all have joined. */
export async function startSwarm(options: SwarmOptions): Promise<Swarm> {
  const { url, tokens, width = 16, objects = 20 } = options;
  const stopped = new AbortController();
  const { signal } = stopped;
  const running: Promise<unknown>[] = [];
  const errors: string[] = [];
  const following = new Set<string>();
  const reporters: { sent(): number }[] = [];
  const say = (level: string, message: string) => {
    if (level !== 'info' && !signal.aborted && errors.length < 100) errors.push(message);
  };
  await inParallel(tokens, width, async (joinToken) => {
    const session = await openSession(
      {
        http: linkHttp(url),
        store: memoryStore(),
        joinToken,
        describe: async () => ({
          clusterUid: randomUUID(),
          kubernetesVersion: 'v1.34.4',
          agentVersion: 'simulated',
        }),
        say,
      },
      signal,
    );
    let generation = 0;
    const reporter = makeReporter({
      session,
      logs: makeLogRing(),
      say,
      snapshot: () => ({
        generation,
        agent: { version: 'simulated', pod: session.clusterId, namespace: 'ambit-system' },
        cluster: { kubernetesVersion: 'v1.34.4', nodes: [], foreignIstio: [], gatewayApi: null },
        bundles: [],
        actions: [],
        conditions: [],
      }),
    });
    const collector = makeCollector({ changed: () => {}, relist: () => {} });
    collector.expect(['/Service']);
    collector.list('/Service', simulatedServices(objects));
    reporters.push(reporter);
    running.push(
      reporter.run(signal),
      objectsSender(session, collector, say).run(signal),
      session.keepFresh(signal),
      followDesired(
        {
          session,
          cache: noCache,
          say,
          onDesired: (desired) => {
            generation = desired.generation;
            following.add(session.clusterId);
          },
        },
        signal,
      ),
    );
  });
  return {
    joined: () => reporters.length,
    following: () => following.size,
    reports: () => reporters.reduce((sum, reporter) => sum + reporter.sent(), 0),
    errors: () => errors,
    stop: async () => {
      stopped.abort();
      await Promise.all(running);
    },
  };
}

const simulatedServices = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    reported(
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: `service-${index}`, namespace: 'simulated' },
        spec: { selector: { app: `app-${index}` }, ports: [{ port: 80 }] },
      },
      'fact',
      null,
    ),
  );

const noCache: Cache = {
  readDesired: async () => null,
  writeDesired: async () => {},
  readBlob: async () => null,
  writeBlob: async () => {},
  keepOnly: async () => {},
};

/** Makes clusters by REST and gives their join tokens. @throws Error with the platform's answer */
export async function joinTokens(url: string, apiToken: string, count: number): Promise<string[]> {
  const tokens: string[] = [];
  const run = randomUUID().slice(0, 6);
  await inParallel(Array.from({ length: count }).keys(), 8, async (index) => {
    const answer = await fetch(`${url}/v1/clusters`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: `swarm-${run}-${index}` }),
    });
    if (!answer.ok)
      throw new Error(`cannot make a cluster: ${answer.status} ${await answer.text()}`);
    const { join } = (await answer.json()) as { join: { token: string } };
    tokens.push(join.token);
  });
  return tokens;
}

/** `node swarm.ts --url http://… --token ambit_… --count 1000`: prints one JSON line a second until it is told to end. */
if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      url: { type: 'string', default: process.env['AMBIT_URL'] ?? 'http://127.0.0.1:4600' },
      token: { type: 'string', default: process.env['AMBIT_TOKEN'] ?? '' },
      count: { type: 'string', default: '1000' },
    },
  });
  const tokens = await joinTokens(values.url, values.token, Number(values.count));
  const swarm = await startSwarm({ url: values.url, tokens });
  const print = () =>
    process.stdout.write(
      `${JSON.stringify({
        joined: swarm.joined(),
        following: swarm.following(),
        reports: swarm.reports(),
        errors: swarm.errors().length,
        lastError: swarm.errors().at(-1) ?? null,
      })}\n`,
    );
  print();
  const timer = setInterval(print, 1000);
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.once(name, () => {
      clearInterval(timer);
      void swarm.stop();
    });
  }
}
