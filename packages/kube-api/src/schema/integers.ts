import type { FieldError } from '../status.ts';
import { isObject, type JsonValue } from '../types.ts';
import type { SchemaNode } from './node.ts';

/**
 * Integers of Kubernetes' own kinds that do not fit their type. kube-apiserver keeps those of CRDs as they are,
 * whatever their format says.
 */
export function checkIntegers(
  value: JsonValue | undefined,
  node: SchemaNode | undefined,
  path = '',
): FieldError[] {
  if (node === undefined) return [];
  if (typeof value === 'number') {
    const isInt32 = node.checks?.format === 'int32';
    if (!isInt32 || value === (value | 0)) return [];
    const message = `Invalid value: ${value}: ${path} in body must be of type int32: "${value}"`;
    return [{ reason: 'FieldValueInvalid', field: path, message }];
  }
  if (Array.isArray(value)) {
    return value.flatMap((item, i) => checkIntegers(item, node.items, `${path}[${i}]`));
  }
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    checkIntegers(
      inner,
      node.properties?.get(key) ?? node.values,
      path === '' ? key : `${path}.${key}`,
    ),
  );
}
