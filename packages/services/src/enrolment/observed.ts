import { observedSecurity } from '@ambit/istio/enrolment/holdings';
import type { Context } from '../kernel/context.ts';
import { newestRates } from '../telemetry-store/read.ts';
import type { KnownCluster } from './load.ts';

/** What is older says nothing of now. */
const oldAfterMs = 180_000;

/** A cluster with what its proxies measured of encryption in the last minute; without where nobody told lately. */
export async function withObserved(
  { platform, tx, now }: Context,
  cluster: KnownCluster,
): Promise<KnownCluster> {
  const moment = await newestRates(platform.db, tx, cluster.clusterId, {
    afterMs: +now - oldAfterMs,
  });
  if (!moment) return cluster;
  return { ...cluster, facts: { ...cluster.facts, observed: observedSecurity(moment.rates) } };
}
