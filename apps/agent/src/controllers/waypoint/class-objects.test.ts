import { poolSpecSchema } from '@ambit/contracts/agent/waypoint';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { classObjects } from './class-objects.ts';

const suffixes = 'sidecar.istio.io/statsInclusionSuffixes';

/** Annotations of pods, as the defaults of a pool's class have them. */
function annotationsOf(podAnnotations: Record<string, string>): Record<string, string> {
  const spec = poolSpecSchema.parse({ kind: 'shared', podAnnotations });
  const place = { rootNamespace: 'istio-system', agentNamespace: 'ambit-system' };
  const [, map] = classObjects({ name: 'fast', spec }, place, 'agent', null);
  const { deployment } = map!['data'] as { deployment: string };
  return (
    parse(deployment) as {
      spec: { template: { metadata: { annotations: Record<string, string> } } };
    }
  ).spec.template.metadata.annotations;
}

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
