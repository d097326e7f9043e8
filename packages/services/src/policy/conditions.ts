import type { Condition } from '@ambit/contracts/common';
import { splitApiVersion } from '@ambit/istio/kinds';
import { writerName } from '../cluster-object/conflicts.ts';
import { bundleAt, type ClusterView } from '../lifecycle/view.ts';
import { list } from '../lifecycle/words.ts';

export interface PolicyFacts {
  group: string;
  kind: string;
  namespace: string;
  name: string;
  version: number;
  deliveredVersion: number;
  updatedAt: Date;
  deletedAt: Date | null;
}

/**
 * Accepted: it was checked and stored. Applied: every agent says that the newest version is in its cluster.
 * Pure; the time of a transition is the newest time the facts tell.
 */
export function policyConditions(policy: PolicyFacts, clusters: ClusterView[]): Condition[] {
  const accepted = condition(policy, 'Accepted', 'True', 'Valid', 'Checked and stored');
  return [accepted, applied(policy, clusters)];
}

function applied(policy: PolicyFacts, clusters: ClusterView[]): Condition {
  const say = (status: Condition['status'], reason: string, message: string, at?: string) =>
    condition(policy, 'Applied', status, reason, message, at);
  if (policy.deliveredVersion !== policy.version || clusters.length === 0) {
    return say('Unknown', 'Pending', 'Not handed to the agents yet');
  }
  const waiting: string[] = [];
  const kept: string[] = [];
  let newest = policy.updatedAt.toISOString();
  for (const cluster of clusters) {
    const conflict = policy.deletedAt
      ? undefined
      : cluster.conflicts?.find((one) => isSame(policy, { ...one, apiVersion: `${one.group}/` }));
    if (conflict?.choice === null) {
      return say(
        'False',
        'Conflict',
        `${cluster.name} has a ${policy.kind} of this name that ${writerName(conflict.writer)} applied there; it runs as it is. Decide which of the two is to hold.`,
      );
    }
    if (conflict?.choice === 'keep') {
      kept.push(cluster.name);
      continue;
    }
    const row = cluster.desired.find((d) => d.name === 'policies');
    const status = row ? bundleAt(cluster, 'policies', row.digest) : undefined;
    if (status && status.since > newest) newest = status.since;
    const error = status?.errors.find((e) => e.object !== null && isSame(policy, e.object));
    if (error) {
      return say('False', error.reason, `${cluster.name}: ${error.message}`, status?.since);
    }
    const settled = status && (status.state === 'Ready' || status.objects.applied > 0);
    if (!settled || status.state === 'Applying' || status.state === 'Pending') {
      waiting.push(cluster.name);
    }
  }
  if (waiting.length > 0) {
    return say('Unknown', 'Applying', `Waiting for the agent of ${list(waiting)}`);
  }
  const names = list(
    clusters.map((cluster) => cluster.name).filter((name) => !kept.includes(name)),
  );
  if (kept.length > 0) {
    const message = `${list(kept)} ${kept.length > 1 ? 'keep their' : 'keeps its'} own, as decided`;
    return say(
      'True',
      'KeptByCluster',
      names ? `Applied on ${names}; ${message}` : message,
      newest,
    );
  }
  return policy.deletedAt
    ? say('False', 'Deleted', `Removed from ${names}`, newest)
    : say('True', 'Applied', `Applied on ${names}`, newest);
}

function isSame(
  policy: PolicyFacts,
  object: { apiVersion: string; kind: string; namespace?: string | undefined; name: string },
): boolean {
  return (
    splitApiVersion(object.apiVersion).group === policy.group &&
    object.kind === policy.kind &&
    (object.namespace ?? '') === policy.namespace &&
    object.name === policy.name
  );
}

function condition(
  policy: PolicyFacts,
  type: string,
  status: Condition['status'],
  reason: string,
  message: string,
  at: string = policy.updatedAt.toISOString(),
): Condition {
  return {
    type,
    status,
    reason,
    message,
    observedGeneration: policy.version,
    lastTransitionTime: at,
  };
}
