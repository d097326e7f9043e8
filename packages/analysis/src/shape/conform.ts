import type { Path } from '../resource.ts';

/** What a value must be: text, whole number, number or text, boolean, base64 text; a list, a map, or an object. */
export type Shape =
  | 'text'
  | 'integer'
  | 'port'
  | 'boolean'
  | 'base64'
  | { list: Shape }
  | { map: Shape }
  | { fields: Readonly<Record<string, Shape>> };

export type Complaint = (path: Path, message: string) => void;

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What Go makes of null in a list or map. */
function zero(shape: Shape): unknown {
  if (shape === 'text' || shape === 'base64') return '';
  if (shape === 'integer' || shape === 'port') return 0;
  if (shape === 'boolean') return false;
  if ('list' in shape) return [];
  return {};
}

function conformScalar(shape: string, value: unknown, path: Path, complain: Complaint): unknown {
  switch (shape) {
    case 'text':
      if (typeof value !== 'string') complain(path, 'text is needed here');
      return value;
    case 'base64':
      if (typeof value !== 'string') complain(path, 'text is needed here');
      else if (!base64.test(value.replace(/[\r\n]/g, ''))) complain(path, 'this is no base64');
      return value;
    case 'integer':
      if (!Number.isInteger(value)) complain(path, 'a whole number is needed here');
      return value;
    case 'port':
      if (typeof value !== 'string' && !Number.isInteger(value)) {
        complain(path, 'a whole number or text is needed here');
      }
      return value;
    default:
      if (typeof value !== 'boolean') complain(path, 'true or false is needed here');
      return value;
  }
}

/** The entries of a list or map by the shape of one; the same list or map when nothing had to change. */
function conformMap(
  shape: Shape,
  value: Record<string, unknown>,
  path: Path,
  complain: Complaint,
): unknown {
  let changed: Record<string, unknown> | undefined;
  for (const key in value) {
    const entry = value[key];
    const conformed =
      entry === null ? zero(shape) : conform(shape, entry, [...path, key], complain);
    if (conformed !== entry) (changed ??= { ...value })[key] = conformed;
  }
  return changed ?? value;
}

/**
 * The value as Kubernetes reads it: null is unset. What does not fit is told to `complain`, as the API would refuse
 * it; fields that the shape does not name are left as they are. The value itself is never changed.
 */
export function conform(shape: Shape, value: unknown, path: Path, complain: Complaint): unknown {
  if (value === null || value === undefined) return undefined;
  if (typeof shape === 'string') return conformScalar(shape, value, path, complain);
  if ('list' in shape) {
    if (!Array.isArray(value)) {
      complain(path, 'a list is needed here');
      return undefined;
    }
    let changed: unknown[] | undefined;
    for (const [at, item] of value.entries()) {
      const conformed =
        item === null ? zero(shape.list) : conform(shape.list, item, [...path, at], complain);
      if (conformed !== item) (changed ??= [...value])[at] = conformed;
    }
    return changed ?? value;
  }
  if (!isObject(value)) {
    complain(path, 'an object is needed here');
    return undefined;
  }
  if ('map' in shape) return conformMap(shape.map, value, path, complain);
  let changed: Record<string, unknown> | undefined;
  for (const key in value) {
    const field = shape.fields[key];
    if (!field) continue;
    const conformed = conform(field, value[key], [...path, key], complain);
    if (conformed === value[key]) continue;
    changed ??= { ...value };
    if (conformed === undefined) delete changed[key];
    else changed[key] = conformed;
  }
  return changed ?? value;
}
