import { own } from '../json/value.ts';
import type { SchemaNode } from '../schema/node.ts';
import type { JsonObject, JsonValue } from '../types.ts';
import { childOf, elementOf, shapeOf } from './elements.ts';

/** An applied configuration names the same list item twice. */
export class DuplicateItem extends Error {}

/** Lays an applied configuration over the live object; the configuration wins. */
export function merge(
  live: JsonValue | undefined,
  config: JsonValue | undefined,
  node: SchemaNode | undefined,
): JsonValue | undefined {
  if (config === undefined) return live;
  const shape = shapeOf(config, node);
  if (live === undefined || live === null || shape === 'leaf' || shapeOf(live, node) !== shape) {
    return config;
  }
  if (shape === 'list') return mergeList(live as JsonValue[], config as JsonValue[], node!);
  const merged: JsonObject = {};
  const left = live as JsonObject;
  const right = config as JsonObject;
  for (const key of Object.keys(left))
    merged[key] = merge(left[key], own(right, key), childOf(node, key));
  for (const key of Object.keys(right)) {
    if (own(left, key) === undefined) merged[key] = right[key];
  }
  return merged;
}

/**
 * Items of the configuration keep its order; items that only live has keep their place relative
 * to the shared items around them.
 */
function mergeList(live: JsonValue[], config: JsonValue[], node: SchemaNode): JsonValue[] {
  const wanted = new Map<string, JsonValue>();
  for (const item of config) {
    const element = elementOf(item, node);
    if (wanted.has(element))
      throw new DuplicateItem(`duplicate entries for key ${element.slice(2)}`);
    wanted.set(element, item);
  }
  const present = live.map((item) => elementOf(item, node));
  const first = new Map<string, JsonValue>();
  present.forEach((element, index) => {
    if (!first.has(element)) first.set(element, live[index]!);
  });
  const order = [...wanted.keys()];
  const shared = order.filter((element) => first.has(element));
  const merged: JsonValue[] = [];
  const take = (element: string): void => {
    const item = merge(first.get(element), wanted.get(element), node.items);
    if (item !== undefined) merged.push(item);
  };
  let left = 0;
  let right = 0;
  let next = 0;
  while (left < present.length || right < order.length) {
    const mine = present[left];
    const theirs = order[right];
    if (mine !== undefined && theirs !== undefined) {
      if (mine === theirs) {
        take(mine);
        left++;
        right++;
        next++;
        continue;
      }
      if (wanted.has(mine) && shared[next] !== undefined && shared[next] !== mine) {
        left++;
        continue;
      }
    }
    if (mine !== undefined && !wanted.has(mine)) {
      merged.push(live[left]!);
      left++;
      continue;
    }
    if (theirs === undefined) {
      left++;
      continue;
    }
    take(theirs);
    if (shared[next] === theirs) next++;
    right++;
  }
  return merged;
}
