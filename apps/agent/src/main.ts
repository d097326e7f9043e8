import { isMainThread } from 'node:worker_threads';
import { pino } from 'pino';
import { runAgent } from './agent.ts';
import { readConfig, type AgentConfig } from './config.ts';
import { clusterUid, kubernetesVersion } from './controllers/facts/cluster-facts.ts';
import { serveHealth, type Health } from './health.ts';
import { openKubeClient } from './kube/client.ts';
import { fileConfig, inClusterConfig } from './kube/config.ts';
import { makeLease } from './kube/lease.ts';
import type { Cluster } from './kube/objects.ts';
import { makeResources } from './kube/resources.ts';
import { diskCache } from './link/cache.ts';
import { secretStore } from './link/credentials.ts';
import { linkHttp } from './link/http.ts';
import { openSession } from './link/session.ts';
import { agentVersion } from './version.ts';

/** Exit codes: 0 told to stop, 1 lost the lease (another copy goes on), 2 cannot start. */
async function main(): Promise<number> {
  let config: AgentConfig;
  try {
    config = readConfig(process.env);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 2;
  }
  const log = pino({
    level: config.logLevel,
    base: { pod: config.podName, version: agentVersion },
  });
  const say = (level: 'info' | 'warn' | 'error', message: string, fields: object = {}) =>
    log[level](fields, message);
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());

  const kube = config.kubeconfig ? fileConfig(config.kubeconfig) : inClusterConfig(process.env);
  const client = openKubeClient(await kube);
  const cluster: Cluster = { client, resources: makeResources(client) };
  const health: Health = {
    role: 'starting',
    generation: 0,
    linkUp: false,
    refused: false,
    reports: 0,
    bundles: [],
  };
  const server = await serveHealth(config.healthPort, () => health);
  const lease = makeLease({
    client,
    namespace: config.namespace,
    name: 'ambit-agent',
    identity: config.podName,
    durationMs: config.leaseMs,
    renewEveryMs: config.leaseMs / 5,
    onWaiting: (holder) => {
      health.role = 'standby';
      log.info(`standing by; the lease is held by ${holder}`);
    },
  });
  try {
    await lease.acquire(stop.signal);
    health.role = 'leading';
    log.info('leading');
    const work = new AbortController();
    const both = AbortSignal.any([stop.signal, work.signal]);
    const session = openSession(
      {
        http: linkHttp(config.platformUrl),
        store: secretStore(client, config.namespace),
        joinToken: config.joinToken,
        describe: async () => ({
          clusterUid: await clusterUid(cluster, both),
          kubernetesVersion: await kubernetesVersion(cluster, both),
          agentVersion,
        }),
        say,
      },
      both,
    );
    const working = session.then((opened) =>
      runAgent(
        {
          cluster,
          session: opened,
          cache: diskCache(config.cacheFolder),
          namespace: config.namespace,
          podName: config.podName,
          webhook: config.webhook,
          reach: {
            proxies: config.proxies,
            loopback: config.readLoopback,
            ...(config.address === undefined ? {} : { address: config.address }),
          },
          version: agentVersion,
          say,
          health,
        },
        both,
      ),
    );
    working.catch((error: unknown) => {
      if (!both.aborted) log.error({ err: error }, 'the agent failed');
      work.abort();
    });
    await lease.hold(both);
    const lost = !stop.signal.aborted;
    if (lost) log.error('the lease was lost; ending, so that another copy goes on');
    work.abort();
    await working.catch(() => {});
    if (!lost) await lease.release();
    return lost ? 1 : 0;
  } catch (error) {
    if (stop.signal.aborted) return 0;
    log.error({ err: error }, 'the agent cannot run');
    return 2;
  } finally {
    server.close();
    server.closeAllConnections();
    client.close();
  }
}

// A thread of the bundled agent, whose one file it shares.
if (isMainThread) process.exitCode = await main();
else await import('./controllers/admission/thread.ts');
