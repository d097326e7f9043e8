import { canonical, equal } from '../json/value.ts';
import type { FieldError } from '../status.ts';
import { isObject, type JsonObject, type JsonValue } from '../types.ts';
import { hasFormat } from './formats.ts';
import type { SchemaNode, ValueChecks, ValueType } from './node.ts';
import { compilePattern } from './pattern.ts';

/** Checks a value against the schema; messages and cause reasons are those of kube-apiserver. */
export function validate(value: JsonValue | undefined, node: SchemaNode): FieldError[] {
  const errors: FieldError[] = [];
  walk(value, node, '', errors);
  return errors;
}

const join = (path: string, key: string): string => {
  if (path === '') return key;
  return /^[A-Za-z_$][\w$-]*$/.test(key) ? `${path}.${key}` : `${path}[${key}]`;
};

export const typeOf = (value: JsonValue | undefined): string => {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
};

const hasType = (value: JsonValue, type: ValueType): boolean => {
  const actual = typeOf(value);
  return actual === type || (type === 'number' && actual === 'integer');
};

const shown = (value: JsonValue): string => {
  const text = isObject(value) || Array.isArray(value) ? canonical(value) : JSON.stringify(value);
  return text.length > 512 ? `${text.slice(0, 512)}...` : text;
};

const invalidValue = (path: string, value: JsonValue, why: string): FieldError => ({
  reason: 'FieldValueInvalid',
  field: path,
  message: `Invalid value: ${shown(value)}: ${why}`,
});

const wrongType = (path: string, value: JsonValue, type: string): FieldError => ({
  reason: 'FieldValueTypeInvalid',
  field: path,
  message: `Invalid value: ${JSON.stringify(typeOf(value))}: ${path} in body must be of type ${type}: ${JSON.stringify(typeOf(value))}`,
});

function walk(
  value: JsonValue | undefined,
  node: SchemaNode,
  path: string,
  errors: FieldError[],
): void {
  if (value === undefined) return;
  if (value === null && node.nullable) return;
  if (node.intOrString) {
    if (typeof value !== 'string' && !Number.isInteger(value)) {
      errors.push(wrongType(path, value, 'integer,string'));
      return;
    }
  } else if (node.type !== undefined && !hasType(value, node.type)) {
    errors.push(wrongType(path, value, node.type));
    return;
  }
  if (node.checks !== undefined) check(value, node.checks, path, errors);
  if (Array.isArray(value)) {
    if (node.items !== undefined) {
      for (let i = 0; i < value.length; i++) walk(value[i], node.items, `${path}[${i}]`, errors);
    }
    if (node.listType !== 'atomic' && value.length > 1) checkUnique(value, node, path, errors);
  } else if (isObject(value)) {
    for (const key of Object.keys(value)) {
      const child = node.properties?.get(key) ?? node.values;
      if (child !== undefined) walk(value[key], child, join(path, key), errors);
    }
  }
}

function checkUnique(
  value: JsonValue[],
  node: SchemaNode,
  path: string,
  errors: FieldError[],
): void {
  const seen = new Set<string>();
  value.forEach((item, index) => {
    const key = node.listType === 'set' ? item : isObject(item) ? keysOf(item, node) : item;
    const id = canonical(key);
    if (seen.has(id)) {
      errors.push({
        reason: 'FieldValueDuplicate',
        field: `${path}[${index}]`,
        message: `Duplicate value: ${shown(key)}`,
      });
    }
    seen.add(id);
  });
}

function keysOf(item: JsonObject, node: SchemaNode): JsonObject {
  const keys: JsonObject = {};
  for (const name of node.listKeys) {
    keys[name] = item[name] ?? node.items?.properties?.get(name)?.default;
  }
  return keys;
}

function check(value: JsonValue, checks: ValueChecks, path: string, errors: FieldError[]): void {
  if (checks.type !== undefined && !hasType(value, checks.type)) {
    errors.push(wrongType(path, value, checks.type));
    return;
  }
  if (checks.enum !== undefined && !checks.enum.some((allowed) => equal(allowed, value))) {
    errors.push({
      reason: 'FieldValueNotSupported',
      field: path,
      message: `Unsupported value: ${shown(value)}: supported values: ${checks.enum.map((allowed) => JSON.stringify(allowed)).join(', ')}`,
    });
  }
  if (typeof value === 'string') checkString(value, checks, path, errors);
  else if (typeof value === 'number') checkNumber(value, checks, path, errors);
  else if (Array.isArray(value)) checkArray(value, checks, path, errors);
  else if (isObject(value)) checkObject(value, checks, path, errors);
  checkCombinations(value, checks, path, errors);
}

/** Upstream names the first thing wrong with a text, and no more. */
function checkString(value: string, checks: ValueChecks, path: string, errors: FieldError[]): void {
  const { maxLength, minLength, pattern, format } = checks;
  if (maxLength !== undefined && length(value) > maxLength) {
    errors.push({
      reason: 'FieldValueTooLong',
      field: path,
      message: `Too long: may not be more than ${maxLength} bytes`,
    });
  } else if (minLength !== undefined && length(value) < minLength) {
    errors.push(
      invalidValue(path, value, `${path} in body should be at least ${minLength} chars long`),
    );
  } else if (pattern !== undefined && !compilePattern(pattern).test(value)) {
    errors.push(invalidValue(path, value, `${path} in body should match '${pattern}'`));
  } else if (format !== undefined && !hasFormat(format, value)) {
    errors.push(
      invalidValue(
        path,
        value,
        `${path} in body must be of type ${format}: ${JSON.stringify(value)}`,
      ),
    );
  }
}

/** Characters, not UTF-16 units. */
function length(value: string): number {
  let count = value.length;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code >= 0xd800 && code <= 0xdbff) count--;
  }
  return count;
}

function checkNumber(value: number, checks: ValueChecks, path: string, errors: FieldError[]): void {
  const { minimum, maximum } = checks;
  if (minimum !== undefined && (checks.exclusiveMinimum ? value <= minimum : value < minimum)) {
    const word = checks.exclusiveMinimum ? 'greater than' : 'greater than or equal to';
    errors.push(invalidValue(path, value, `${path} in body should be ${word} ${minimum}`));
  }
  if (maximum !== undefined && (checks.exclusiveMaximum ? value >= maximum : value > maximum)) {
    const word = checks.exclusiveMaximum ? 'less than' : 'less than or equal to';
    errors.push(invalidValue(path, value, `${path} in body should be ${word} ${maximum}`));
  }
  if (checks.multipleOf !== undefined && !Number.isInteger(value / checks.multipleOf)) {
    errors.push(
      invalidValue(path, value, `${path} in body should be a multiple of ${checks.multipleOf}`),
    );
  }
}

function checkArray(
  value: JsonValue[],
  checks: ValueChecks,
  path: string,
  errors: FieldError[],
): void {
  if (checks.maxItems !== undefined && value.length > checks.maxItems) {
    errors.push({
      reason: 'FieldValueTooMany',
      field: path,
      message: `Too many: ${value.length}: must have at most ${checks.maxItems} items`,
    });
  }
  if (checks.minItems !== undefined && value.length < checks.minItems) {
    errors.push(
      invalidValue(
        path,
        value.length,
        `${path} in body should have at least ${checks.minItems} items`,
      ),
    );
  }
  if (checks.uniqueItems && new Set(value.map(canonical)).size < value.length) {
    errors.push(invalidValue(path, value, `${path} in body shouldn't contain duplicates`));
  }
  if (checks.items !== undefined) {
    for (let i = 0; i < value.length; i++) check(value[i]!, checks.items, `${path}[${i}]`, errors);
  }
}

function checkObject(
  value: JsonObject,
  checks: ValueChecks,
  path: string,
  errors: FieldError[],
): void {
  const count = Object.keys(value).length;
  if (checks.maxProperties !== undefined && count > checks.maxProperties) {
    errors.push({
      reason: 'FieldValueTooMany',
      field: path,
      message: `Too many: ${count}: must have at most ${checks.maxProperties} items`,
    });
  }
  if (checks.minProperties !== undefined && count < checks.minProperties) {
    errors.push(
      invalidValue(
        path,
        count,
        `${path} in body should have at least ${checks.minProperties} properties`,
      ),
    );
  }
  for (const name of checks.required) {
    if (!Object.hasOwn(value, name) || value[name] === undefined) {
      errors.push({
        reason: 'FieldValueRequired',
        field: join(path, name),
        message: 'Required value',
      });
    }
  }
  if (checks.properties !== undefined) {
    for (const [name, inner] of checks.properties) {
      const present = Object.hasOwn(value, name) ? value[name] : undefined;
      if (present !== undefined && present !== null)
        check(present, inner, join(path, name), errors);
    }
  }
  if (checks.values !== undefined) {
    for (const [name, inner] of Object.entries(value)) {
      if (inner !== undefined && checks.properties?.has(name) !== true) {
        check(inner, checks.values, join(path, name), errors);
      }
    }
  }
}

const passes = (value: JsonValue, checks: ValueChecks, path: string): boolean => {
  const errors: FieldError[] = [];
  check(value, checks, path, errors);
  return errors.length === 0;
};

function checkCombinations(
  value: JsonValue,
  checks: ValueChecks,
  path: string,
  errors: FieldError[],
): void {
  for (const inner of checks.all) check(value, inner, path, errors);
  const where = path === '' ? '""' : JSON.stringify(path);
  if (checks.any.length > 0 && !checks.any.some((inner) => passes(value, inner, path))) {
    errors.push(invalidValue(path, value, `${where} must validate at least one schema (anyOf)`));
  }
  if (checks.one.length > 0) {
    const matching = checks.one.filter((inner) => passes(value, inner, path)).length;
    if (matching !== 1) {
      const found = matching === 0 ? 'Found none valid' : `Found ${matching} valid alternatives`;
      errors.push(
        invalidValue(
          path,
          value,
          `${where} must validate one and only one schema (oneOf). ${found}`,
        ),
      );
    }
  }
  if (checks.not !== undefined && passes(value, checks.not, path)) {
    errors.push(invalidValue(path, value, `${where} must not validate the schema (not)`));
  }
}
