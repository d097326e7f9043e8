import type { Path } from '../resource.ts';

/**
 * What a value must be: text, whole number (of 32 bits; of 64), number or text, boolean, base64 text, a time, an amount such
 * as `500m`; a list, a map, or an object.
 */
export type Shape =
  | 'text'
  | 'integer'
  | 'long'
  | 'time'
  | 'quantity'
  | 'port'
  | 'boolean'
  | 'base64'
  | { list: Shape }
  | { map: Shape }
  | { fields: Readonly<Record<string, Shape>> };

export type Complaint = (path: Path, message: string) => void;

/** The place of the value at hand, one array for a whole object: paths are made only for what does not fit. */
type Walk = { path: (string | number)[]; complain: Complaint };

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What Go makes of null in a list or map. */
function zero(shape: Shape): unknown {
  if (shape === 'text' || shape === 'base64' || shape === 'time' || shape === 'quantity') return '';
  if (shape === 'integer' || shape === 'long' || shape === 'port') return 0;
  if (shape === 'boolean') return false;
  if ('list' in shape) return [];
  return {};
}

const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:[.,]\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

const quantity = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+|[numkMGTPE]|[KMGTPE]i)?$/;

const isQuantity = (value: unknown): boolean =>
  typeof value === 'number' || (typeof value === 'string' && quantity.test(value));

const isInteger = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) === ((value as number) | 0);

function scalarProblem(shape: string, value: unknown): string | undefined {
  switch (shape) {
    case 'text':
      return typeof value === 'string' ? undefined : 'text is needed here';
    case 'base64':
      if (typeof value !== 'string') return 'text is needed here';
      return base64.test(value.replace(/[\r\n]/g, '')) ? undefined : 'this is no base64';
    case 'time':
      return typeof value === 'string' && time.test(value)
        ? undefined
        : 'a time is needed here, such as 2026-11-25T10:00:00Z';
    case 'quantity':
      return isQuantity(value) ? undefined : 'an amount is needed here, such as 500m or 64Mi';
    case 'integer':
      return isInteger(value) ? undefined : 'a whole number is needed here';
    case 'long':
      return Number.isInteger(value) ? undefined : 'a whole number is needed here';
    case 'port':
      return typeof value === 'string' || isInteger(value)
        ? undefined
        : 'a whole number or text is needed here';
    default:
      return typeof value === 'boolean' ? undefined : 'true or false is needed here';
  }
}

function member(walk: Walk, key: string | number, shape: Shape, value: unknown): unknown {
  walk.path.push(key);
  const conformed = step(walk, shape, value);
  walk.path.pop();
  return conformed;
}

function stepList(walk: Walk, shape: Shape, value: unknown[]): unknown {
  let changed: unknown[] | undefined;
  for (let at = 0; at < value.length; at += 1) {
    const item = value[at];
    const conformed = item === null ? zero(shape) : member(walk, at, shape, item);
    if (conformed !== item) (changed ??= [...value])[at] = conformed;
  }
  return changed ?? value;
}

function stepMap(walk: Walk, shape: Shape, value: Record<string, unknown>): unknown {
  let changed: Record<string, unknown> | undefined;
  for (const key in value) {
    const entry = value[key];
    if (shape === 'text' && typeof entry === 'string') continue;
    const conformed = entry === null ? zero(shape) : member(walk, key, shape, entry);
    if (conformed !== entry) (changed ??= { ...value })[key] = conformed;
  }
  return changed ?? value;
}

function stepObject(
  walk: Walk,
  fields: Readonly<Record<string, Shape>>,
  value: Record<string, unknown>,
): unknown {
  let changed: Record<string, unknown> | undefined;
  for (const key in value) {
    const field = fields[key];
    const written = value[key];
    if (field === undefined || (field === 'text' && typeof written === 'string')) continue;
    const conformed = member(walk, key, field, written);
    if (conformed === written) continue;
    changed ??= { ...value };
    if (conformed === undefined) delete changed[key];
    else changed[key] = conformed;
  }
  return changed ?? value;
}

function step(walk: Walk, shape: Shape, value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  const complain = (message: string): void => walk.complain([...walk.path], message);
  if (typeof shape === 'string') {
    const problem = scalarProblem(shape, value);
    if (problem !== undefined) complain(problem);
    return value;
  }
  if ('list' in shape) {
    if (Array.isArray(value)) return stepList(walk, shape.list, value);
    complain('a list is needed here');
    return undefined;
  }
  if (isObject(value)) {
    return 'map' in shape ? stepMap(walk, shape.map, value) : stepObject(walk, shape.fields, value);
  }
  complain('an object is needed here');
  return undefined;
}

/**
 * The value as Kubernetes reads it: null is unset. What does not fit is told to `complain`, as the API would refuse
 * it; fields that the shape does not name are left as they are. The value itself is never changed.
 */
export function conform(shape: Shape, value: unknown, path: Path, complain: Complaint): unknown {
  return step({ path: [...path], complain }, shape, value);
}
