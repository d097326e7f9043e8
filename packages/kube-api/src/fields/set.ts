import { canonical } from '../json/value.ts';
import { isObject, type JsonObject, type JsonValue } from '../types.ts';

/**
 * A set of field paths as a tree. An edge is a path element in FieldsV1 spelling: `f:name` for a
 * field or map key, `k:{...}` for an item of a keyed list, `v:...` for an item of a set,
 * `i:N` for an index.
 */
export interface FieldSet {
  /** The path that leads here belongs to the set. */
  member: boolean;
  children: Map<string, FieldSet> | undefined;
}

export const emptySet = (): FieldSet => ({ member: false, children: undefined });

export const isEmpty = (set: FieldSet): boolean =>
  !set.member && (set.children === undefined || set.children.size === 0);

/** The child along an element, made when it is not there. */
export function descend(set: FieldSet, element: string): FieldSet {
  set.children ??= new Map();
  let child = set.children.get(element);
  if (child === undefined) {
    child = emptySet();
    set.children.set(element, child);
  }
  return child;
}

/** Drops branches that hold no member. */
export function trim(set: FieldSet): FieldSet {
  if (set.children !== undefined) {
    for (const [element, child] of set.children) {
      trim(child);
      if (isEmpty(child)) set.children.delete(element);
    }
    if (set.children.size === 0) set.children = undefined;
  }
  return set;
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  const result: FieldSet = { member: a.member || b.member, children: undefined };
  if (a.children === undefined && b.children === undefined) return result;
  result.children = new Map(a.children);
  for (const [element, child] of b.children ?? []) {
    const present = a.children?.get(element);
    result.children.set(element, present === undefined ? child : union(present, child));
  }
  return result;
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const result: FieldSet = { member: a.member && b.member, children: undefined };
  for (const [element, child] of a.children ?? []) {
    const other = b.children?.get(element);
    if (other === undefined) continue;
    const both = intersection(child, other);
    if (!isEmpty(both)) (result.children ??= new Map()).set(element, both);
  }
  return result;
}

/** Members of `a` that are not members of `b`. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  const result: FieldSet = { member: a.member && !b.member, children: undefined };
  for (const [element, child] of a.children ?? []) {
    const other = b.children?.get(element);
    const rest = other === undefined ? child : difference(child, other);
    if (!isEmpty(rest)) (result.children ??= new Map()).set(element, rest);
  }
  return result;
}

export function sameSet(a: FieldSet, b: FieldSet): boolean {
  return isEmpty(difference(a, b)) && isEmpty(difference(b, a));
}

const rank = (element: string): number => 'fkvi'.indexOf(element[0]!);

const compareElements = (a: string, b: string): number => {
  const byKind = rank(a) - rank(b);
  if (byKind !== 0) return byKind;
  if (a === b) return 0;
  return a < b ? -1 : 1;
};

/** The set as FieldsV1, its keys in order. */
export function toFieldsV1(set: FieldSet): JsonObject {
  const fields: JsonObject = {};
  if (set.children === undefined) return fields;
  if (set.member) fields['.'] = {};
  for (const element of [...set.children.keys()].sort(compareElements)) {
    fields[element] = toFieldsV1(set.children.get(element)!);
  }
  return fields;
}

/** FieldsV1 to a set; elements in no known spelling are ignored. */
export function fromFieldsV1(fields: JsonValue | undefined): FieldSet {
  const set = emptySet();
  if (!isObject(fields)) return set;
  for (const [element, below] of Object.entries(fields)) {
    if (!/^[fkvi]:/.test(element) || !isObject(below)) continue;
    const child = fromFieldsV1(below);
    child.member = child.children === undefined || Object.hasOwn(below, '.');
    (set.children ??= new Map()).set(canonicalElement(element), child);
  }
  return set;
}

function canonicalElement(element: string): string {
  if (element[0] !== 'k' && element[0] !== 'v') return element;
  try {
    return `${element.slice(0, 2)}${canonical(JSON.parse(element.slice(2)) as JsonValue)}`;
  } catch {
    return element;
  }
}

/** Every member as a readable path (`.spec.ports[containerPort=80].name`), in order. */
export function pathsOf(set: FieldSet, prefix = ''): string[] {
  const paths = set.member ? [prefix] : [];
  for (const element of [...(set.children?.keys() ?? [])].sort(compareElements)) {
    paths.push(...pathsOf(set.children!.get(element)!, prefix + readable(element)));
  }
  return paths;
}

function readable(element: string): string {
  const rest = element.slice(2);
  if (element[0] === 'f') return `.${rest}`;
  if (element[0] === 'i') return `[${rest}]`;
  if (element[0] === 'v') return `[=${rest}]`;
  const keys = JSON.parse(rest) as JsonObject;
  const pairs = Object.keys(keys)
    .sort()
    .map((key) => `${key}=${JSON.stringify(keys[key])}`);
  return `[${pairs.join(',')}]`;
}
