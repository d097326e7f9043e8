import { loadavg } from 'node:os';
import { echoPort } from '@ambit/lab/testing/workloads';
import { figure, quantile, type Figure } from '../figure.ts';
import { ended, namespace, onGround, poolClasses, until, type Ground } from './ground.ts';
import { proportionalBytes } from './proportional-bytes.ts';

const name = 'waypoint';
const url = `http://echo.${namespace}:${echoPort}/`;
const forbidden = `${url}forbidden`;
const perSecond = 200;
const afterS = 30;
const timeoutMs = 30_000;

/** What has to hold from the first request on, however it comes through. */
const policy = {
  apiVersion: 'security.istio.io/v1',
  kind: 'AuthorizationPolicy',
  metadata: { name: 'no-forbidden', namespace },
  spec: {
    targetRefs: [{ group: '', kind: 'Service', name: 'echo' }],
    action: 'DENY',
    rules: [{ to: [{ operation: { paths: ['/forbidden'] } }] }],
  },
};

/** Sleep alone, on a lab of its own: `npm run bench -- waypoint-sleep`. */
export const run = (say: (line: string) => void): Promise<Figure[]> =>
  onGround(say, async (ground) => {
    const { client, clusterId, meshId } = ground;
    await client.waypointPool.create({
      meshId,
      name: poolClasses[0],
      spec: { kind: 'shared', scaling: { by: 'fixed' } },
    });
    await client.waypoint.create({ meshId, namespace, name, pool: poolClasses[0] });
    await until(async () => (await lookAt(ground)).state === 'Ready');
    const { operation } = await client.enrolment.change({
      meshId,
      subjects: [{ clusterId, namespace, service: 'echo' }],
      mode: 'L4+L7',
      waypoint: { name },
    });
    await ended(client, operation.id);
    return measureSleep(ground, say, 3);
  });

const lookAt = ({ client, meshId }: Ground) => client.waypoint.get({ meshId, namespace, name });

/** Of the pods of the waypoint: those that are there, the ones that end among them. */
async function podUids({ lab }: Ground): Promise<string[]> {
  const text = await lab.kubectl.do(
    `get pods -n ${namespace} -l gateway.networking.k8s.io/gateway-name=${name} -o jsonpath={.items[*].metadata.uid}`,
  );
  return text.split(' ').filter(Boolean);
}

/**
 * A waypoint with a policy of L7 falls asleep, and is woken: by one request beside 20 that the policy forbids, by 200 a
 * second that begin at once, and by the verb. The policy has to hold for each of them.
 */
export async function measureSleep(
  ground: Ground,
  say: (line: string) => void,
  rounds: number,
): Promise<Figure[]> {
  const { apply, caller, client, lab, meshId } = ground;
  await apply([policy]);
  await until(async () => (await caller.one({ url: forbidden, fresh: true })).status === 403);
  const { pool } = await lookAt(ground);
  await client.waypoint.update({ meshId, namespace, name, pool, sleep: afterS });
  const asleep = async (): Promise<void> => {
    const took = await until(async () => {
      const { sleep } = await lookAt(ground);
      return sleep?.phase === 'asleep' && (await podUids(ground)).length === 0;
    }, 600);
    say(`asleep, its replicas gone after ${took.toFixed(0)} s`);
  };
  const awake = () => until(async () => (await lookAt(ground)).sleep?.phase === 'awake');

  await until(async () => {
    const { replicas, sleep } = await lookAt(ground);
    return sleep?.afterS === afterS && replicas.ready === 1 && replicas.total === 1;
  });
  const saved = (await podUids(ground)).reduce((sum, uid) => sum + proportionalBytes(uid), 0);
  if (saved === 0) throw new Error('the processes of the waypoint were not found');

  const firstMs: number[] = [];
  const holes: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await asleep();
    const [allowed, denied] = await Promise.all([
      caller.one({ url, fresh: true, timeoutMs }),
      caller.send({ url: forbidden, fresh: true, timeoutMs }, 20, 20),
    ]);
    const passed = denied.filter(({ status }) => status >= 200 && status < 300).length;
    holes.push(passed);
    say(
      `woken by a request: ${allowed.status || allowed.error} after ${(allowed.ms / 1000).toFixed(2)} s; of 20 that are forbidden ${denied.filter(({ status }) => status === 403).length} refused, ${passed} let through`,
    );
    if (allowed.status === 200) firstMs.push(allowed.ms);
    await awake();
  }

  await asleep();
  await caller.startLoad('wake_up', perSecond, { url, timeoutMs });
  await awake();
  const { answered } = await caller.lookAtLoad('wake_up');
  await until(async () => (await caller.lookAtLoad('wake_up')).answered > answered + 5 * perSecond);
  const load = await caller.stopLoad('wake_up');
  say(
    `woken by ${perSecond} a second: ${load.sent} requests, ${load.lost} lost, the slowest ${(load.maxMs / 1000).toFixed(2)} s, machine's load ${loadavg()[0]!.toFixed(1)}${load.firstLost?.[0] ? `; the first lost after ${(load.firstLost[0].afterMs / 1000).toFixed(1)} s: ${load.firstLost[0].error ?? load.firstLost[0].status}` : ''}`,
  );

  await asleep();
  const began = performance.now();
  const { operation } = await client.waypoint.wake({ meshId, namespace, name });
  await ended(client, operation.id);
  say(`woken by the verb in ${((performance.now() - began) / 1000).toFixed(1)} s`);

  await client.waypoint.update({ meshId, namespace, name, pool, sleep: 'never' });
  await lab.kubectl.do(`delete authorizationpolicy -n ${namespace} ${policy.metadata.name}`);
  return [
    ...(firstMs.length > 0
      ? [figure('wake_up_first_request_s', quantile(firstMs, 0.5) / 1000, 's')]
      : []),
    figure('lost_wake_up', load.lost + (rounds - firstMs.length), 'requests'),
    figure(
      'bypassed_wake_up',
      holes.reduce((sum, one) => sum + one, 0),
      'requests',
    ),
    figure('sleep_saves_mb', saved / 1e6, 'MB'),
  ];
}
