import type { Integration, IntegrationKind } from '@ambit/contracts/operations/integration';
import type { Tx } from '@ambit/db/database';
import { notFound } from '../kernel/errors.ts';
import type { IntegrationRow, Settings, Status } from './settings.ts';

/** @throws AmbitError not_found */
export async function findIntegration(tx: Tx, id: string): Promise<IntegrationRow> {
  const row = await tx.integration.findUnique({ where: { id } });
  if (!row) throw notFound('integration', id);
  return row;
}

/** As doors give them: with names, without secrets. */
export async function toIntegrations(tx: Tx, rows: IntegrationRow[]): Promise<Integration[]> {
  const clusters = await namesOf(
    rows.map(({ clusterId }) => clusterId),
    (ids) => tx.cluster.findMany({ where: { id: { in: ids } }, select: { id: true, name: true } }),
  );
  const meshes = await namesOf(
    rows.map(({ meshId }) => meshId),
    (ids) => tx.mesh.findMany({ where: { id: { in: ids } }, select: { id: true, name: true } }),
  );
  return rows.map((row) => {
    const { id, name, clusterId, meshId, url, version } = row;
    const status = row.status as Partial<Status>;
    return {
      id,
      kind: row.kind as IntegrationKind,
      name,
      clusterId,
      clusterName: clusterId === null ? null : (clusters.get(clusterId) ?? null),
      meshId,
      meshName: meshId === null ? null : (meshes.get(meshId) ?? null),
      address: url,
      ...(row.settings as unknown as Settings),
      // Rows of before there were pages of traces have none.
      traceUrl: (row.settings as unknown as Partial<Settings>).traceUrl ?? '',
      status: {
        state: status.state ?? 'unknown',
        problems: status.problems ?? [],
        at: status.at ?? null,
        lastOkAt: status.lastOkAt ?? null,
      },
      version,
      createdAt: row.createdAt.toISOString(),
    };
  });
}

export async function toIntegration(tx: Tx, row: IntegrationRow): Promise<Integration> {
  const [integration] = await toIntegrations(tx, [row]);
  return integration!;
}

async function namesOf(
  ids: (string | null)[],
  read: (ids: string[]) => Promise<{ id: string; name: string }[]>,
): Promise<Map<string, string>> {
  const known = [...new Set(ids.flatMap((id) => id ?? []))];
  if (known.length === 0) return new Map();
  return new Map((await read(known)).map(({ id, name }) => [id, name]));
}

/**
 * Integrations that tell of a mesh: its own, those of its clusters, and those of the organisation, by name.
 * @param kinds all when missing
 */
export async function integrationsOf(
  tx: Tx,
  meshId: string,
  kinds?: readonly IntegrationKind[],
): Promise<IntegrationRow[]> {
  const clusters = await tx.meshCluster.findMany({
    where: { meshId },
    select: { clusterId: true },
  });
  return tx.integration.findMany({
    where: {
      ...(kinds ? { kind: { in: [...kinds] } } : {}),
      OR: [
        { meshId },
        { clusterId: { in: clusters.map(({ clusterId }) => clusterId) } },
        { meshId: null, clusterId: null },
      ],
    },
    orderBy: { name: 'asc' },
  });
}
