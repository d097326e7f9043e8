import type { z } from 'zod';
import type { Condition, Status } from '@ambit/contracts/common';
import { meshOptionsSchema } from '@ambit/contracts/mesh-options';
import type { LifecycleType } from '@ambit/contracts/lifecycle';
import type { meshSchema } from '@ambit/contracts/operations/mesh';
import type { Prisma } from '@ambit/db/generated/client';
import type { Tx } from '@ambit/db/database';
import { isSandboxKubernetes } from '@ambit/istio/releases/simulated';
import { upgradesFrom } from '@ambit/istio/releases/upgrade-path';
import type { Profile } from '@ambit/istio/values';
import { clusterState } from '../cluster/state.ts';
import type { Context } from '../kernel/context.ts';
import { notFound } from '../kernel/errors.ts';
import { titleOf } from '../lifecycle/to-operation.ts';
import type { OperationInput } from '../lifecycle/view.ts';

export type Mesh = z.input<typeof meshSchema>;

const withParts = {
  clusters: {
    include: {
      cluster: {
        select: {
          id: true,
          name: true,
          createdAt: true,
          registeredAt: true,
          revokedAt: true,
          lastSeenAt: true,
          joinTokenExpiresAt: true,
          generation: true,
        },
      },
    },
  },
  _count: { select: { policies: { where: { deletedAt: null, auxiliary: false } } } },
} satisfies Prisma.MeshInclude;

export type MeshRow = Prisma.MeshGetPayload<{ include: typeof withParts }>;

type Reader = Pick<Context, 'tx' | 'now' | 'platform'>;

/** @throws AmbitError not_found */
export async function readMesh(context: Reader, meshId: string): Promise<Mesh> {
  const row = await context.tx.mesh.findUnique({ where: { id: meshId }, include: withParts });
  if (!row) throw notFound('mesh', meshId);
  const [mesh] = await toMeshes(context, [row]);
  if (!mesh) throw notFound('mesh', meshId);
  return mesh;
}

export function findMeshes(tx: Tx, args: Prisma.MeshFindManyArgs): Promise<MeshRow[]> {
  return tx.mesh.findMany({ ...args, include: withParts }) as Promise<MeshRow[]>;
}

/** Rows with what belongs to them, in three queries however many they are. */
export async function toMeshes({ tx, now, platform }: Reader, rows: MeshRow[]): Promise<Mesh[]> {
  const operations = await tx.operation.findMany({
    where: {
      targetId: { in: rows.map((row) => row.id) },
      finishedAt: null,
      type: { not: 'mesh.report' },
    },
    select: { id: true, type: true, input: true, targetId: true },
  });
  const clusterIds = rows.flatMap((row) => row.clusters.map(({ clusterId }) => clusterId));
  const counts = await workloadCounts(tx, clusterIds);
  const simulated = await simulatedOf(tx, clusterIds);
  return rows.map((row) => {
    const operation = operations.find(({ targetId }) => targetId === row.id);
    return {
      id: row.id,
      name: row.name,
      projectId: row.projectId,
      profile: row.profile as Profile,
      release: row.release,
      activeRelease: row.activeRelease,
      status: row.status as Status,
      statusMessage: row.statusMessage,
      conditions: row.conditions as Condition[],
      options: meshOptionsSchema.parse(row.options),
      clusters: row.clusters
        .map(({ cluster }) => ({
          id: cluster.id,
          name: cluster.name,
          state: clusterState({ ...cluster, report: null }, now),
          simulated: simulated.has(cluster.id),
        }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
      operation: operation
        ? {
            id: operation.id,
            title: titleOf(operation.type as LifecycleType, operation.input as OperationInput),
          }
        : null,
      workloads: sumOf(row.clusters.map(({ clusterId }) => counts.get(clusterId))),
      policies: row._count.policies,
      upgradeTo: row.activeRelease ? upgradesFrom(row.activeRelease, platform.releases) : [],
      version: row.version,
      createdAt: row.createdAt.toISOString(),
    };
  });
}

/** Those that are the sandbox, without reading whole reports. */
async function simulatedOf(tx: Tx, clusterIds: string[]): Promise<Set<string>> {
  if (clusterIds.length === 0) return new Set();
  const rows = await tx.$queryRaw<{ id: string; version: string | null }[]>`
    SELECT id, report->'cluster'->>'kubernetesVersion' AS version FROM cluster WHERE id = ANY(${clusterIds})`;
  return new Set(
    rows.flatMap(({ id, version }) => (isSandboxKubernetes(version ?? '') ? [id] : [])),
  );
}

interface Count {
  total: number;
  enrolled: number;
}

const sumOf = (counts: (Count | undefined)[]): Count =>
  counts.reduce<Count>(
    (sum, count) => ({
      total: sum.total + (count?.total ?? 0),
      enrolled: sum.enrolled + (count?.enrolled ?? 0),
    }),
    { total: 0, enrolled: 0 },
  );

/** Counted in the database: inventories may be megabytes. Platform namespaces are not a user's workloads. */
async function workloadCounts(tx: Tx, clusterIds: string[]): Promise<Map<string, Count>> {
  if (clusterIds.length === 0) return new Map();
  const rows = await tx.$queryRaw<{ id: string; total: number; enrolled: number }[]>`
    SELECT c.id, count(*)::int AS total, count(*) FILTER (WHERE (w->>'enrolled')::int > 0)::int AS enrolled
    FROM cluster c CROSS JOIN LATERAL jsonb_array_elements(c.inventory->'workloads') AS w
    WHERE c.id = ANY(${clusterIds}) AND w->>'namespace' NOT IN ('kube-system', 'istio-system', 'ambit-system')
    GROUP BY c.id`;
  return new Map(rows.map(({ id, total, enrolled }) => [id, { total, enrolled }]));
}
