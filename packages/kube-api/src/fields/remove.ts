import type { SchemaNode } from '../schema/node.ts';
import { isObject, type JsonObject, type JsonValue } from '../types.ts';
import { childOf, elementOf, shapeOf } from './elements.ts';
import { difference, type FieldSet, intersection, union } from './set.ts';
import { fieldSetOf } from './field-set.ts';

/** What becomes of a map or list that loses its last entry. */
type WhenEmptied = (value: JsonValue, kept: FieldSet | undefined) => JsonValue | undefined;

/** In passing: the field is still there, only without content. */
const leaveNull: WhenEmptied = () => null;

/** In the end: it goes, unless somebody owns the map or list itself. */
const dropUnlessOwned: WhenEmptied = (value, owned) => {
  if (owned?.member !== true) return undefined;
  return Array.isArray(value) ? [] : {};
};

/** A copy of `value` without the members of `set`; what is a member goes with all below it. */
function removeFields(
  value: JsonValue,
  set: FieldSet,
  node: SchemaNode | undefined,
  whenEmptied: WhenEmptied,
  owned?: FieldSet,
): JsonValue | undefined {
  const shape = shapeOf(value, node);
  if (shape === 'leaf' || set.children === undefined) return value;
  if (shape === 'list') {
    const kept: JsonValue[] = [];
    for (const item of value as JsonValue[]) {
      const element = elementOf(item, node!);
      const below = set.children.get(element);
      if (below?.member === true) continue;
      const ownedBelow = owned?.children?.get(element);
      const rest =
        below === undefined
          ? item
          : removeFields(item, below, node!.items, whenEmptied, ownedBelow);
      if (rest !== undefined) kept.push(rest);
    }
    return kept.length > 0 || (value as JsonValue[]).length === 0
      ? kept
      : whenEmptied(value, owned);
  }
  if (!isObject(value)) return value;
  const rest: JsonObject = {};
  const keys = Object.keys(value);
  for (const key of keys) {
    const below = set.children.get(`f:${key}`);
    if (below?.member === true) continue;
    const inner = value[key];
    if (inner === undefined) continue;
    const left =
      below === undefined
        ? inner
        : removeFields(
            inner,
            below,
            childOf(node, key),
            whenEmptied,
            owned?.children?.get(`f:${key}`),
          );
    if (left !== undefined) rest[key] = left;
  }
  return Object.keys(rest).length > 0 || keys.length === 0 ? rest : whenEmptied(value, owned);
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
  const pruned = removeFields(merged, lastNamed, node, leaveNull) ?? {};
  const mergedSet = withNamedParents(fieldSetOf(merged, node), node);
  const kept = union(
    withNamedParents(fieldSetOf(pruned, node), node),
    withNamedParents(owned, node),
  );
  const restored = removeFields(merged, difference(mergedSet, kept), node, leaveNull) ?? {};
  const restoredSet = withNamedParents(fieldSetOf(restored, node), node);
  const abandoned = intersection(difference(mergedSet, restoredSet), lastNamed);
  return removeFields(merged, abandoned, node, dropUnlessOwned, owned) ?? {};
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
