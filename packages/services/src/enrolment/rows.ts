import type { Tx } from '@ambit/db/database';
import type { EnrolledMode } from '@ambit/istio/enrolment';
import type { EnrolmentRows } from '@ambit/istio/enrolment/rows';

/** What Ambit sets in the clusters of a mesh now. */
export async function currentRows(tx: Tx, meshId: string): Promise<EnrolmentRows> {
  return {
    namespaces: (await tx.enrolment.findMany({ where: { meshId } })).map(
      ({ clusterId, namespace, mode, waypoint, waypointNamespace }) => ({
        clusterId,
        namespace,
        mode: mode as EnrolledMode,
        waypoint,
        waypointNamespace,
      }),
    ),
    services: (await tx.enrolmentService.findMany({ where: { meshId } })).map(
      ({ clusterId, namespace, name, waypoint, waypointNamespace }) => ({
        clusterId,
        namespace,
        name,
        waypoint,
        waypointNamespace,
      }),
    ),
  };
}

interface Place {
  tx: Tx;
  organisationId: string;
  meshId: string;
  now: Date;
}

/** Writes what is to be set; a row that asks for nothing goes. Repeating it changes nothing. */
export async function setEnrolmentRows(
  { tx, organisationId, meshId, now }: Place,
  { namespaces, services }: EnrolmentRows,
): Promise<void> {
  for (const { clusterId, namespace, mode, waypoint, waypointNamespace } of namespaces) {
    const key = { meshId, clusterId, namespace };
    if (mode === 'none') {
      await tx.enrolment.deleteMany({ where: key });
      continue;
    }
    const data = { mode, waypoint, waypointNamespace, updatedAt: now };
    await tx.enrolment.upsert({
      where: { meshId_clusterId_namespace: key },
      create: { ...key, organisationId, ...data },
      update: data,
    });
  }
  for (const { clusterId, namespace, name, waypoint, waypointNamespace } of services) {
    const key = { meshId, clusterId, namespace, name };
    if (waypoint === '') {
      await tx.enrolmentService.deleteMany({ where: key });
      continue;
    }
    const data = { waypoint, waypointNamespace, updatedAt: now };
    await tx.enrolmentService.upsert({
      where: { meshId_clusterId_namespace_name: key },
      create: { ...key, organisationId, ...data },
      update: data,
    });
  }
}
