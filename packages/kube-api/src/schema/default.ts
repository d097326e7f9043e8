import { clone } from '../json/value.ts';
import { isObject, type JsonValue } from '../types.ts';
import type { SchemaNode } from './node.ts';

/** Fills in the schema's defaults, in place, and drops nulls where a default stands instead. */
export function applyDefaults(value: JsonValue | undefined, node: SchemaNode): void {
  if (!node.defaults) return;
  if (Array.isArray(value)) {
    if (node.items === undefined || !node.items.defaults) return;
    for (const item of value) applyDefaults(item, node.items);
    return;
  }
  if (!isObject(value)) return;
  if (node.properties !== undefined) {
    for (const [name, child] of node.properties) {
      if (!child.defaults) continue;
      const present = Object.hasOwn(value, name) ? value[name] : undefined;
      if (
        child.default !== undefined &&
        (present === undefined || (present === null && !child.nullable))
      ) {
        value[name] = clone(child.default);
      }
      applyDefaults(value[name], child);
    }
  }
  if (node.values?.defaults === true) {
    for (const key of Object.keys(value)) {
      if (node.properties?.has(key) !== true) applyDefaults(value[key], node.values);
    }
  }
}
