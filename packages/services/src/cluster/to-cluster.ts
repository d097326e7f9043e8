import type { z } from 'zod';
import type { StatusReport } from '@ambit/contracts/agent/protocol';
import type { clusterSchema } from '@ambit/contracts/operations/cluster';
import type { Tx } from '@ambit/db/database';
import { isSandboxKubernetes } from '@ambit/istio/releases/simulated';
import { notFound } from '../kernel/errors.ts';
import { clusterConditions, clusterState, type ClusterFacts } from './state.ts';

export type Cluster = z.input<typeof clusterSchema>;

/** What is read of a cluster's row for the outside: never its inventory, which may be megabytes. */
export const clusterFields = {
  id: true,
  name: true,
  joinTokenExpiresAt: true,
  revokedAt: true,
  registeredAt: true,
  lastSeenAt: true,
  report: true,
  generation: true,
  version: true,
  createdAt: true,
  mesh: { select: { mesh: { select: { id: true, name: true } } } },
} as const;

export type ClusterRow = Omit<ClusterFacts, 'report'> & {
  id: string;
  name: string;
  version: number;
  report: unknown;
  mesh: { mesh: { id: string; name: string } } | null;
};

export async function findCluster(tx: Tx, clusterId: string): Promise<ClusterRow> {
  const row = await tx.cluster.findUnique({ where: { id: clusterId }, select: clusterFields });
  if (!row) throw notFound('cluster', clusterId);
  return row;
}

/** The stored report; the schema held it when it came in. */
const reportOf = (value: unknown): StatusReport | null => value as StatusReport | null;

export function toCluster(row: ClusterRow, now: Date): Cluster {
  const report = reportOf(row.report);
  const facts: ClusterFacts = { ...row, report };
  return {
    id: row.id,
    name: row.name,
    state: clusterState(facts, now),
    kubernetesVersion: report?.cluster.kubernetesVersion ?? null,
    simulated: isSandboxKubernetes(report?.cluster.kubernetesVersion ?? ''),
    agentVersion: report?.agent.version ?? null,
    nodes: report?.cluster.nodes ?? [],
    foreignIstio: report?.cluster.foreignIstio ?? [],
    gatewayApi: report?.cluster.gatewayApi ?? null,
    conditions: clusterConditions(facts, now),
    mesh: row.mesh?.mesh ?? null,
    lastSeenAt: row.lastSeenAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    version: row.version,
  };
}
