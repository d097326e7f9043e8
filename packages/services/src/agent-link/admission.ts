import type { AdmissionSettings, ClusterAdmission } from '@ambit/contracts/agent/admission';
import type { Tx } from '@ambit/db/database';
import { raiseGeneration } from '../desired/set-desired.ts';
import { meshConfigOf } from '../diagnosis/mesh-config.ts';
import { loadSettings } from '../diagnosis/settings.ts';

/** What the webhook in a cluster goes by; null while its mesh wants none. */
export async function admissionOf(tx: Tx, clusterId: string): Promise<AdmissionSettings | null> {
  const member = await tx.meshCluster.findUnique({
    where: { clusterId },
    select: {
      mesh: {
        select: {
          id: true,
          options: true,
          clusterAdmission: true,
          _count: { select: { clusters: true } },
        },
      },
    },
  });
  if (!member) return null;
  const { id, options, clusterAdmission, _count } = member.mesh;
  const mode = clusterAdmission as ClusterAdmission;
  if (mode === 'off') return null;
  const { modes, suppressions } = await loadSettings(tx, id);
  return {
    mode,
    rules: Object.fromEntries(modes),
    suppressions,
    alone: _count.clusters === 1,
    meshConfig: { ...meshConfigOf(options) },
  };
}

/** Has the agents of a mesh's clusters read its settings of admission anew, where there is anybody to read them. */
export async function tellAdmission(tx: Tx, meshId: string, always = false): Promise<void> {
  const mesh = await tx.mesh.findUnique({
    where: { id: meshId },
    select: { clusterAdmission: true, clusters: { select: { clusterId: true } } },
  });
  if (!mesh || (mesh.clusterAdmission === 'off' && !always)) return;
  const ids = mesh.clusters.map(({ clusterId }) => clusterId).sort();
  for (const id of ids) await raiseGeneration(tx, id);
}

/** Before a mesh goes: its agents take their webhooks away while they still belong to it. */
export async function switchOffAdmission(tx: Tx, meshId: string): Promise<void> {
  const { count } = await tx.mesh.updateMany({
    where: { id: meshId, clusterAdmission: { not: 'off' } },
    data: { clusterAdmission: 'off' },
  });
  if (count > 0) await tellAdmission(tx, meshId, true);
}
