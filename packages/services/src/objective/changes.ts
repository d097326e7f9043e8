import type { z } from 'zod';
import { meshChanges, type changeSchema } from '@ambit/contracts/operations/alert';
import { implement } from '../kernel/implement.ts';
import { requireMesh } from '../mesh/lock.ts';

type Change = z.input<typeof changeSchema>;

const verbs: Record<string, string> = {
  created: 'created',
  updated: 'changed',
  deleted: 'deleted',
  restored: 'restored',
};

/** Kinds of clusters' objects whose newest write says that a workload was changed. */
const workloadKinds = ['Deployment', 'StatefulSet', 'DaemonSet'];

/** What was changed before a moment, from the rows that keep it: writes of policies, operations, workloads. */
export const listChanges = implement(meshChanges, async (context, input) => {
  const { tx, now } = context;
  const { meshId, namespace, limit, hours } = input;
  await requireMesh(tx, meshId);
  const before = input.before ? new Date(input.before) : now;
  const after = new Date(before.getTime() - hours * 3_600_000);
  const inNamespace = namespace === undefined ? {} : { namespace: { in: [namespace, ''] } };
  const versions = await tx.policyVersion.findMany({
    where: {
      at: { gt: after, lte: before },
      change: { not: 'status' },
      policy: { meshId, auxiliary: false, ...inNamespace },
    },
    include: { policy: { select: { kind: true, namespace: true, name: true } } },
    orderBy: { at: 'desc' },
    take: limit,
  });
  const operations = await tx.operation.findMany({
    where: { targetId: meshId, createdAt: { gt: after, lte: before } },
    orderBy: { createdAt: 'desc' },
    take: limit,
  });
  const clusters = await tx.meshCluster.findMany({
    where: { meshId },
    select: { clusterId: true, cluster: { select: { name: true } } },
  });
  const clusterName = new Map(clusters.map((each) => [each.clusterId, each.cluster.name]));
  const objects = await tx.clusterObject.findMany({
    where: {
      clusterId: { in: [...clusterName.keys()] },
      kind: { in: workloadKinds },
      updatedAt: { gt: after, lte: before },
      ...(namespace === undefined ? {} : { namespace }),
    },
    select: {
      kind: true,
      namespace: true,
      name: true,
      clusterId: true,
      updatedAt: true,
      createdAt: true,
    },
    orderBy: { updatedAt: 'desc' },
    take: limit,
  });
  const items: Change[] = [
    ...versions.map(({ at, change, author, policyId, version, policy }): Change => ({
      at: at.toISOString(),
      kind: 'policy',
      title: `${policy.kind} ${policy.namespace ? `${policy.namespace}/` : ''}${policy.name} was ${verbs[change] ?? change} (version ${version})`,
      by: author,
      namespace: policy.namespace,
      link: `/meshes/${meshId}/policies/${policyId}/history`,
    })),
    ...operations.map(({ id, type, createdAt, actor, state }): Change => ({
      at: createdAt.toISOString(),
      kind: type.includes('enrol') ? 'enrolment' : 'operation',
      title: `Operation ${type} began; it is ${state}`,
      by: (actor as { name?: string } | null)?.name ?? '',
      namespace: '',
      link: `/operations/${id}`,
    })),
    ...objects.map(({ kind, namespace: of, name, clusterId, updatedAt, createdAt }): Change => ({
      at: updatedAt.toISOString(),
      kind: 'workload',
      title: `${kind} ${of}/${name} was ${updatedAt.getTime() - createdAt.getTime() < 1000 ? 'first seen' : 'changed'} in ${clusterName.get(clusterId) ?? clusterId}`,
      by: '',
      namespace: of,
      link: `/meshes/${meshId}/workloads/${encodeURIComponent(of)}/${encodeURIComponent(name)}`,
    })),
  ];
  return { items: items.toSorted((a, b) => (a.at < b.at ? 1 : -1)).slice(0, limit) };
});
