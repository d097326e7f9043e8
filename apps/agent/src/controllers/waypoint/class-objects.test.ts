import { poolSpecSchema } from '@ambit/contracts/agent/waypoint';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { classObjects } from './class-objects.ts';

const suffixes = 'sidecar.istio.io/statsInclusionSuffixes';

interface Deployment {
  minReadySeconds: number;
  strategy: { rollingUpdate: object };
  template: {
    metadata: { annotations: Record<string, string> };
    spec: { terminationGracePeriodSeconds: number };
  };
}

/** Deployments, as the defaults of a pool's class have them. */
function deploymentOf(podAnnotations: Record<string, string>, drain: object = {}): Deployment {
  const spec = poolSpecSchema.parse({ kind: 'shared', podAnnotations, drain });
  const place = { rootNamespace: 'istio-system', agentNamespace: 'ambit-system' };
  const [, map] = classObjects({ name: 'fast', spec }, place, 'agent', null);
  const { deployment } = map!['data'] as { deployment: string };
  return (parse(deployment) as { spec: Deployment }).spec;
}

test('a replica drains, ends and is killed in this order, and is replaced when the new one is known', () => {
  for (const drain of [{}, { drainS: 5, terminationS: 6, graceS: 7 }]) {
    const { minReadySeconds, strategy, template } = deploymentOf({}, drain);
    const { 'proxy.istio.io/config': config } = template.metadata.annotations;
    const { drainDuration, terminationDrainDuration } = JSON.parse(config!) as Record<
      'drainDuration' | 'terminationDrainDuration',
      string
    >;
    const { terminationGracePeriodSeconds: killedAfterS } = template.spec;
    const times = [drainDuration, terminationDrainDuration].map(Number.parseFloat);
    expect([...times, killedAfterS]).toEqual([...times, killedAfterS].toSorted((a, b) => a - b));
    expect(new Set([...times, killedAfterS]).size).toBe(3);
    expect(strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
    expect(minReadySeconds).toBeGreaterThan(0);
  }
});

test('replicas count requests, beside what the mesh and the pool have them count', () => {
  const own =
    'downstream_rq_active,downstream_rq_completed,downstream_rq_5xx,downstream_rq_time,external.upstream_rq_time';
  const { [suffixes]: counted, 'proxy.istio.io/config': config } = deploymentOf({}).template
    .metadata.annotations;
  expect(counted).toBe(own);
  expect(JSON.parse(config!)).not.toHaveProperty('proxyStatsMatcher');
  const { annotations } = deploymentOf({ [suffixes]: 'upstream_rq_time' }).template.metadata;
  expect(annotations[suffixes]).toBe(`upstream_rq_time,${own}`);
});
