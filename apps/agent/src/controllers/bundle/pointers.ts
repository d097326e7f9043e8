import type { Bundle } from '@ambit/contracts/agent/bundle';
import type { KubeObject } from '@ambit/contracts/common';

type Json = unknown;
type Container = Record<string, Json> | Json[];

const isContainer = (value: Json): value is Container =>
  typeof value === 'object' && value !== null;

const steps = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replace(/~1/g, '/').replace(/~0/g, '~'));

/** Pointers the bundle ignores on objects of a kind; `*` stands for every item of a list. */
export const ignoredPaths = (bundle: Pick<Bundle, 'ignore'>, kind: string): string[] =>
  bundle.ignore.filter((entry) => entry.kind === kind).flatMap(({ paths }) => paths);

/**
 * A copy of `object` in which every ignored field has the value it has in `live`: applying it changes nothing there.
 * Items of lists are matched by their `name` when they have one, else by position. What `live` lacks stays.
 */
export function keepLive(object: KubeObject, live: Json, paths: string[]): KubeObject {
  if (paths.length === 0) return object;
  const copy = structuredClone(object);
  for (const path of paths) copyAt(copy, live, steps(path));
  return copy;
}

function copyAt(to: Json, from: Json, path: string[]): void {
  const [step, ...rest] = path;
  if (step === undefined || !isContainer(to) || !isContainer(from)) return;
  if (step === '*') {
    if (!Array.isArray(to) || !Array.isArray(from)) return;
    to.forEach((item, index) => copyAt(item, counterpart(item, from, index), rest));
    return;
  }
  const source = (from as Record<string, Json>)[step];
  if (rest.length === 0) {
    if (source !== undefined) (to as Record<string, Json>)[step] = structuredClone(source);
    return;
  }
  copyAt((to as Record<string, Json>)[step], source, rest);
}

function counterpart(item: Json, among: Json[], index: number): Json {
  const name = isContainer(item) && !Array.isArray(item) ? item['name'] : undefined;
  if (typeof name !== 'string') return among[index];
  return among.find(
    (other) => isContainer(other) && !Array.isArray(other) && other['name'] === name,
  );
}

/** True when `pointer` is, or lies under, one of the ignored ones. */
export function isIgnored(pointer: string, paths: string[]): boolean {
  const at = steps(pointer);
  return paths.some((path) => {
    const pattern = steps(path);
    return (
      pattern.length <= at.length &&
      pattern.every(
        (step, index) => step === at[index] || (step === '*' && /^\d+$/.test(at[index]!)),
      )
    );
  });
}

const escape = (step: string): string => step.replace(/~/g, '~0').replace(/\//g, '~1');

/** JSON pointers at which two values differ; a list or map that is only in one of them is one difference. */
export function differences(a: Json, b: Json, at = ''): string[] {
  if (a === b) return [];
  if (Array.isArray(a) && Array.isArray(b)) {
    const longer = Math.max(a.length, b.length);
    return Array.from({ length: longer }, (_, i) => differences(a[i], b[i], `${at}/${i}`)).flat();
  }
  if (isContainer(a) && isContainer(b) && !Array.isArray(a) && !Array.isArray(b)) {
    const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...keys].sort().flatMap((key) => differences(a[key], b[key], `${at}/${escape(key)}`));
  }
  return [at];
}
