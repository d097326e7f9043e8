import type { KubeObject } from '@ambit/contracts/common';
import type { ManagedFields } from '../../kube/watch.ts';
import { differences, isIgnored } from './pointers.ts';

export const fieldManager = 'ambit-agent';

/** Parts of an object that say nothing about what was wanted. */
const bookkeeping = [
  '/status',
  '/metadata/managedFields',
  '/metadata/resourceVersion',
  '/metadata/generation',
  '/metadata/uid',
  '/metadata/creationTimestamp',
  '/metadata/selfLink',
  '/metadata/annotations/deployment.kubernetes.io~1revision',
  '/metadata/annotations/deprecated.daemonset.template.generation',
];

export interface Drift {
  fields: string[];
  /** Who set them last; empty when nobody is known. */
  manager: string;
}

/**
 * Compares what is with what applying would make of it (a dry run by the server, which knows its own defaults).
 * @returns null when applying would change nothing that counts
 */
export function driftOf(live: KubeObject, applied: KubeObject, ignored: string[]): Drift | null {
  const fields = differences(live, applied).filter(
    (pointer) => !isIgnored(pointer, bookkeeping) && !isIgnored(pointer, ignored),
  );
  if (fields.length === 0) return null;
  const managedFields = (live.metadata as { managedFields?: ManagedFields[] }).managedFields ?? [];
  return { fields: fields.slice(0, 20), manager: managerOf(managedFields, fields) };
}

/** The other manager that owns one of the fields; else the last one that wrote the object. */
export function managerOf(managedFields: ManagedFields[], pointers: string[]): string {
  const others = managedFields.filter(
    ({ manager, subresource }) => !manager.startsWith(fieldManager) && !subresource,
  );
  const owner = others.find(({ fieldsV1 }) => pointers.some((pointer) => owns(fieldsV1, pointer)));
  const latest = [...others].sort((a, b) => (b.time ?? '').localeCompare(a.time ?? ''))[0];
  return (owner ?? latest)?.manager ?? '';
}

/** Follows a pointer through fieldsV1 (`f:name`); inside a list keyed by content it is taken as owned. */
function owns(fieldsV1: object | undefined, pointer: string): boolean {
  let at: unknown = fieldsV1;
  for (const step of pointer.split('/').slice(1)) {
    if (typeof at !== 'object' || at === null) return false;
    const name = step.replace(/~1/g, '/').replace(/~0/g, '~');
    const next = (at as Record<string, unknown>)[`f:${name}`];
    if (next === undefined) {
      return /^\d+$/.test(step) && Object.keys(at).some((key) => /^[kv]:/.test(key));
    }
    at = next;
  }
  return true;
}
