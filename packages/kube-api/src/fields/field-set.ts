import type { SchemaNode } from '../schema/node.ts';
import { isObject, type JsonValue } from '../types.ts';
import { childOf, elementOf, shapeOf } from './elements.ts';
import { descend, emptySet, type FieldSet, trim } from './set.ts';

/** The fields that an applied configuration speaks of. */
export function fieldSetOf(value: JsonValue, node: SchemaNode): FieldSet {
  const set = emptySet();
  collect(value, node, set);
  return trim(set);
}

function collect(value: JsonValue | undefined, node: SchemaNode | undefined, set: FieldSet): void {
  const shape = shapeOf(value, node);
  if (shape === 'leaf') {
    set.member = true;
  } else if (shape === 'list') {
    for (const item of value as JsonValue[]) {
      const child = descend(set, elementOf(item, node!));
      child.member = true;
      collect(item, node!.items, child);
    }
  } else if (isObject(value)) {
    for (const key of Object.keys(value)) {
      const inner = value[key];
      if (inner === undefined) continue;
      const child = descend(set, `f:${key}`);
      collect(inner, childOf(node, key), child);
      const declared = node?.properties?.has(key) === true;
      if (!declared || (isObject(inner) && Object.keys(inner).length === 0)) child.member = true;
    }
  }
}
