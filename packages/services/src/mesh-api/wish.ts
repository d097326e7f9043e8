import { createHash } from 'node:crypto';
import { findKind } from '@ambit/istio/kinds';
import { encodeObject } from '@ambit/kube-api/object-bytes';
import type { KubeObject, ObjectMeta } from '@ambit/kube-api/types';

export const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** Of the server, or with a meaning in this API alone: an owner's uid is another one in every cluster. */
const serverFields = new Set([
  'uid',
  'resourceVersion',
  'generation',
  'generateName',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'finalizers',
  'ownerReferences',
  'managedFields',
  'selfLink',
]);

/** What an object of the API asks of clusters, as it is delivered and shown by the other doors. */
export function wishOf(object: KubeObject): KubeObject {
  const { status: _status, ...rest } = object;
  const metadata = Object.fromEntries(
    Object.entries(object.metadata).filter(([key]) => !serverFields.has(key)),
  ) as ObjectMeta;
  if (metadata.annotations?.[lastApplied] !== undefined) {
    const { [lastApplied]: _text, ...annotations } = metadata.annotations;
    if (Object.keys(annotations).length > 0) metadata.annotations = annotations;
    else delete metadata.annotations;
  }
  return { ...rest, metadata } as KubeObject;
}

/** A row that was written before the API was there has no object of its own kept: it is made from what is wanted. */
export function objectOfRow(row: {
  id: string;
  object: unknown;
  version: number;
  revision: number;
  createdAt: Date;
}): KubeObject {
  const wish = row.object as KubeObject;
  const hex = createHash('sha256').update(row.id).digest('hex');
  return {
    ...wish,
    metadata: {
      ...wish.metadata,
      uid: `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`,
      generation: row.version,
      creationTimestamp: `${row.createdAt.toISOString().slice(0, 19)}Z`,
      resourceVersion: String(row.revision),
    },
  };
}

/** `plural.group` of a policy's kind; null for kinds that are no policies. */
export function resourceOf(group: string, kind: string): string | null {
  const known = findKind(group, kind);
  return known === undefined ? null : `${known.plural}.${group}`;
}

export const kubeText = (object: KubeObject, revision: number): string =>
  encodeObject(object, revision).toString('utf8');
