import type { SchemaNode } from '../schema/node.ts';
import { isObject, type JsonObject, type JsonValue } from '../types.ts';
import { childOf, elementOf, shapeOf } from './elements.ts';
import { difference, type FieldSet, intersection, union } from './set.ts';
import { fieldSetOf } from './field-set.ts';

/** A copy of `value` without the members of `set`; what is a member goes with all below it. */
export function removeFields(
  value: JsonValue,
  set: FieldSet,
  node: SchemaNode | undefined,
): JsonValue | undefined {
  const shape = shapeOf(value, node);
  if (shape === 'leaf' || set.children === undefined) return value;
  if (shape === 'list') {
    const kept: JsonValue[] = [];
    for (const item of value as JsonValue[]) {
      const below = set.children.get(elementOf(item, node!));
      if (below?.member === true) continue;
      const rest = below === undefined ? item : removeFields(item, below, node!.items);
      if (rest !== undefined) kept.push(rest);
    }
    return kept.length > 0 || (value as JsonValue[]).length === 0 ? kept : undefined;
  }
  if (!isObject(value)) return value;
  const rest: JsonObject = {};
  const keys = Object.keys(value);
  for (const key of keys) {
    const below = set.children.get(`f:${key}`);
    if (below?.member === true) continue;
    const inner = value[key];
    if (inner === undefined) continue;
    rest[key] = below === undefined ? inner : removeFields(inner, below, childOf(node, key));
    if (rest[key] === undefined) delete rest[key];
  }
  return Object.keys(rest).length > 0 || keys.length === 0 ? rest : undefined;
}

/**
 * Removes from `merged` what `last` owned and nobody owns any more (`owned`: every manager's
 * fields now).
 */
export function pruneAbandoned(
  merged: JsonValue,
  last: FieldSet,
  owned: FieldSet,
  node: SchemaNode,
): JsonValue {
  const lastNamed = withNamedParents(last, node);
  const pruned = removeFields(merged, lastNamed, node) ?? {};
  const mergedSet = withNamedParents(fieldSetOf(merged, node), node);
  const kept = union(
    withNamedParents(fieldSetOf(pruned, node), node),
    withNamedParents(owned, node),
  );
  const restored = removeFields(merged, difference(mergedSet, kept), node) ?? {};
  const restoredSet = withNamedParents(fieldSetOf(restored, node), node);
  const abandoned = intersection(difference(mergedSet, restoredSet), lastNamed);
  return removeFields(merged, abandoned, node) ?? {};
}

/** Declared fields on the way to a member become members, so that they stand or fall with it. */
function withNamedParents(set: FieldSet, node: SchemaNode | undefined): FieldSet {
  if (set.children === undefined) return set;
  const children = new Map<string, FieldSet>();
  for (const [element, child] of set.children) {
    const isField = element.startsWith('f:');
    const below = isField ? childOf(node, element.slice(2)) : node?.items;
    const deeper = withNamedParents(child, below);
    const named =
      isField && node?.properties?.has(element.slice(2)) === true && child.children !== undefined;
    children.set(element, named && !deeper.member ? { ...deeper, member: true } : deeper);
  }
  return { member: set.member, children };
}
