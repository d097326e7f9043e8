import { compare, type Comparison } from '../fields/compare.ts';
import {
  descend,
  difference,
  emptySet,
  type FieldSet,
  intersection,
  isEmpty,
  sameSet,
  union,
} from '../fields/set.ts';
import type { SchemaNode } from '../schema/node.ts';
import type { JsonObject } from '../types.ts';
import { capUpdaters, identityOf, type Manager, type Managers } from './managers.ts';

/** Who writes, as managedFields names it. */
export interface Writer {
  name: string;
  apiVersion: string;
  subresource: string;
  /** RFC 3339, second precision. */
  time: string;
}

/** Identity and bookkeeping: nobody owns these. */
const unowned: FieldSet = (() => {
  const set = emptySet();
  for (const field of ['apiVersion', 'kind', 'metadata']) descend(set, `f:${field}`).member = true;
  const metadata = descend(set, 'f:metadata');
  for (const field of [
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'clusterName',
    'generation',
    'managedFields',
    'resourceVersion',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
  ]) {
    descend(metadata, `f:${field}`).member = true;
  }
  return set;
})();

export const withoutUnowned = (fields: FieldSet): FieldSet => difference(fields, unowned);

/**
 * Ownership after a create, update or patch: the writer owns what it changed, others lose what
 * was changed under them. `ignored`: top fields that this writer cannot change, whatever it says.
 */
export function trackUpdate(
  live: JsonObject | undefined,
  next: JsonObject,
  schema: SchemaNode,
  managers: Managers,
  writer: Writer,
  ignored: string[] = [],
): Managers {
  const changes = compare(live ?? {}, next, schema);
  for (const field of ignored) forgetField(changes, field);
  const after = withoutLost(managers, changes);
  const identity = identityOf({ ...writer, operation: 'Update' });
  const present = managers.get(identity);
  const fields = withoutUnowned(
    union(
      union(difference(present?.fields ?? emptySet(), changes.removed), changes.modified),
      changes.added,
    ),
  );
  put(after, identity, { ...writer, operation: 'Update', fields }, present);
  capUpdaters(after, union);
  return after;
}

function forgetField(changes: Comparison, field: string): void {
  for (const set of [changes.added, changes.modified, changes.removed]) {
    set.children?.delete(`f:${field}`);
  }
}

/** Puts a manager in; its time moves only when its fields do. */
export function put(
  managers: Managers,
  identity: string,
  manager: Manager,
  present: Manager | undefined,
): void {
  if (isEmpty(manager.fields)) {
    managers.delete(identity);
    return;
  }
  const unchanged =
    present !== undefined &&
    present.apiVersion === manager.apiVersion &&
    sameSet(present.fields, manager.fields);
  managers.set(identity, unchanged ? present : manager);
}

/** Others give up what a write changed or removed. */
export function withoutLost(managers: Managers, changes: Comparison, except?: string): Managers {
  const changed = union(union(changes.modified, changes.added), changes.removed);
  const kept: Managers = new Map();
  for (const [identity, manager] of managers) {
    if (identity === except || isEmpty(intersection(manager.fields, changed))) {
      kept.set(identity, manager);
      continue;
    }
    const fields = difference(manager.fields, changed);
    if (!isEmpty(fields)) kept.set(identity, { ...manager, fields });
  }
  return kept;
}
