import {
  holdLabel,
  poolLabel,
  waypointLimits,
  type ReportedWaypoint,
  type WaypointSettings,
} from '@ambit/contracts/agent/waypoint';
import { deleteObject, findLabelled, type Cluster } from '../../kube/objects.ts';
import type { PodHttp } from '../../kube/pod-http.ts';
import { backoffMs } from '../../link/backoff.ts';
import { inParallel, makeBell, sleep } from '../../wait.ts';
import { act, nameOfAction } from './act.ts';
import { holdKinds } from './hold.ts';
import { poolWithFailures, waypointWithFailure, type Failure } from './failures.ts';
import { keyOf, type PodObject, type WaypointWorld } from './objects.ts';
import { planWaypoints, type Remembered, type WaypointAction } from './plan.ts';
import type { Advice } from './scale.ts';
import { makeScraper } from './scrape.ts';
import type { WaypointsTold } from './sender.ts';
import { makeSleeping, wakeAll, type SleepInput } from './sleep/sleeping.ts';
import { nothingWatched } from './status.ts';
import { keepWorld, type KeptWorld } from './world.ts';

export interface WaypointsInput {
  cluster: Cluster;
  agentNamespace: string;
  http: PodHttp;
  nowMs(): number;
  say(level: 'info' | 'warn', message: string): void;
  tell(told: WaypointsTold): void;
  /** How pods reach this agent, and it them; missing: no waypoint sleeps. */
  sleep?: SleepInput;
  timing?: Partial<WaypointTiming>;
  /** Of each look, for benches: how long it took, and what it did. */
  onLook?(look: { tookMs: number; actions: number; waypoints: number }): void;
}

export interface WaypointTiming {
  /** Between two looks at the least. */
  settleMs: number;
  /** Between two scrapes, and two decisions about replicas. */
  figuresEveryMs: number;
  /** How often it is asked whether the cluster measures CPU. */
  askEveryMs: number;
  /** How long it is tried to wake a waypoint that is asked to be awake. */
  wakeMs: number;
}

const usual: WaypointTiming = {
  settleMs: 250,
  figuresEveryMs: 15_000,
  askEveryMs: 120_000,
  wakeMs: 240_000,
};
const width = 8;

export interface Waypoints {
  /** Goes by these from now on; null: waypoints are left alone, and what was made of pools goes. */
  want(settings: WaypointSettings | null): void;
  /** The action wake-waypoint. @returns what came of it, in words; @throws Error with what is in the way */
  wake(
    waypoint: { namespace: string; name: string },
    progress: (message: string) => void,
    signal: AbortSignal,
  ): Promise<string>;
  run(signal: AbortSignal): Promise<void>;
}

/**
 * Looks after the waypoints of a cluster: classes of pools, replicas where no HorizontalPodAutoscaler sets them, and tells
 * how each is. It goes by what is there, so that it may end and begin at any moment.
 */
export function makeWaypoints(input: WaypointsInput): Waypoints {
  const { cluster, nowMs, say } = input;
  const timing = { ...usual, ...input.timing };
  const bell = makeBell();
  let settings: WaypointSettings | null | undefined;
  let kept: KeptWorld | undefined;
  let turn = new AbortController();
  const histories = new Map<string, Advice[]>();
  const scaled = new Map<string, { at: number; why: string }>();
  const failures = new Map<string, Failure>();
  const sleeping = makeSleeping(input, bell.ring);
  let told: readonly ReportedWaypoint[] = [];
  const scraper = makeScraper(input.http, () => kept?.world ?? { pods: new Map() }, nowMs);

  const memory = (world: WaypointWorld): Map<string, Remembered> =>
    new Map(
      [...world.gateways.keys()].map((key) => {
        const seen = scraper.of(key);
        return [
          key,
          {
            ...nothingWatched,
            load: { requestsPerSecond: null, activeRequests: null, told: 0 },
            quietSince: null,
            ...seen,
            scaled: scaled.get(key) ?? nothingWatched.scaled,
            history: histories.get(key) ?? [],
          },
        ];
      }),
    );

  const look = async (world: KeptWorld, signal: AbortSignal): Promise<void> => {
    const began = performance.now();
    const problem = world.problem();
    if (problem) {
      if (settings) {
        const { metricsApi } = world.world;
        input.tell({ metricsApi, problem: problem.slice(0, 1_000), waypoints: [], pools: [] });
      }
      return;
    }
    const now = nowMs();
    const plan = planWaypoints({
      settings: settings ?? null,
      agentNamespace: input.agentNamespace,
      world: world.world,
      memory: memory(world.world),
      image: imageOf(world.world),
      keeper: sleeping.keeper(),
      now,
    });
    told = plan.waypoints;
    for (const [key, history] of plan.histories) histories.set(key, history);
    for (const key of histories.keys()) if (!world.world.gateways.has(key)) histories.delete(key);
    for (const key of scaled.keys()) if (!world.world.gateways.has(key)) scaled.delete(key);
    const asked = new Set(plan.actions.map(nameOfAction));
    for (const name of failures.keys()) if (!asked.has(name)) failures.delete(name);
    const due = plan.actions.filter(
      (action) => (failures.get(nameOfAction(action))?.until ?? 0) <= performance.now(),
    );
    // Waypoints first: what is told of them is true whatever becomes of the actions.
    if (settings) {
      input.tell({
        metricsApi: world.world.metricsApi,
        problem: '',
        waypoints: plan.waypoints
          .slice(0, waypointLimits.perCluster)
          .map((one) => waypointWithFailure(one, world.world, failures)),
        pools: plan.pools.map((one) => poolWithFailures(one, failures)),
      });
    }
    input.onLook?.({
      tookMs: performance.now() - began,
      actions: due.length,
      waypoints: plan.waypoints.length,
    });
    await inParallel(due, width, (action) => attempt(world, action, signal));
  };

  const attempt = async (world: KeptWorld, action: WaypointAction, signal: AbortSignal) => {
    const name = nameOfAction(action);
    try {
      await act(cluster, world, action, signal);
      failures.delete(name);
      if (action.do === 'scale' || action.do === 'wake') {
        // What the replicas of before did says nothing about those that come.
        scraper.forgetQuiet(gatewayOf(world.world, action));
        scaled.set(gatewayOf(world.world, action), { at: Math.floor(nowMs()), why: action.why });
        say(
          'info',
          `waypoint ${action.namespace}/${action.name}: ${action.from} to ${action.to} replicas, ${action.why}`,
        );
      }
    } catch (error) {
      signal.throwIfAborted();
      const count = (failures.get(name)?.count ?? 0) + 1;
      const waitMs = backoffMs(count, Math.random(), { longestMs: 60_000 });
      const why = error instanceof Error ? error.message : String(error);
      failures.set(name, { count, until: performance.now() + waitMs, why });
      if (count === 1) say('warn', `waypoints: cannot ${name}: ${String(error)}`);
      void sleep(waitMs, signal).then(bell.ring, () => {});
    }
  };

  const follow = async (world: KeptWorld, signal: AbortSignal) => {
    while (!signal.aborted) {
      try {
        await look(world, signal);
      } catch (error) {
        if (signal.aborted) return;
        say('warn', `waypoints: ${String(error)}`);
      }
      await sleep(timing.settleMs, signal).catch(() => {});
      await bell.heard(600_000, signal).catch(() => {});
    }
  };

  const every = async (ms: number, signal: AbortSignal, work: () => Promise<void>) => {
    while (!signal.aborted) {
      await work().catch((error: unknown) => {
        if (!signal.aborted) say('warn', `waypoints: ${String(error)}`);
      });
      await sleep(ms, signal).catch(() => {});
    }
  };

  const serve = async (rootNamespace: string, signal: AbortSignal): Promise<void> => {
    const changed = () => {
      if (kept) sleeping.look(kept.world);
      bell.ring();
    };
    const world = keepWorld(cluster, rootNamespace, changed, (error) => {
      if (!signal.aborted) say('warn', `waypoints: ${String(error)}`);
    });
    kept = world;
    await Promise.all([
      sleeping.run(signal),
      world.run(signal),
      follow(world, signal),
      every(timing.askEveryMs, signal, async () => {
        const found = await cluster.resources.ofGroupKind('metrics.k8s.io', 'PodMetrics');
        world.setMetricsApi(found !== null);
      }),
      every(timing.figuresEveryMs, signal, async () => {
        if (world.world.pods.size === 0) return;
        await scraper.round(signal);
        bell.ring();
      }),
    ]);
  };

  /** Nothing is wanted: what was made of pools goes, as do holds, which nobody would end; and nothing is watched. */
  const withdraw = async (signal: AbortSignal): Promise<void> => {
    for (let count = 0; !signal.aborted; count++) {
      try {
        await wakeAll(cluster, signal);
        const made = await findLabelled(cluster, madeKinds, poolLabel, signal);
        const holds = await findLabelled(cluster, holdKinds, holdLabel, signal);
        for (const found of [...made, ...holds]) await deleteObject(cluster, found, signal);
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (count === 0) say('warn', `waypoints: what is of pools cannot go: ${String(error)}`);
        await sleep(backoffMs(count, Math.random()), signal).catch(() => {});
      }
    }
  };

  return {
    want: (wanted) => {
      const isOther = settings === undefined || settings?.rootNamespace !== wanted?.rootNamespace;
      settings = wanted;
      if (isOther) turn.abort();
      bell.ring();
    },
    wake: async ({ namespace, name }, progress, signal) => {
      const key = `${namespace}/${name}`;
      const over = AbortSignal.any([signal, AbortSignal.timeout(timing.wakeMs)]);
      const find = () => told.find((one) => one.namespace === namespace && one.name === name);
      for (;;) {
        const found = find();
        if (found && found.sleep?.phase === 'awake' && found.replicas.ready > 0) {
          return `${found.replicas.ready} of ${found.replicas.desired} replicas ready`;
        }
        if (found) sleeping.knock(key, 'it was asked to be awake');
        progress(found?.message ?? 'the waypoints are not listed yet');
        await sleep(500, over).catch(() => {});
        if (signal.aborted) throw new Error('the agent ends');
        if (over.aborted) {
          throw new Error(`no replica is ready: ${found?.message ?? 'there is no such waypoint'}`);
        }
      }
    },
    run: async (signal) => {
      while (!signal.aborted) {
        turn = new AbortController();
        const until = AbortSignal.any([signal, turn.signal]);
        if (settings) await serve(settings.rootNamespace, until);
        else {
          if (settings === null) await withdraw(until);
          await ended(until);
        }
      }
    },
  };
}

/** Kinds of what is made of pools; HorizontalPodAutoscalers and the rest are istiod's. */
const madeKinds = [
  { group: 'gateway.networking.k8s.io', kind: 'GatewayClass' },
  { group: '', kind: 'ConfigMap' },
  { group: 'apps', kind: 'DaemonSet' },
];

const ended = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** The waypoint whose Deployment was scaled: named as it, unless it says otherwise. */
function gatewayOf(
  { gateways }: WaypointWorld,
  { namespace, name }: { namespace: string; name: string },
): string {
  const key = `${namespace}/${name}`;
  if (gateways.has(key)) return key;
  const found = [...gateways.values()].find(
    ({ metadata }) =>
      metadata.namespace === namespace &&
      metadata.annotations?.['gateway.istio.io/name-override'] === name,
  );
  return found ? keyOf(found) : key;
}

/** The proxy's image as the newest waypoint has it: what nodes of a pool are to keep. */
function imageOf({ pods }: WaypointWorld): string | null {
  let newest: PodObject | null = null;
  const at = ({ metadata }: PodObject) =>
    (metadata as { creationTimestamp?: string }).creationTimestamp ?? '';
  for (const list of pods.values()) {
    for (const pod of list) if (newest === null || at(pod) > at(newest)) newest = pod;
  }
  return (
    newest?.status?.containerStatuses?.find(({ name }) => name === 'istio-proxy')?.image ?? null
  );
}
