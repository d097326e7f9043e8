import { isObject, type JsonObject, type JsonValue } from '../types.ts';
import type { SchemaNode } from './node.ts';

/**
 * Removes fields that the schema does not know, in place.
 * @returns the dotted paths of what was removed
 */
export function prune(value: JsonValue | undefined, node: SchemaNode): string[] {
  const unknown: string[] = [];
  walk(value, node, '', unknown);
  return unknown;
}

function walk(
  value: JsonValue | undefined,
  node: SchemaNode,
  path: string,
  unknown: string[],
): void {
  if (Array.isArray(value)) {
    const { items } = node;
    if (items === undefined || scalar(items)) return;
    for (let i = 0; i < value.length; i++) walk(value[i], items, `${path}[${i}]`, unknown);
    return;
  }
  if (!isObject(value)) return;
  if (node.properties === undefined && node.values === undefined && node.preserveUnknown) return;
  for (const key of Object.keys(value)) {
    const child = node.properties?.get(key) ?? node.values;
    if (child === undefined) {
      if (node.preserveUnknown) continue;
      if (node.type === 'object' || node.properties !== undefined) {
        unknown.push(path === '' ? key : `${path}.${key}`);
        delete (value as JsonObject)[key];
      }
    } else if (typeof value[key] === 'object') {
      walk(value[key], child, path === '' ? key : `${path}.${key}`, unknown);
    }
  }
}

const scalar = (node: SchemaNode): boolean =>
  node.properties === undefined &&
  node.values === undefined &&
  node.items === undefined &&
  node.type !== 'object';

/** Removes nulls of fields that allow none and have no default, in place: they count as not given. */
export function pruneNulls(value: JsonValue | undefined, node: SchemaNode | undefined): void {
  if (node === undefined) return;
  if (Array.isArray(value)) {
    for (const item of value) pruneNulls(item, node.items);
    return;
  }
  if (!isObject(value)) return;
  for (const key of Object.keys(value)) {
    const child = node.properties?.get(key) ?? node.values;
    if (child === undefined) continue;
    if (value[key] !== null) pruneNulls(value[key], child);
    else if (!child.nullable && child.default === undefined) delete (value as JsonObject)[key];
  }
}
