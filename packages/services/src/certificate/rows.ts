import type { z } from 'zod';
import { dayMs, defaultCertificateDays } from '@ambit/analysis/certificate-days';
import { readCertificate } from '@ambit/analysis/istio/certificates';
import { authorityKind, authoritySpecSchema } from '@ambit/contracts/agent/authority';
import type { KubeObject } from '@ambit/contracts/common';
import type { certificateList } from '@ambit/contracts/operations/certificate';
import type { Tx } from '@ambit/db/database';
import { referencesOf } from '@ambit/istio/references';

export type CertificateAnswer = z.input<typeof certificateList.output>['items'][number];

interface ClusterOfMesh {
  id: string;
  name: string;
  meshId: string;
  certificateDays: number;
}

interface Told {
  clusterId: string;
  object: KubeObject;
}

/** What names Secrets as certificates, beside the mesh's own policies. */
const namingKinds = ['Gateway', 'DestinationRule', 'ListenerSet', 'Sidecar'];

/**
 * Certificates of meshes in the clusters they are in: of the CA, and of Secrets that a Gateway or another of those
 * kinds names. As told by agents; nothing of a cluster that tells none.
 */
export async function certificatesOfMeshes(
  tx: Tx,
  where: { meshId?: string | undefined; clusterId?: string | undefined },
  now: Date,
): Promise<CertificateAnswer[]> {
  const clusters = await tx.$queryRaw<ClusterOfMesh[]>`
    SELECT c.id, c.name, m.mesh_id AS "meshId", coalesce(d.certificate_days, ${defaultCertificateDays})::int AS "certificateDays"
    FROM mesh_cluster m JOIN cluster c ON c.id = m.cluster_id LEFT JOIN mesh_diagnosis d ON d.mesh_id = m.mesh_id
    WHERE (${where.meshId ?? null}::text IS NULL OR m.mesh_id = ${where.meshId ?? null})
      AND (${where.clusterId ?? null}::text IS NULL OR c.id = ${where.clusterId ?? null})`;
  if (clusters.length === 0) return [];
  const clusterIds = clusters.map(({ id }) => id);
  const told = await tx.$queryRaw<Told[]>`
    SELECT cluster_id AS "clusterId", object FROM cluster_object
    WHERE cluster_id = ANY(${clusterIds}) AND origin = 'fact' AND NOT truncated
      AND ((api_group = '' AND kind = 'Secret') OR (api_group = 'ambit.dev' AND kind = ${authorityKind.kind}))`;
  const users = await usersOf(tx, clusters);
  const byCluster = Map.groupBy(told, ({ clusterId }) => clusterId);
  return clusters.flatMap((cluster) => {
    const usersHere = users(cluster);
    return (byCluster.get(cluster.id) ?? []).flatMap(({ object }) =>
      object.kind === authorityKind.kind
        ? ofAuthority(cluster, object, now)
        : ofSecret(cluster, object, usersHere, now),
    );
  });
}

/** `Kind namespace/name` of what names a Secret, by `namespace/name`, or by the name alone as Istio's kinds do. */
type Users = ReadonlyMap<string, ReadonlySet<string>>;

async function usersOf(tx: Tx, clusters: ClusterOfMesh[]): Promise<(of: ClusterOfMesh) => Users> {
  const clusterIds = clusters.map(({ id }) => id);
  const meshIds = [...new Set(clusters.map(({ meshId }) => meshId))];
  const own = await tx.$queryRaw<{ meshId: string; object: KubeObject }[]>`
    SELECT mesh_id AS "meshId", object FROM policy
    WHERE mesh_id = ANY(${meshIds}) AND deleted_at IS NULL AND kind = ANY(${namingKinds})
      AND object::text ~ 'credentialName|certificateRefs'`;
  const direct = await tx.$queryRaw<Told[]>`
    SELECT cluster_id AS "clusterId", object FROM cluster_object
    WHERE cluster_id = ANY(${clusterIds}) AND origin = 'direct' AND kind = ANY(${namingKinds}) AND NOT truncated
      AND object::text ~ 'credentialName|certificateRefs'`;
  const ownBy = Map.groupBy(own, ({ meshId }) => meshId);
  const directBy = Map.groupBy(direct, ({ clusterId }) => clusterId);
  return ({ id, meshId }) => {
    const objects = [...(ownBy.get(meshId) ?? []), ...(directBy.get(id) ?? [])].map(
      ({ object }) => object,
    );
    const users = new Map<string, Set<string>>();
    for (const object of objects) {
      const user = `${object.kind} ${placeOf(object)}`;
      for (const { kind, namespace, name } of referencesOf([object])) {
        if (kind !== 'Secret') continue;
        const key = namespace === null ? name : `${namespace}/${name}`;
        users.set(key, (users.get(key) ?? new Set()).add(user));
      }
    }
    return users;
  };
}

const placeOf = ({ metadata }: KubeObject): string =>
  `${metadata.namespace ?? ''}/${metadata.name}`;

function stateOf(
  notAfter: number,
  { certificateDays }: ClusterOfMesh,
  now: Date,
): CertificateAnswer['state'] {
  const leftMs = notAfter - now.getTime();
  if (leftMs <= 0) return 'expired';
  return leftMs < certificateDays * dayMs ? 'expiring' : 'valid';
}

const shared = ({ id, name, meshId }: ClusterOfMesh) => ({
  meshId,
  clusterId: id,
  clusterName: name,
});

function ofAuthority(cluster: ClusterOfMesh, object: KubeObject, now: Date): CertificateAnswer[] {
  const { success, data } = authoritySpecSchema.safeParse(object['spec']);
  if (!success) return [];
  const kind = data.source === 'istio-ca-root-cert' ? 'ConfigMap' : 'Secret';
  return data.certificates.map((each, at) => ({
    id: `${cluster.id}/authority/${placeOf(object)}/${at}`,
    ...shared(cluster),
    use: 'authority',
    usedBy: [],
    source: `${kind} ${placeOf(object)}`,
    role: each.role,
    subject: each.subject,
    issuer: each.issuer,
    notBefore: each.notBefore,
    notAfter: each.notAfter,
    state: stateOf(Date.parse(each.notAfter), cluster, now),
    isSelfSigned: data.isSelfSigned,
  }));
}

function ofSecret(
  cluster: ClusterOfMesh,
  object: KubeObject,
  users: Users,
  now: Date,
): CertificateAnswer[] {
  const place = placeOf(object);
  const usedBy = [...(users.get(place) ?? []), ...(users.get(object.metadata.name) ?? [])].sort();
  if (usedBy.length === 0) return [];
  const data = (object['data'] ?? {}) as Record<string, string>;
  const pem = Buffer.from(data['cert'] ?? data['tls.crt'] ?? '', 'base64').toString('latin1');
  // Of a Secret that holds a CA to check clients by alone nothing is told.
  const found = readCertificate(pem);
  if (!found) return [];
  return [
    {
      id: `${cluster.id}/secret/${place}`,
      ...shared(cluster),
      use: 'gateway',
      usedBy,
      source: `Secret ${place}`,
      role: 'server',
      subject: found.subject.split('\n').join(', '),
      issuer: found.issuer.split('\n').join(', '),
      notBefore: new Date(found.notBefore).toISOString(),
      notAfter: new Date(found.notAfter).toISOString(),
      state: stateOf(found.notAfter, cluster, now),
      isSelfSigned: null,
    },
  ];
}
