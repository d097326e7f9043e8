import type { Condition } from '@ambit/contracts/common';
import { agentLimits, type StatusReport } from '@ambit/contracts/agent/protocol';
import type { clusterStates } from '@ambit/contracts/operations/cluster';

export type ClusterState = (typeof clusterStates)[number];

/** What a cluster's state follows from. */
export interface ClusterFacts {
  createdAt: Date;
  registeredAt: Date | null;
  revokedAt: Date | null;
  lastSeenAt: Date | null;
  joinTokenExpiresAt: Date | null;
  report: Pick<StatusReport, 'cluster' | 'conditions' | 'generation'> | null;
  generation: number;
}

/**
 * gone: the credential was revoked. waiting: no agent registered yet. stale: not heard of for 90 s. Else connected.
 * A revoked cluster stays gone until an agent registers again.
 */
export function clusterState(facts: ClusterFacts, now: Date): ClusterState {
  if (facts.revokedAt) return 'gone';
  if (!facts.registeredAt) return 'waiting';
  const seen = lastHeard(facts);
  return now.getTime() - seen.getTime() > agentLimits.staleAfterMs ? 'stale' : 'connected';
}

/** Conditions of a cluster: what the platform derives, then what the agent itself reports. */
export function clusterConditions(facts: ClusterFacts, now: Date): Condition[] {
  const conditions = [connected(facts, now)];
  if (facts.report) conditions.push(...fromReport(facts, facts.report, now));
  return conditions;
}

function lastHeard(facts: ClusterFacts): Date {
  const { lastSeenAt, registeredAt, createdAt } = facts;
  const registered = registeredAt ?? createdAt;
  return lastSeenAt && lastSeenAt > registered ? lastSeenAt : registered;
}

function connected(facts: ClusterFacts, now: Date): Condition {
  const say = (status: Condition['status'], reason: string, message: string, since: Date) => ({
    type: 'AgentConnected',
    status,
    reason,
    message,
    observedGeneration: facts.generation,
    lastTransitionTime: since.toISOString(),
  });
  switch (clusterState(facts, now)) {
    case 'gone':
      return say(
        'False',
        'CredentialRevoked',
        'The credential was revoked; the agent keeps what it applied and changes nothing more. Join again to go on.',
        facts.revokedAt ?? now,
      );
    case 'waiting':
      return facts.joinTokenExpiresAt && facts.joinTokenExpiresAt <= now
        ? say(
            'False',
            'JoinTokenExpired',
            'No agent came within the hour; make a new join command.',
            facts.joinTokenExpiresAt,
          )
        : say(
            'False',
            'WaitingForAgent',
            'Run the join command against the cluster.',
            facts.createdAt,
          );
    case 'stale':
      return say(
        'Unknown',
        'NotHeardOf',
        `Nothing heard of the agent since ${lastHeard(facts).toISOString()}. What runs there keeps running; changes wait until it is back.`,
        new Date(lastHeard(facts).getTime() + agentLimits.staleAfterMs),
      );
    case 'connected':
      return say(
        'True',
        'Reporting',
        'The agent is connected and reports.',
        facts.registeredAt ?? now,
      );
  }
}

function fromReport(
  facts: ClusterFacts,
  report: NonNullable<ClusterFacts['report']>,
  now: Date,
): Condition[] {
  const since = (facts.registeredAt ?? now).toISOString();
  const { foreignIstio } = report.cluster;
  const first = foreignIstio[0];
  return [
    {
      type: 'NoForeignIstio',
      status: first ? 'False' : 'True',
      reason: first ? 'ForeignIstioFound' : 'NoneFound',
      message: first
        ? `Istio ${first.version} that Ambit did not install runs in ${first.namespace} (${first.name}, managed by ${first.managedBy}). Ambit never overwrites it: remove it before this cluster joins a mesh.`
        : 'No Istio but Ambit’s own is installed here.',
      observedGeneration: report.generation,
      lastTransitionTime: since,
    },
    ...report.conditions,
  ];
}
