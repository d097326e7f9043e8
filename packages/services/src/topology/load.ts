import type { Inventory as ReportedInventory } from '@ambit/contracts/agent/protocol';
import type { ReportedProxy } from '@ambit/contracts/agent/telemetry';
import type { Tx } from '@ambit/db/database';
import { integrationsOf } from '../integration/rows.ts';
import type { IntegrationRow } from '../integration/settings.ts';
import { telemetryStates } from '../telemetry-store/read.ts';
import type { Facts, KubeLike } from './inventory.ts';

/** What a resident graph has to know of its mesh beside the traffic. */
export interface MeshKnown {
  name: string;
  clusters: { id: string; name: string }[];
  /** The agents of its clusters tell of traffic, where no Prometheus does. */
  agentsTell: boolean;
  integrations: IntegrationRow[];
  /** How many meshes the organisation has: a server of all of them tells of others too. */
  meshes: number;
  /** Equal texts are equal inventories, and equal reports of proxies. */
  inventoryKey: string;
  proxiesKey: string;
  /** Null: as they were, but for the proxies. */
  facts: Facts | null;
  /** Of each cluster, in their order, where they alone are others; else null. */
  proxies: (readonly ReportedProxy[] | null)[] | null;
}

const nothingYet = { inventoryKey: '', proxiesKey: '' };

/**
 * Reads what is known of a mesh now; of the inventory only what is not as in `have`. Agents tell of their proxies many times
 * a minute, and of everything else seldom.
 * @returns null when the mesh is gone
 */
export async function loadMesh(
  tx: Tx,
  meshId: string,
  have: Pick<MeshKnown, 'inventoryKey' | 'proxiesKey'> = nothingYet,
): Promise<MeshKnown | null> {
  const [mesh] = await tx.$queryRaw<
    { name: string; revision: bigint; meshes: bigint; telemetry: string | null }[]
  >`
    SELECT name, revision, options->>'telemetry' AS telemetry, (SELECT count(*) FROM mesh) AS meshes
    FROM mesh WHERE id = ${meshId}`;
  if (!mesh) return null;
  const clusters = await tx.$queryRaw<
    { id: string; name: string; seq: number; digest: string | null; proxies: Date | null }[]
  >`
    SELECT c.id, c.name, c.objects_seq AS seq, c.inventory->>'digest' AS digest,
      (SELECT proxies_at FROM telemetry_source WHERE cluster_id = c.id) AS proxies
    FROM cluster c JOIN mesh_cluster m ON m.cluster_id = c.id WHERE m.mesh_id = ${meshId} ORDER BY c.name`;
  const agentsTell = (mesh.telemetry ?? 'agent') === 'agent';
  const integrations = await integrationsOf(tx, meshId, ['prometheus']);
  const inventoryKey = JSON.stringify([
    Number(mesh.revision),
    clusters.map(({ id, name, seq, digest }) => [id, name, seq, digest]),
    agentsTell,
    integrations.length,
  ]);
  const proxiesKey = JSON.stringify(clusters.map(({ proxies }) => proxies));
  const isOther = inventoryKey !== have.inventoryKey;
  return {
    name: mesh.name,
    clusters: clusters.map(({ id, name }) => ({ id, name })),
    agentsTell,
    integrations,
    meshes: Number(mesh.meshes),
    inventoryKey,
    proxiesKey,
    facts: isOther
      ? await loadFacts(tx, meshId, clusters, agentsTell && integrations.length === 0)
      : null,
    proxies:
      isOther || proxiesKey === have.proxiesKey
        ? null
        : await loadProxies(
            tx,
            clusters.map(({ id }) => id),
          ),
  };
}

async function loadProxies(
  tx: Tx,
  clusterIds: string[],
): Promise<(readonly ReportedProxy[] | null)[]> {
  const states = await telemetryStates(tx, clusterIds);
  return clusterIds.map((id) => states.find(({ clusterId }) => clusterId === id)?.proxies ?? null);
}

/** Kinds of the clusters' objects that the inventory is made of. */
const kinds = ['Deployment', 'StatefulSet', 'DaemonSet', 'Service', 'ServiceEntry'];

async function loadFacts(
  tx: Tx,
  meshId: string,
  clusters: readonly { id: string; name: string }[],
  agentTells: boolean,
): Promise<Facts> {
  const ids = clusters.map(({ id }) => id);
  const rows = await tx.cluster.findMany({
    where: { id: { in: ids } },
    select: { id: true, inventory: true },
  });
  const objects = await tx.$queryRaw<{ clusterId: string; object: KubeLike }[]>`
    SELECT cluster_id AS "clusterId", object FROM cluster_object
    WHERE cluster_id = ANY(${ids}) AND kind = ANY(${kinds}) AND origin <> 'mesh' AND NOT truncated`;
  const policies = await tx.$queryRaw<{ object: KubeLike }[]>`
    SELECT object FROM policy WHERE mesh_id = ${meshId} AND deleted_at IS NULL AND kind = 'ServiceEntry'`;
  const proxies = await loadProxies(tx, ids);
  const byCluster = Map.groupBy(objects, ({ clusterId }) => clusterId);
  return {
    clusters: clusters.map(({ id, name }, at) => ({
      name,
      workloads:
        (rows.find((row) => row.id === id)?.inventory as ReportedInventory | null)?.workloads ?? [],
      objects: (byCluster.get(id) ?? []).map(({ object }) => object),
      proxies: proxies[at]!,
      agentTells,
    })),
    policies: policies.map(({ object }) => object),
  };
}
