import { createHash } from 'node:crypto';
import {
  objectLimits,
  type ObjectOrigin,
  type ReportedObject,
  type Writer,
} from '@ambit/contracts/agent/objects';
import { canonicalJson } from '@ambit/contracts/canonical';
import type { KubeObject } from '@ambit/contracts/common';
import { generationAnnotation } from '@ambit/istio/labels';
import type { ManagedFields } from '../../kube/watch.ts';
import { applySetId, bundleLabel, parentName, partOfLabel } from '../bundle/applyset.ts';
import { fieldManager } from '../bundle/drift.ts';
import { compactPolicy, statusOnly, type Raw } from './compact.ts';
import { writerOf } from './writer.ts';

/** The object as it is told, with the digest by which both sides know it. */
export function reported(
  object: KubeObject,
  origin: ObjectOrigin,
  writer: Writer | null,
): ReportedObject {
  const text = canonicalJson({ object, origin, writer });
  const digest = createHash('sha256').update(text).digest('base64url').slice(0, 22);
  if (Buffer.byteLength(text) <= objectLimits.objectMaxBytes) {
    return { digest, origin, writer, object };
  }
  const { apiVersion, kind, metadata } = object;
  const { name, namespace, uid, generation } = metadata;
  const bare = { name, ...(namespace ? { namespace } : {}), uid, generation };
  return { digest, origin, writer, object: { apiVersion, kind, metadata: bare }, truncated: true };
}

/** Whether Ambit's own agent delivered it: marked as of one of its sets, or applied by it and unmarked since. */
export function isDelivered({ metadata }: Raw, agentNamespace: string): boolean {
  const { labels = {}, managedFields = [] } = metadata;
  const mark = labels[partOfLabel];
  if (mark === undefined) return managedFields.some(isOwnApply);
  return mark === applySetId(parentName(labels[bundleLabel] ?? ''), agentNamespace);
}

const isOwnApply = ({ manager, operation }: ManagedFields) =>
  manager === fieldManager && operation === 'Apply';

/** An Istio or Gateway API object: the status of our own, all of what others applied. */
export function reportPolicy(
  raw: Raw,
  apiVersion: string,
  kind: string,
  agentNamespace: string,
): ReportedObject {
  if (isDelivered(raw, agentNamespace)) {
    const own = statusOnly(raw, apiVersion, kind, (key) => key === generationAnnotation);
    return reported(own, 'mesh', null);
  }
  return reported(compactPolicy(raw, apiVersion, kind), 'direct', writerOf(raw.metadata));
}
