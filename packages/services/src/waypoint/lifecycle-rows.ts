import type { KubeObject } from '@ambit/contracts/common';
import type { Tx } from '@ambit/db/database';
import { keyOf } from '@ambit/istio/enrolment/facts';
import type { EnrolmentRows } from '@ambit/istio/enrolment/rows';
import {
  defaultReclaimAfterS,
  type ReclaimMode,
  type ReclaimSetting,
} from '@ambit/istio/waypoint/reclaim';

/** What was there when a waypoint was released, so that it comes back the same. */
export interface Released {
  /** ISO time. */
  at: string;
  object: KubeObject;
  /** Labels that named it. */
  rows: EnrolmentRows;
}

export interface WaypointLifecycles {
  settings: ReclaimSetting[];
  /** Milliseconds since 1970, by the waypoint's key. */
  idleSince: Map<string, number>;
  released: Map<string, Released & { namespace: string; name: string }>;
}

export async function loadLifecycles(tx: Tx, meshId: string): Promise<WaypointLifecycles> {
  const rows = await tx.waypointLifecycle.findMany({
    where: { meshId },
    orderBy: [{ namespace: 'asc' }, { name: 'asc' }],
  });
  return {
    settings: rows.flatMap(({ namespace, name, mode, afterS }) =>
      mode === null
        ? []
        : [{ namespace, name, mode: mode as ReclaimMode, afterS: afterS ?? defaultReclaimAfterS }],
    ),
    idleSince: new Map(
      rows.flatMap(({ namespace, name, idleSince }) =>
        idleSince ? [[keyOf(namespace, name), idleSince.getTime()]] : [],
      ),
    ),
    released: new Map(
      rows.flatMap(({ namespace, name, released }) =>
        released
          ? [[keyOf(namespace, name), { namespace, name, ...(released as unknown as Released) }]]
          : [],
      ),
    ),
  };
}

interface Place {
  tx: Tx;
  organisationId: string;
  meshId: string;
}

/** Writes what is told of one row; what is left out stays. */
export async function putLifecycle(
  { tx, organisationId, meshId }: Place,
  { namespace, name }: { namespace: string; name: string },
  data: {
    mode?: ReclaimMode | null;
    afterS?: number | null;
    idleSince?: Date | null;
    released?: Released;
  },
): Promise<void> {
  const { released, ...others } = data;
  const values = { ...others, ...(released ? { released: released as object } : {}) };
  await tx.waypointLifecycle.upsert({
    where: { meshId_namespace_name: { meshId, namespace, name } },
    create: { meshId, namespace, name, organisationId, ...values },
    update: values,
  });
}

/** It is there again: nothing is to come back. */
export async function forgetReleased(
  { tx, meshId }: Place,
  { namespace, name }: { namespace: string; name: string },
): Promise<void> {
  await tx.$executeRaw`UPDATE waypoint_lifecycle SET released = NULL
    WHERE mesh_id = ${meshId} AND namespace = ${namespace} AND name = ${name}`;
}
