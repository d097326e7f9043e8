import type { Caller } from '@ambit/lab/testing/caller';
import { until, type Ground } from '../waypoint/ground.ts';
import { toldOf } from './edges.ts';
import { urlOf } from './objects.ts';
import { openReceiver } from './receiver.ts';

const perSecond = 12;
const limitS = 60;

/** A Service whose requests can be made to fail. */
export interface Harm {
  caller: Caller;
  namespace: string;
  service: string;
  /** The node that its edge has to come from; any when missing. */
  from?: string;
  begin(): Promise<void>;
  end(): Promise<void>;
}

/**
 * From the beginning of a failure until a receiver is told, with the edge red, and from its end until that is told, with
 * the edge healthy again. Throws when the first takes more than a minute.
 */
export async function measureAlert(
  ground: Ground,
  { caller, namespace, service, from, begin, end }: Harm,
  say: (line: string) => void,
): Promise<{ delayS: number; resolveS: number }> {
  const { client, meshId } = ground;
  const receiver = await openReceiver();
  const matchers = [{ label: 'name', op: '=' as const, value: service }];
  await client.alertRule.create({
    name: service,
    meshId,
    source: 'signal',
    matchers,
    forSeconds: 0,
    signal: { of: 'service', signal: 'errorShare', threshold: 0.3, minRate: 1 },
  });
  await client.alertRoute.create({
    name: service,
    matchers,
    groupWaitSeconds: 0,
    groupIntervalSeconds: 10,
    target: { kind: 'webhook', url: receiver.url },
  });
  const edgeIs = async (health: string): Promise<boolean> => {
    const { edges } = await toldOf(ground, namespace, service);
    return (
      edges.length > 0 &&
      edges.every((edge) => edge.health === health && edge.source.endsWith(from ?? ''))
    );
  };
  try {
    await caller.startLoad(service, perSecond, {
      url: urlOf(namespace, service),
      timeoutMs: 10_000,
    });
    await until(() => edgeIs('healthy'), 180);
    await begin();
    const delayS = await until(async () => receiver.heard('firing') > 0, 2 * limitS);
    say(`${namespace}: the receiver is told of the failure after ${delayS.toFixed(1)} s`);
    if (delayS > limitS) throw new Error(`the alert took ${delayS} s, more than ${limitS} s`);
    await until(() => edgeIs('failure'), 60);
    await end();
    const resolveS = await until(async () => receiver.heard('resolved') > 0, 180);
    say(`${namespace}: the receiver is told of its end after ${resolveS.toFixed(1)} s`);
    await until(() => edgeIs('healthy'), 180);
    return { delayS, resolveS };
  } finally {
    await caller.stopLoad(service).catch(() => undefined);
    receiver.close();
  }
}
