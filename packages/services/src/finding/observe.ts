import type { AlertSeverity } from '@ambit/contracts/alerts';
import type { Tx } from '@ambit/db/database';
import type { Observation } from '../alert/facts.ts';

/** Findings that stand and are not suppressed, as alerts are raised for them. */
export async function observeFindings(tx: Tx): Promise<Observation[]> {
  const rows = await tx.finding.findMany({
    where: { resolvedAt: null },
    orderBy: { id: 'asc' },
  });
  const meshes = await tx.mesh.findMany({ select: { id: true, name: true } });
  const clusters = await tx.cluster.findMany({ select: { id: true, name: true } });
  const meshName = new Map(meshes.map(({ id, name }) => [id, name]));
  const clusterName = new Map(clusters.map(({ id, name }) => [id, name]));
  return rows
    .filter(({ suppressed }) => suppressed === null)
    .map((row) => ({
      source: 'finding',
      subject: row.id,
      meshId: row.meshId,
      severity: row.severity as AlertSeverity,
      summary: row.message.startsWith(row.resource)
        ? `${row.code} ${row.message}`
        : `${row.code} ${row.resource}: ${row.message}`,
      description: row.consequence,
      labels: {
        code: row.code,
        severity: row.severity,
        mesh: meshName.get(row.meshId) ?? row.meshId,
        namespace: row.namespace,
        kind: row.kind,
        name: row.name,
        resource: row.resource,
        cluster: clusterName.get(row.clusterId) ?? '',
      },
      link: `/meshes/${row.meshId}/findings/${row.id}`,
    }));
}
