import { poolSpecSchema } from '@ambit/contracts/agent/waypoint';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { classObjects } from './class-objects.ts';

const suffixes = 'sidecar.istio.io/statsInclusionSuffixes';

/** Annotations of pods, as the defaults of a pool's class have them. */
function annotationsOf(
  podAnnotations: Record<string, string>,
  drain: object = {},
): Record<string, string> {
  const spec = poolSpecSchema.parse({ kind: 'shared', podAnnotations, drain });
  const place = { rootNamespace: 'istio-system', agentNamespace: 'ambit-system' };
  const [, map] = classObjects({ name: 'fast', spec }, place, 'agent', null);
  const { deployment } = map!['data'] as { deployment: string };
  return (
    parse(deployment) as {
      spec: { template: { metadata: { annotations: Record<string, string> } } };
    }
  ).spec.template.metadata.annotations;
}

test('what a client leaves idle is closed before its replica stops draining, whatever the times', () => {
  const timesOf = (drain: object) => {
    const { 'proxy.istio.io/config': config } = annotationsOf({}, drain);
    const { drainDuration, terminationDrainDuration, connectionSettings } = JSON.parse(config!) as {
      drainDuration: string;
      terminationDrainDuration: string;
      connectionSettings: { httpIdleTimeout: string; httpDrainTimeout: string };
    };
    const { httpIdleTimeout, httpDrainTimeout } = connectionSettings;
    const times = [httpIdleTimeout, httpDrainTimeout, drainDuration, terminationDrainDuration];
    return times.map((text) => Number(/^(\d+)s$/.exec(text)![1]));
  };
  for (const drain of [{}, { drainS: 5, terminationS: 6, graceS: 7 }]) {
    const [idleS, closingS, drainS, terminationS] = timesOf(drain) as [
      number,
      number,
      number,
      number,
    ];
    expect(idleS).toBeGreaterThan(0);
    expect(idleS + closingS).toBeLessThan(drainS);
    expect(drainS).toBeLessThan(terminationS);
  }
});

test('replicas count requests, beside what the mesh and the pool have them count', () => {
  const own =
    'downstream_rq_active,downstream_rq_completed,downstream_rq_5xx,downstream_rq_time,external.upstream_rq_time';
  const { [suffixes]: counted, 'proxy.istio.io/config': config } = annotationsOf({});
  expect(counted).toBe(own);
  expect(JSON.parse(config!)).not.toHaveProperty('proxyStatsMatcher');
  expect(annotationsOf({ [suffixes]: 'upstream_rq_time' })[suffixes]).toBe(
    `upstream_rq_time,${own}`,
  );
});
