import { compare, isSame } from '../fields/compare.ts';
import { fieldSetOf } from '../fields/field-set.ts';
import { merge } from '../fields/merge.ts';
import { pruneAbandoned } from '../fields/remove.ts';
import {
  difference,
  emptySet,
  type FieldSet,
  intersection,
  isEmpty,
  pathsOf,
  union,
} from '../fields/set.ts';
import type { SchemaNode } from '../schema/node.ts';
import { applyConflict, type StatusCause } from '../status.ts';
import type { JsonObject } from '../types.ts';
import { identityOf, type Manager, type Managers } from './managers.ts';
import { put, withoutLost, withoutUnowned, type Writer } from './track.ts';

export interface Applied {
  object: JsonObject;
  managers: Managers;
}

/**
 * Server-side apply: merges `config` into `live`, removes what this applier owned alone and no
 * longer asks for, and settles ownership.
 * @param tolerated fields whose conflicts count as forced when there are no others
 * @throws ApiError 409 with one cause a field that another manager owns with another value,
 *   unless `force`
 */
export function applyConfiguration(
  live: JsonObject,
  config: JsonObject,
  schema: SchemaNode,
  managers: Managers,
  writer: Writer,
  force: boolean,
  tolerated: FieldSet = emptySet(),
): Applied {
  const identity = identityOf({ ...writer, operation: 'Apply' });
  const last = managers.get(identity);
  const fields = fieldSetOf(config, schema);

  let object = merge(live, config, schema) as JsonObject;
  if (last !== undefined && !isEmpty(last.fields)) {
    const owned = [...managers]
      .filter(([other]) => other !== identity)
      .reduce((all, [, other]) => union(all, other.fields), fields ?? emptySet());
    object = pruneAbandoned(object, last.fields, owned, schema) as JsonObject;
  }

  const changes = compare(live, object, schema);
  const changed = union(changes.modified, changes.added);
  if (!force) {
    const causes: StatusCause[] = [];
    for (const [other, { fields: theirs, ...who }] of managers) {
      if (other === identity) continue;
      for (const field of pathsOf(difference(intersection(theirs, changed), tolerated))) {
        causes.push({ reason: 'FieldManagerConflict', message: conflictWith(who), field });
      }
    }
    if (causes.length > 0) throw applyConflict(causes);
  }

  const after = withoutLost(managers, changes, identity);
  // An apply that changes nothing but ownership keeps no time of its own, as upstream.
  const time = isSame(changes) ? last?.time : writer.time;
  const manager: Manager = { ...writer, time, operation: 'Apply', fields: withoutUnowned(fields) };
  put(after, identity, manager, last);
  return { object, managers: after };
}

function conflictWith(manager: Omit<Manager, 'fields'>): string {
  let text = `conflict with ${JSON.stringify(manager.name)}`;
  if (manager.subresource !== '')
    text += ` with subresource ${JSON.stringify(manager.subresource)}`;
  if (manager.operation === 'Update') text += ` using ${manager.apiVersion}`;
  return text;
}
