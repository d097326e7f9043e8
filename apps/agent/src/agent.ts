import { agentLimits, type DesiredState } from '@ambit/contracts/agent/protocol';
import { makeAdmission } from './controllers/admission/manager.ts';
import { startBundles, type BundleManager } from './controllers/bundle/manager.ts';
import { setIdOf } from './controllers/bundle/pass.ts';
import { makeActions } from './controllers/actions/actions.ts';
import { restartWorkloads } from './controllers/actions/restart-workloads.ts';
import { restartPod } from './controllers/enrolment/restart-pod.ts';
import { readClusterFacts, type ClusterFacts } from './controllers/facts/cluster-facts.ts';
import { observe } from './controllers/inventory/observer.ts';
import { inventorySender } from './controllers/inventory/sender.ts';
import { objectsSender } from './controllers/objects/sender.ts';
import { watchObjects } from './controllers/objects/watches.ts';
import { makeHoldings, type HoldingsTiming } from './controllers/proxies/holdings.ts';
import { runRead } from './controllers/reads/run.ts';
import { makeAccessLogs } from './controllers/telemetry/access-logs.ts';
import { makeTelemetry, type TelemetryInput } from './controllers/telemetry/manager.ts';
import { drainWaypoint } from './controllers/waypoint/drain.ts';
import { holdWaypoint } from './controllers/waypoint/hold.ts';
import { makeWaypoints, type WaypointTiming } from './controllers/waypoint/manager.ts';
import { waypointsSender } from './controllers/waypoint/sender.ts';
import type { Cluster } from './kube/objects.ts';
import { makePodHttp, type Reach } from './kube/pod-http.ts';
import type { Cache } from './link/cache.ts';
import { loadBundle } from './link/bundles.ts';
import { followDesired } from './link/desired.ts';
import { makeLogRing } from './link/log-ring.ts';
import { followReads } from './link/reads.ts';
import { makeReporter } from './link/reporter.ts';
import { verifyAdmission, verifyWaypoints } from './link/verify.ts';
import type { Session } from './link/session.ts';
import { sleep } from './wait.ts';
import type { Health } from './health.ts';

export interface AgentInput {
  cluster: Cluster;
  session: Session;
  cache: Cache;
  namespace: string;
  podName: string;
  /** Where API servers ask about writes; `url` outside of a cluster. */
  webhook: { port: number; url: string | undefined };
  /** How pods are reached (missing: through the API server), and whether reads may go to this machine. */
  reach?: { proxies: Reach; loopback: boolean; address?: string };
  version: string;
  say(level: 'info' | 'warn' | 'error', message: string, fields?: object): void;
  health: Health;
  timing?: {
    pollMs?: number;
    factsEveryMs?: number;
    compareEveryMs?: number;
    healthEveryMs?: number;
    firstRetryMs?: number;
    telemetry?: TelemetryInput['timing'];
    holdings?: Partial<HoldingsTiming>;
    waypoints?: Partial<WaypointTiming>;
  };
}

/** Name of the bundle whose set holds the control plane: an istiod outside of it is a foreign one. */
const controlPlane = 'control-plane';

/** Does the work of a leading agent until the signal ends it: follows, applies, observes, reports. */
export async function runAgent(input: AgentInput, signal: AbortSignal): Promise<void> {
  const { cluster, session, cache, say, health } = input;
  const { timing = {} } = input;
  const logs = makeLogRing();
  const ownSet = setIdOf(input, controlPlane);
  let generation = 0;
  let facts: ClusterFacts = {
    kubernetesVersion: '',
    nodes: [],
    foreignIstio: [],
    gatewayApi: null,
  };

  const reporter = makeReporter({
    session,
    logs,
    say,
    snapshot: () => ({
      generation,
      agent: { version: input.version, pod: input.podName, namespace: input.namespace },
      cluster: facts,
      bundles: bundles.statuses(),
      actions: actions.statuses(),
      conditions: [],
    }),
  });
  const changed = () => {
    health.bundles = bundles.statuses().map(({ name, state }) => ({ name, state }));
    reporter.changed();
    // What is owned stands in the inventory: a bundle that is gone changes it too.
    inventory.changed();
  };
  const bundles: BundleManager = startBundles({
    cluster,
    namespace: input.namespace,
    pruneCapPercent: agentLimits.pruneCapPercent,
    pollMs: timing.pollMs ?? 1000,
    load: (digest, stop) => loadBundle(session, cache, digest, stop),
    log: (bundle, level, text) => {
      logs.push({ at: new Date(session.nowMs()).toISOString(), bundle, level, text });
      say(level === 'warning' ? 'warn' : level, text, { bundle });
      reporter.changed();
    },
    changed: () => changed(),
    timing,
  });
  const cannotWatch = (error: unknown) => say('warn', `cannot watch the cluster: ${String(error)}`);
  const objects = watchObjects({
    cluster,
    agentNamespace: input.namespace,
    changed: () => sender.changed(),
    onError: cannotWatch,
  });
  const sender = objectsSender(session, objects.collector, say);
  const observer = observe(
    cluster,
    () => inventory.changed(),
    signal,
    cannotWatch,
    objects.onlooker,
  );
  const inventory = inventorySender(session, async () => observer.inventory(ownedOf(bundles)), say);
  const { proxies = 'api-server', loopback = false, address } = input.reach ?? {};
  const pods = makePodHttp(cluster.client, proxies);
  const actions = makeActions({
    run: (action, progress, stop) => {
      const on = { cluster, http: pods, nowMs: session.nowMs };
      switch (action.kind) {
        case 'restart-pod':
          return restartPod(cluster, action, progress, stop);
        case 'restart-workloads':
          return restartWorkloads(cluster, observer, action, progress, stop);
        case 'hold-waypoint':
          return holdWaypoint(on, action, progress, stop);
        case 'drain-waypoint':
          return drainWaypoint(on, action, progress, stop);
        case 'wake-waypoint':
          return waypoints.wake(action, progress, stop);
      }
    },
    changed: () => reporter.changed(),
    nowMs: session.nowMs,
  });

  const tools = { client: cluster.client, pods, proxy: observer.proxy, allowLoopback: loopback };

  const holdings = makeHoldings({
    http: pods,
    pods: observer.proxies,
    redirected: observer.redirected,
    nowMs: session.nowMs,
    ...(timing.holdings ? { timing: timing.holdings } : {}),
  });
  const telemetry = makeTelemetry({
    session,
    http: pods,
    pods: observer.proxies,
    adminOf: holdings.of,
    logs: makeAccessLogs({
      client: cluster.client,
      peerOf: observer.peer,
      isNamespace: (name) => observer.namespace(name) !== undefined,
    }),
    say,
    ...(timing.telemetry ? { timing: timing.telemetry } : {}),
  });

  const waypointsTold = waypointsSender(session, say);
  const waypoints = makeWaypoints({
    cluster,
    agentNamespace: input.namespace,
    http: pods,
    nowMs: session.nowMs,
    say,
    tell: waypointsTold.tell,
    sleep: {
      podName: input.podName,
      isInPodNetwork: proxies === 'direct',
      ...(address === undefined ? {} : { address, listen: address }),
    },
    ...(timing.waypoints ? { timing: timing.waypoints } : {}),
  });

  const admission = makeAdmission({
    cluster,
    place: { namespace: input.namespace, ...input.webhook },
    nowMs: session.nowMs,
    say,
  });

  const onDesired = (desired: DesiredState) => {
    generation = desired.generation;
    health.generation = generation;
    say(
      'info',
      `desired state ${generation}: ${desired.bundles.map(({ name, mode }) => `${name} ${mode}`).join(', ') || 'nothing'}`,
    );
    void bundles.want(desired.bundles);
    actions.want(desired.actions);
    verifyAdmission(desired, session.clusterId, session.platformKeys()).then(
      (settings) => {
        if (generation === desired.generation && !signal.aborted) admission.want(settings);
      },
      (error: unknown) => say('error', String(error)),
    );
    verifyWaypoints(desired, session.clusterId, session.platformKeys()).then(
      (settings) => {
        if (generation === desired.generation && !signal.aborted) waypoints.want(settings);
      },
      (error: unknown) => say('error', String(error)),
    );
    reporter.changed();
  };

  const followFacts = async () => {
    while (!signal.aborted) {
      try {
        const read = await readClusterFacts(cluster, ownSet, signal);
        const differs = JSON.stringify(read) !== JSON.stringify(facts);
        facts = read;
        if (differs) reporter.changed();
      } catch (error) {
        if (signal.aborted) return;
        say('warn', `cannot look at the cluster: ${String(error)}`);
      }
      await sleep(timing.factsEveryMs ?? 30_000, signal).catch(() => {});
    }
  };

  const counters = setInterval(() => {
    health.reports = reporter.sent();
    health.refused = session.refusal() !== null;
  }, 1000);
  try {
    // The first report already says what is true of the cluster.
    facts = await readClusterFacts(cluster, ownSet, signal).catch(() => facts);
    await Promise.all([
      session.keepFresh(signal),
      followDesired(
        { session, cache, onDesired, say, onLink: (up) => (health.linkUp = up) },
        signal,
      ),
      reporter.run(signal),
      inventory.run(signal),
      objects.run(signal),
      sender.run(signal),
      followReads(
        {
          session,
          run: (read, sink, stop) => runRead(tools, read, sink, stop),
          onScrape: telemetry.want,
          say,
        },
        signal,
      ),
      telemetry.run(signal),
      holdings.run(signal),
      waypoints.run(signal),
      waypointsTold.run(signal),
      followFacts(),
    ]);
  } finally {
    clearInterval(counters);
    await Promise.all([bundles.stop(), actions.stop(), admission.stop()]);
  }
}

/** How many objects of each bundle are in the cluster, as its last pass found. */
const ownedOf = (bundles: BundleManager): Record<string, number> =>
  Object.fromEntries(bundles.statuses().map(({ name, objects }) => [name, objects.applied]));
