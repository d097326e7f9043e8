import { equal, own } from '../json/value.ts';
import type { SchemaNode } from '../schema/node.ts';
import { isObject, type JsonValue } from '../types.ts';
import { childOf, elementOf, shapeOf } from './elements.ts';
import { descend, emptySet, type FieldSet, isEmpty, trim } from './set.ts';

export interface Comparison {
  added: FieldSet;
  modified: FieldSet;
  removed: FieldSet;
}

/** What a write changed, field by field under the schema. */
export function compare(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  node: SchemaNode,
): Comparison {
  const result = { added: emptySet(), modified: emptySet(), removed: emptySet() };
  walk(before, after, node, result);
  trim(result.added);
  trim(result.modified);
  trim(result.removed);
  result.added.member = false;
  result.removed.member = false;
  return result;
}

export const isSame = ({ added, modified, removed }: Comparison): boolean =>
  isEmpty(added) && isEmpty(modified) && isEmpty(removed);

const bare = (value: JsonValue | undefined): boolean =>
  value === undefined ||
  value === null ||
  (Array.isArray(value) && value.length === 0) ||
  (isObject(value) && Object.keys(value).length === 0);

const down = (at: Comparison, element: string): Comparison => ({
  added: descend(at.added, element),
  modified: descend(at.modified, element),
  removed: descend(at.removed, element),
});

function walk(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  node: SchemaNode | undefined,
  at: Comparison,
): void {
  if (before === undefined && after === undefined) return;
  const shape = shapeOf(after ?? before, node);
  const other = shapeOf(before ?? after, node);
  if (shape === 'leaf' || shape !== other || (bare(before) && bare(after))) {
    if (before === undefined) at.added.member = true;
    else if (after === undefined) at.removed.member = true;
    else if (!equal(before, after)) at.modified.member = true;
    return;
  }
  if (shape === 'list') walkList(before, after, node!, at);
  else walkMap(before, after, node, at);
  if (before === undefined) at.added.member = true;
  else if (after === undefined) at.removed.member = true;
}

function walkMap(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  node: SchemaNode | undefined,
  at: Comparison,
): void {
  const left = isObject(before) ? before : {};
  const right = isObject(after) ? after : {};
  for (const key of Object.keys(left)) {
    const old = left[key];
    const now = own(right, key);
    if (old === now) continue;
    walk(old, now, childOf(node, key), down(at, `f:${key}`));
  }
  for (const key of Object.keys(right)) {
    if (own(left, key) === undefined) {
      walk(undefined, right[key], childOf(node, key), down(at, `f:${key}`));
    }
  }
}

function walkList(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  node: SchemaNode,
  at: Comparison,
): void {
  const left = byElement(before, node);
  const right = byElement(after, node);
  for (const [element, olds] of left) {
    const news = right.get(element) ?? [];
    const child = down(at, element);
    if (olds.length <= 1 && news.length <= 1) walk(olds[0], news[0], node.items, child);
    else if (olds.length > 1 && news.length > 1) {
      if (!equal(olds, news)) child.modified.member = true;
    } else if (olds.length > 1) {
      if (news.length > 0) walk(undefined, news[0], node.items, child);
      child.removed.member = true;
    } else {
      walk(olds[0], undefined, node.items, child);
      child.added.member = true;
    }
  }
  for (const [element, news] of right) {
    if (left.has(element)) continue;
    const child = down(at, element);
    if (news.length > 1) child.added.member = true;
    else walk(undefined, news[0], node.items, child);
  }
}

function byElement(list: JsonValue | undefined, node: SchemaNode): Map<string, JsonValue[]> {
  const items = new Map<string, JsonValue[]>();
  if (!Array.isArray(list)) return items;
  for (const item of list) {
    const element = elementOf(item, node);
    const same = items.get(element);
    if (same === undefined) items.set(element, [item]);
    else same.push(item);
  }
  return items;
}
