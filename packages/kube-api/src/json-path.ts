import { own } from './json/value.ts';
import { isObject, type JsonValue } from './types.ts';

type Step = (values: JsonValue[]) => JsonValue[];

const cache = new Map<string, Step[]>();
const MAX_CACHED = 5_000;

/**
 * The JSON paths of printer columns and scale subresources: `.a.b`, `['a.b']`, `.a\.b`, `[0]`,
 * `[*]`, `[-1]` and filters `[?(@.type=="Ready")]`.
 * @returns every value found, in document order
 */
export function readPath(value: JsonValue, path: string): JsonValue[] {
  let steps = cache.get(path);
  if (steps === undefined) {
    steps = parse(path);
    if (cache.size >= MAX_CACHED) cache.clear();
    cache.set(path, steps);
  }
  let values: JsonValue[] = [value];
  for (const step of steps) values = step(values);
  return values;
}

const field =
  (name: string): Step =>
  (values) =>
    values.flatMap((value) => {
      const found = isObject(value) ? own(value, name) : undefined;
      return found === undefined ? [] : [found];
    });

const every: Step = (values) =>
  values.flatMap((value) => {
    if (Array.isArray(value)) return value;
    return isObject(value) ? Object.values(value).filter((item) => item !== undefined) : [];
  });

const at =
  (index: number): Step =>
  (values) =>
    values.flatMap((value) => {
      const found = Array.isArray(value) ? value.at(index) : undefined;
      return found === undefined ? [] : [found];
    });

function parse(path: string): Step[] {
  const steps: Step[] = [];
  let rest = path
    .trim()
    .replace(/^\{(.*)\}$/s, '$1')
    .replace(/^\$/, '');
  while (rest !== '') {
    const match =
      /^\.?\['((?:\\'|[^'])*)'\]/.exec(rest) ??
      /^\.?\["((?:\\"|[^"])*)"\]/.exec(rest) ??
      /^\.((?:\\.|[^.[\]\\*])+)/.exec(rest);
    if (match !== null) {
      steps.push(field(match[1]!.replaceAll(/\\(.)/g, '$1')));
      rest = rest.slice(match[0].length);
      continue;
    }
    const any = /^(?:\.?\[\*\]|\.\*)/.exec(rest);
    const index = /^\[(-?\d+)\]/.exec(rest);
    const filter =
      /^\[\?\(@((?:\.(?:\\.|[^.[\]\\=!<>\s])+)+)\s*(==|!=)\s*(?:'([^']*)'|"([^"]*)"|([^)\s]+))\)\]/.exec(
        rest,
      );
    const taken = any ?? index ?? filter;
    if (taken === null) return [() => []];
    if (any !== null) steps.push(every);
    else if (index !== null) steps.push(at(Number(index[1])));
    else steps.push(where(filter!));
    rest = rest.slice(taken[0].length);
  }
  return steps;
}

function where(match: RegExpExecArray): Step {
  const inner = parse(match[1]!);
  const wanted = match[3] ?? match[4] ?? match[5] ?? '';
  const equals = match[2] === '==';
  return (values) =>
    every(values).filter((item) => {
      let found: JsonValue[] = [item];
      for (const step of inner) found = step(found);
      return found.some((value) => String(value) === wanted) === equals;
    });
}
