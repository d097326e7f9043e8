import type { BundleStatus } from '@ambit/contracts/agent/protocol';
import type { Draft } from '../plan.ts';
import { bundleAt, type ClusterView } from '../view.ts';

const wantedOf = (cluster: ClusterView) => cluster.desired.find(({ name }) => name === 'enrolment');

/** How the agent stands with the labels of enrolment as they are wanted now; undefined while it works on others. */
export function labelStatus(cluster: ClusterView): BundleStatus | undefined {
  const wanted = wantedOf(cluster);
  return wanted && bundleAt(cluster, 'enrolment', wanted.digest);
}

/** Whether the agent has set the labels of enrolment, or taken all of them away where none is wanted; these are forgotten then. */
export function isLabelled(draft: Draft, cluster: ClusterView): boolean {
  const wanted = wantedOf(cluster);
  if (!wanted) return true;
  if (wanted.mode === 'present') return labelStatus(cluster)?.state === 'Ready';
  const status = cluster.report?.bundles.find(({ name }) => name === 'enrolment');
  if (status?.state !== 'Removed') return false;
  draft.ask({ do: 'forgetDesired', clusterId: cluster.id, bundles: ['enrolment'] });
  return true;
}
