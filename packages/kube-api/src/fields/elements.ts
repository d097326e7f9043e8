import { canonical } from '../json/value.ts';
import type { SchemaNode } from '../schema/node.ts';
import { isObject, type JsonObject, type JsonValue } from '../types.ts';

/** How a value is merged: a whole, a map of fields, or a list whose items have identity. */
export type Shape = 'leaf' | 'map' | 'list';

/**
 * Shape of a value under its schema. Without a schema (preserve-unknown), maps are granular and
 * lists are atomic, as structured merge deduces them.
 */
export function shapeOf(value: JsonValue | undefined, node: SchemaNode | undefined): Shape {
  if (Array.isArray(value)) {
    return node === undefined || node.listType === 'atomic' ? 'leaf' : 'list';
  }
  if (isObject(value)) return node?.atomicMap === true ? 'leaf' : 'map';
  return 'leaf';
}

export const childOf = (node: SchemaNode | undefined, key: string): SchemaNode | undefined =>
  node?.properties?.get(key) ?? node?.values;

/** A list item lacks its keys, or is not an object. */
export class ItemWithoutKey extends Error {}

/** The path element of a list item: `k:{...}` by its keys, `v:...` by its value. */
export function elementOf(item: JsonValue, node: SchemaNode): string {
  if (node.listType === 'set') return `v:${canonical(item)}`;
  if (!isObject(item))
    throw new ItemWithoutKey('associative list with keys may not have non-map elements');
  const keys: JsonObject = {};
  let found = 0;
  for (const name of node.listKeys) {
    const value = item[name] ?? node.items?.properties?.get(name)?.default;
    if (value === undefined || value === null) continue;
    keys[name] = value;
    found++;
  }
  if (found === 0) {
    throw new ItemWithoutKey(
      `associative list with keys has an element that omits key field ${node.listKeys.map((key) => JSON.stringify(key)).join(', ')} (and doesn't have default value)`,
    );
  }
  return `k:${canonical(keys)}`;
}
