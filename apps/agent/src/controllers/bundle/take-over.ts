import type { Bundle } from '@ambit/contracts/agent/bundle';
import type { KubeObject, ObjectRef } from '@ambit/contracts/common';
import { mergePatch, type Cluster } from '../../kube/objects.ts';
import { groupOf } from '../../kube/resources.ts';
import type { ManagedFields } from '../../kube/watch.ts';

/** Whether a person decided that this very object changes hands, and it is still what was decided about. */
export function mayTakeOver(
  { takeOver = [] }: Pick<Bundle, 'takeOver'>,
  ref: ObjectRef,
  live: KubeObject,
): boolean {
  const { uid, generation } = live.metadata as { uid?: string; generation?: number };
  return takeOver.some(
    (one) =>
      one.group === groupOf(ref.apiVersion) &&
      one.kind === ref.kind &&
      one.namespace === (ref.namespace ?? '') &&
      one.name === ref.name &&
      one.uid === uid &&
      (one.generation === null || one.generation === generation),
  );
}

/**
 * Makes one manager the owner of everything that others set on an object, so that the apply that follows removes what
 * is no longer wanted; the object itself stays as it is. Who writes statuses keeps them. As kubectl moves from
 * client-side to server-side apply (k8s.io/client-go/util/csaupgrade).
 * @throws KubeError 409 when somebody wrote the object meanwhile
 */
export async function handOver(
  cluster: Cluster,
  ref: ObjectRef,
  live: KubeObject,
  manager: string,
  signal: AbortSignal,
): Promise<void> {
  const managedFields = handedOver(live, manager);
  if (!managedFields) return;
  const { resourceVersion } = live.metadata;
  await mergePatch(cluster, ref, { metadata: { resourceVersion, managedFields } }, manager, signal);
}

/** Pure: the managed fields after it; null when nobody owns anything. */
export function handedOver(live: KubeObject, manager: string): object[] | null {
  const { managedFields = [] } = live.metadata as { managedFields?: ManagedFields[] };
  const owners = managedFields.filter(({ subresource }) => !subresource);
  if (owners.length === 0) return null;
  const fieldsV1 = owners.reduce((all, { fieldsV1: fields = {} }) => union(all, fields), {});
  return [
    ...managedFields.filter(({ subresource }) => subresource),
    {
      manager,
      operation: 'Apply',
      apiVersion: live.apiVersion,
      time: `${new Date().toISOString().slice(0, 19)}Z`,
      fieldsType: 'FieldsV1',
      fieldsV1,
    },
  ];
}

type Fields = Record<string, object>;

const union = (a: object, b: object): object => {
  const merged: Fields = { ...(a as Fields) };
  for (const [key, fields] of Object.entries(b as Fields)) {
    merged[key] = merged[key] ? union(merged[key], fields) : fields;
  }
  return merged;
};
