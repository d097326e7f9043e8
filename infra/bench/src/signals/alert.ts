import { namespace, until, type Ground } from '../waypoint/ground.ts';
import { toldOf } from './edges.ts';
import { abort, hurt, urlOf } from './objects.ts';
import { openReceiver } from './receiver.ts';

const perSecond = 12;
const limitS = 60;

/**
 * From a fault that the waypoint injects until a receiver is told, with the edge red, and from its end until that is told,
 * with the edge healthy again. Throws when the first takes more than a minute.
 */
export async function measureAlert(
  ground: Ground,
  say: (line: string) => void,
): Promise<{ delayS: number; resolveS: number }> {
  const { client, meshId, caller, apply, lab } = ground;
  const receiver = await openReceiver();
  const matchers = [{ label: 'name', op: '=' as const, value: hurt }];
  await client.alertRule.create({
    name: hurt,
    meshId,
    source: 'signal',
    matchers,
    forSeconds: 0,
    signal: { of: 'service', signal: 'errorShare', threshold: 0.3, minRate: 1 },
  });
  await client.alertRoute.create({
    name: hurt,
    matchers,
    groupWaitSeconds: 0,
    groupIntervalSeconds: 10,
    target: { kind: 'webhook', url: receiver.url },
  });
  const edgeIs = async (health: string): Promise<boolean> => {
    const { edges } = await toldOf(ground, namespace, hurt);
    return edges.length > 0 && edges.every((edge) => edge.health === health);
  };
  try {
    await caller.startLoad(hurt, perSecond, { url: urlOf(namespace, hurt), timeoutMs: 10_000 });
    await until(() => edgeIs('healthy'), 180);
    await apply([abort]);
    const delayS = await until(async () => receiver.heard('firing') > 0, 2 * limitS);
    say(`the receiver is told of the fault after ${delayS.toFixed(1)} s`);
    if (delayS > limitS) throw new Error(`the alert took ${delayS} s, more than ${limitS} s`);
    await until(() => edgeIs('failure'), 60);
    await lab.kubectl.do(
      `delete virtualservices.networking.istio.io/${abort.metadata.name} -n ${namespace}`,
    );
    const resolveS = await until(async () => receiver.heard('resolved') > 0, 180);
    say(`the receiver is told of its end after ${resolveS.toFixed(1)} s`);
    await until(() => edgeIs('healthy'), 180);
    return { delayS, resolveS };
  } finally {
    await caller.stopLoad(hurt).catch(() => undefined);
    receiver.close();
  }
}
