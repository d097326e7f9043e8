import { loadavg } from 'node:os';
import type { PoolSpec } from '@ambit/contracts/agent/waypoint';
import type { LoadFigures } from '@ambit/lab/testing/caller';
import { echoPort } from '@ambit/lab/testing/workloads';
import { figure, type Figure } from '../figure.ts';
import { ended, namespace, poolClasses, until, type Ground } from './ground.ts';

const perSecond = 200;
const name = 'waypoint';
const url = `http://echo.${namespace}:${echoPort}/`;
const [first, second] = poolClasses;

/** As pools have it when nothing is said, its drains as well. */
const spec = (replicas: number): PoolSpec => ({
  kind: 'shared',
  size: 'small',
  minReplicas: replicas,
  maxReplicas: replicas,
  scaling: {
    by: 'fixed',
    cpuPercent: 70,
    requestsPerSecond: null,
    activeRequests: null,
    upStabilisationS: 0,
    downStabilisationS: 0,
    predict: false,
  },
  zones: 'any',
  maxUnavailable: 1,
  drain: { drainS: 20, terminationS: 30, graceS: 60 },
  nodeSelector: {},
  tolerations: [],
  podLabels: {},
  podAnnotations: {},
  prePull: false,
  pricePerHour: null,
  currency: 'USD',
  reclaim: 'ask',
  sleepAfterS: null,
});

/** Pods of the waypoint: those that run, with whether each is ready and is on its way out. */
async function pods({ lab }: Ground): Promise<{ ready: number; all: number }> {
  const text = await lab.kubectl.do(
    `get pods -n ${namespace} -l gateway.networking.k8s.io/gateway-name=${name} -o json`,
  );
  const { items } = JSON.parse(text) as {
    items: {
      metadata: { deletionTimestamp?: string };
      status: { containerStatuses?: { ready: boolean }[] };
    }[];
  };
  const alive = items.filter(({ metadata }) => !metadata.deletionTimestamp);
  const ready = alive.filter(({ status }) => status.containerStatuses?.every((each) => each.ready));
  return { ready: ready.length, all: items.length };
}

/** Every replica that is asked for is ready, and none besides is left. */
const settled = (ground: Ground, replicas: number) => async (): Promise<boolean> => {
  const { ready, all } = await pods(ground);
  return ready === replicas && all === replicas;
};

async function setReplicas(ground: Ground, poolId: string, replicas: number): Promise<void> {
  const { client, meshId } = ground;
  const { version } = await client.waypointPool.get({ meshId, poolId });
  await client.waypointPool.update({ meshId, poolId, version, spec: spec(replicas) });
}

/**
 * Every phase of a waypoint's life under a steady load: how many requests got no answer below 500. `beforeReclaim` may
 * measure while the waypoint is still there.
 */
export async function measurePhases(
  ground: Ground,
  say: (line: string) => void,
  beforeReclaim: () => Promise<Figure[]>,
): Promise<Figure[]> {
  const { client, clusterId, meshId, caller, lab } = ground;
  const figures: Figure[] = [];
  const subject = { clusterId, namespace, service: 'echo' };
  const phase = async (title: string, change: () => Promise<unknown>): Promise<void> => {
    await caller.startLoad(title, perSecond, { url, timeoutMs: 10_000 });
    await until(async () => (await caller.lookAtLoad(title)).answered > 2 * perSecond, 60);
    let took = Number.NaN;
    let failure: unknown;
    try {
      const began = performance.now();
      await change();
      took = (performance.now() - began) / 1000;
      const { answered } = await caller.lookAtLoad(title);
      await until(
        async () => (await caller.lookAtLoad(title)).answered > answered + 2 * perSecond,
        60,
      );
    } catch (error) {
      failure = error;
    }
    const found = await caller.stopLoad(title);
    say(phaseLine(title, took, found));
    if (failure) say(`  ${title} did not come to its end: ${String(failure)}`);
    else figures.push(figure(`lost_${title}`, found.lost, 'requests'));
  };

  const straight = await steady(ground, 'l4', 10);
  const pool = await client.waypointPool.create({ meshId, name: first, spec: spec(1) });
  await client.waypointPool.create({ meshId, name: second, spec: spec(1) });
  await client.waypoint.create({ meshId, namespace, name, pool: first });
  await until(settled(ground, 1));

  await phase('take_up', async () => {
    const { operation } = await client.enrolment.change({
      meshId,
      subjects: [subject],
      mode: 'L4+L7',
      waypoint: { name },
    });
    await ended(client, operation.id);
  });
  await phase('scale_out', async () => {
    await setReplicas(ground, pool.id, 3);
    await until(settled(ground, 3));
  });
  await phase('scale_in', async () => {
    await setReplicas(ground, pool.id, 1);
    await until(settled(ground, 1));
  });
  await phase('roll', async () => {
    await lab.kubectl.do(`rollout restart -n ${namespace} deployment/${name}`);
    await lab.kubectl.do(`rollout status -n ${namespace} deployment/${name} --timeout=120s`);
    await until(settled(ground, 1));
  });
  await phase('pool_move', async () => {
    await client.waypoint.update({ meshId, namespace, name, pool: second });
    await until(async () => (await classOf(ground)).endsWith(second));
    await lab.kubectl.do(`rollout status -n ${namespace} deployment/${name} --timeout=120s`);
    await until(settled(ground, 1));
  });
  figures.push(await measureAdded(ground, straight, say));
  figures.push(...(await beforeReclaim()));
  await until(
    async () => (await client.waypoint.get({ meshId, namespace, name })).reclaim.possible,
  );
  await phase('reclaim', async () => {
    const { operation } = await client.waypoint.release({ meshId, namespace, name });
    await ended(client, operation.id);
    await until(settled(ground, 0));
  });
  return figures;
}

/** The median of a steady load over so many seconds, as the client sees it. */
async function steady({ caller }: Ground, title: string, seconds: number): Promise<number> {
  await caller.startLoad(title, perSecond, { url, timeoutMs: 10_000 });
  await until(async () => (await caller.lookAtLoad(title)).seconds > seconds, 10 * seconds);
  return (await caller.stopLoad(title)).p50Ms;
}

/** What the waypoint says that it adds, beside what the client finds its requests take longer than by L4 alone. */
async function measureAdded(
  ground: Ground,
  straightMs: number,
  say: (line: string) => void,
): Promise<Figure> {
  const { client, meshId, caller } = ground;
  const began = Date.now();
  const look = async () => (await client.waypoint.get({ meshId, namespace, name })).figures;
  await caller.startLoad('added', perSecond, { url, timeoutMs: 10_000 });
  // Only a figure of two looks that both lie in this load is of it alone.
  await until(async () => {
    const { addedMs, at } = await look();
    return addedMs !== null && at !== null && Date.parse(at) > began + 35_000;
  }, 180);
  const { addedMs, p50Ms } = await look();
  const through = await caller.stopLoad('added');
  say(
    `latency: ${straightMs.toFixed(2)} ms by L4, ${through.p50Ms.toFixed(2)} ms through the waypoint, ` +
      `which adds ${addedMs!.toFixed(2)} ms of ${p50Ms?.toFixed(2) ?? '-'} ms by its own count`,
  );
  return figure('waypoint_added_ms', addedMs!, 'ms', through.p50Ms - straightMs);
}

const classOf = ({ lab }: Ground): Promise<string> =>
  lab.kubectl.do(
    `get deployment -n ${namespace} ${name} -o jsonpath={.metadata.labels.gateway\\.networking\\.k8s\\.io/gateway-class-name}`,
  );

function phaseLine(title: string, took: number, found: LoadFigures): string {
  const why = [
    ...Object.entries(found.statuses).filter(([status]) => Number(status) >= 500),
    ...Object.entries(found.errors),
  ].map(([what, count]) => `${count} ${what}`);
  const said = (found.firstLost ?? []).map(
    ({ afterMs, status, error, body }) =>
      `\n  after ${(afterMs / 1000).toFixed(1)} s: ${status || error}${body ? ` ${body.trim()}` : ''}`,
  );
  const repeated = found.repeated ? `, ${found.repeated} repeated by Go's client itself` : '';
  return (
    `${title}: ${took.toFixed(1)} s, ${found.sent} requests, ${found.lost} lost${repeated}, ` +
    `machine's load ${loadavg()[0]!.toFixed(1)}, p50 ${found.p50Ms.toFixed(1)} ms, p99 ${found.p99Ms.toFixed(1)} ms${why.length ? ` (${why.join(', ')})` : ''}${said.join('')}`
  );
}
