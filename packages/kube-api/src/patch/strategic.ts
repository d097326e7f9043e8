import { canonical, equal, own } from '../json/value.ts';
import type { SchemaNode } from '../schema/node.ts';
import { badRequest } from '../status.ts';
import { isObject, type JsonObject, type JsonValue } from '../types.ts';

const SET_ORDER = '$setElementOrder/';
const DELETE_FROM = '$deleteFromPrimitiveList/';

/**
 * Strategic merge patch: lists with a merge key are merged item by item; the directives
 * `$patch`, `$retainKeys`, `$setElementOrder/x` and `$deleteFromPrimitiveList/x` are obeyed.
 */
export function strategicMerge(
  target: JsonObject,
  patch: JsonObject,
  node: SchemaNode | undefined,
): JsonObject {
  const directive = patch.$patch;
  if (directive === 'replace') return withoutDirectives(patch);
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge') {
    throw badRequest(`invalid directive: $patch: ${JSON.stringify(directive)}`);
  }
  const result: JsonObject = { ...target };
  const retained = patch.$retainKeys;
  if (Array.isArray(retained)) {
    for (const key of Object.keys(result)) if (!retained.includes(key)) delete result[key];
  }
  for (const key of Object.keys(patch)) {
    if (!key.startsWith(DELETE_FROM)) continue;
    const name = key.slice(DELETE_FROM.length);
    const gone = patch[key];
    const list = own(result, name);
    if (Array.isArray(list) && Array.isArray(gone)) {
      result[name] = list.filter((item) => !gone.some((other) => equal(item, other)));
    }
  }
  for (const key of Object.keys(patch)) {
    if (key.startsWith('$')) continue;
    const value = patch[key];
    if (value === undefined) continue;
    const child = node?.properties?.get(key) ?? node?.values;
    if (value === null) delete result[key];
    else if (isObject(value)) {
      const present = own(result, key);
      result[key] = strategicMerge(isObject(present) ? present : {}, value, child);
    } else if (Array.isArray(value)) {
      const present = own(result, key);
      result[key] = mergeList(Array.isArray(present) ? present : [], value, child);
    } else result[key] = value;
  }
  for (const key of Object.keys(patch)) {
    if (!key.startsWith(SET_ORDER)) continue;
    const name = key.slice(SET_ORDER.length);
    const list = own(result, name);
    const order = patch[key];
    const child = node?.properties?.get(name);
    if (Array.isArray(list) && Array.isArray(order)) result[name] = reorder(list, order, child);
  }
  return result;
}

/** The key by which items are told apart; undefined when the list is replaced as a whole. */
function mergeKeyOf(node: SchemaNode | undefined): string | undefined {
  if (node?.patchMergeKey !== undefined) return node.patchMergeKey;
  return node?.listType === 'map' ? node.listKeys[0] : undefined;
}

function mergeList(
  target: JsonValue[],
  patch: JsonValue[],
  node: SchemaNode | undefined,
): JsonValue[] {
  const key = mergeKeyOf(node);
  if (key === undefined) {
    if (node?.patchStrategy !== 'merge' && node?.listType !== 'set')
      return withoutListDirectives(patch);
    const added = patch.filter((item) => !target.some((other) => equal(item, other)));
    return [...target, ...added];
  }
  if (
    patch.some(
      (item) => isObject(item) && item.$patch === 'replace' && own(item, key) === undefined,
    )
  ) {
    return withoutListDirectives(patch);
  }
  const idOf = (item: JsonValue): string => canonical(isObject(item) ? own(item, key) : undefined);
  const present = new Map(target.map((item) => [idOf(item), item]));
  const position = new Map(target.map((item, index) => [idOf(item), index]));
  const touched = new Set<string>();
  const patched: JsonValue[] = [];
  for (const item of patch) {
    if (!isObject(item)) throw badRequest(`the items of a list merged by ${key} are objects`);
    if (own(item, key) === undefined) {
      throw badRequest(`map: ${canonical(item)} does not contain declared merge key: ${key}`);
    }
    const id = idOf(item);
    touched.add(id);
    if (item.$patch === 'delete') continue;
    const before = present.get(id);
    patched.push(
      isObject(before) ? strategicMerge(before, item, node?.items) : withoutDirectives(item),
    );
  }
  const others = target.filter((item) => !touched.has(idOf(item)));
  return interleave(others, patched, (item) => position.get(idOf(item)) ?? -1);
}

/** Untouched and patched items by their old places; new ones come before what is untouched. */
function interleave(
  others: JsonValue[],
  patched: JsonValue[],
  position: (item: JsonValue) => number,
): JsonValue[] {
  const result: JsonValue[] = [];
  let left = 0;
  let right = 0;
  while (left < others.length && right < patched.length) {
    const first = position(others[left]!) < position(patched[right]!);
    result.push(first ? others[left++]! : patched[right++]!);
  }
  return [...result, ...others.slice(left), ...patched.slice(right)];
}

/** Items that the order names come in that order; the others stay behind their neighbours. */
function reorder(list: JsonValue[], order: JsonValue[], node: SchemaNode | undefined): JsonValue[] {
  const key = mergeKeyOf(node);
  const idOf = (item: JsonValue): string =>
    canonical(key === undefined || !isObject(item) ? item : own(item, key));
  const rank = new Map(order.map((item, index) => [idOf(item), index]));
  const named = list.filter((item) => rank.has(idOf(item)));
  named.sort((a, b) => rank.get(idOf(a))! - rank.get(idOf(b))!);
  let next = 0;
  return list.map((item) => (rank.has(idOf(item)) ? named[next++]! : item));
}

const withoutListDirectives = (list: JsonValue[]): JsonValue[] =>
  list
    .filter(
      (item) => !(isObject(item) && item.$patch !== undefined && Object.keys(item).length === 1),
    )
    .map((item) => (isObject(item) ? withoutDirectives(item) : item));

function withoutDirectives(value: JsonObject): JsonObject {
  const result: JsonObject = {};
  for (const key of Object.keys(value)) {
    if (key.startsWith('$')) continue;
    const inner = value[key];
    if (inner === null) continue;
    result[key] = Array.isArray(inner)
      ? withoutListDirectives(inner)
      : isObject(inner)
        ? withoutDirectives(inner)
        : inner;
  }
  return result;
}
