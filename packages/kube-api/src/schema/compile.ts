import { isObject, type JsonObject, type JsonValue } from '../types.ts';
import { canonical } from '../json/value.ts';
import { metadataSchema } from './metadata.ts';
import type { CelRule, RawSchema, SchemaNode, ValueChecks, ValueType } from './node.ts';

const raw = (value: JsonValue | undefined): RawSchema | undefined =>
  isObject(value) ? value : undefined;
const list = (value: JsonValue | undefined): JsonValue[] => (Array.isArray(value) ? value : []);
const text = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;
const number = (value: JsonValue | undefined): number | undefined =>
  typeof value === 'number' ? value : undefined;

/** Equal subtrees compile once, whatever CRD, version or API they come from. */
const known = new Map<string, WeakRef<SchemaNode>>();
const forget = new FinalizationRegistry<string>((key) => {
  if (known.get(key)?.deref() === undefined) known.delete(key);
});
const ids = new WeakMap<SchemaNode, number>();
let nextId = 1;

/** Compiles the schema of a whole object: apiVersion, kind and metadata are added. */
export function compileRoot(schema: RawSchema | undefined): SchemaNode {
  return compile({ ...schema, type: 'object', 'x-kubernetes-embedded-resource': true });
}

interface Children {
  properties: Map<string, SchemaNode> | undefined;
  values: SchemaNode | undefined;
  items: SchemaNode | undefined;
}

export function compile(schema: RawSchema): SchemaNode {
  const itemSchema = raw(schema.items);
  const children: Children = {
    properties: compileProperties(schema, schema['x-kubernetes-embedded-resource'] === true),
    values: isObject(schema.additionalProperties)
      ? compile(schema.additionalProperties)
      : undefined,
    items: itemSchema === undefined ? undefined : compile(itemSchema),
  };
  const key = identify(schema, children);
  const found = known.get(key)?.deref();
  if (found !== undefined) return found;
  const node = build(schema, children);
  ids.set(node, nextId++);
  known.set(key, new WeakRef(node));
  forget.register(node, key);
  return node;
}

/** The node's own keywords with its children by number: equal keys mean equal subtrees. */
function identify(schema: RawSchema, children: Children): string {
  const shape: JsonObject = { ...schema, description: undefined };
  if (children.properties !== undefined) {
    const numbers: JsonObject = {};
    for (const [name, child] of children.properties) numbers[name] = ids.get(child);
    shape.properties = numbers;
  }
  if (children.values !== undefined) shape.additionalProperties = ids.get(children.values);
  if (children.items !== undefined) shape.items = ids.get(children.items);
  return canonical(shape);
}

function build(schema: RawSchema, { properties, values, items }: Children): SchemaNode {
  const embedded = schema['x-kubernetes-embedded-resource'] === true;
  const listType = text(schema['x-kubernetes-list-type']);
  const rules = list(schema['x-kubernetes-validations']) as unknown as CelRule[];
  const below = [...(properties?.values() ?? []), values, items].filter((n) => n !== undefined);
  return {
    type: text(schema.type) as ValueType | undefined,
    nullable: schema.nullable === true,
    intOrString: schema['x-kubernetes-int-or-string'] === true,
    preserveUnknown:
      schema['x-kubernetes-preserve-unknown-fields'] === true ||
      schema.additionalProperties === true,
    embedded,
    properties,
    values,
    items,
    listType: listType === 'set' || listType === 'map' ? listType : 'atomic',
    listKeys: list(schema['x-kubernetes-list-map-keys']) as string[],
    atomicMap: schema['x-kubernetes-map-type'] === 'atomic',
    patchMergeKey: text(schema['x-kubernetes-patch-merge-key']),
    patchStrategy: text(schema['x-kubernetes-patch-strategy']),
    default: schema.default,
    defaults: schema.default !== undefined || below.some((node) => node.defaults),
    checks: compileChecks(schema, true),
    rules,
    hasRules: rules.length > 0 || below.some((node) => node.hasRules),
  };
}

function compileProperties(
  schema: RawSchema,
  embedded: boolean,
): Map<string, SchemaNode> | undefined {
  const declared = raw(schema.properties);
  if (declared === undefined && !embedded) return undefined;
  const properties = new Map<string, SchemaNode>();
  if (embedded) {
    properties.set('apiVersion', compile({ type: 'string' }));
    properties.set('kind', compile({ type: 'string' }));
  }
  for (const [name, value] of Object.entries(declared ?? {})) {
    if (isObject(value) && !(embedded && name === 'metadata')) properties.set(name, compile(value));
  }
  if (embedded) properties.set('metadata', compile(mergeMetadata(raw(declared?.metadata))));
  return properties;
}

/** A CRD may only narrow metadata.name and metadata.generateName. */
function mergeMetadata(declared: RawSchema | undefined): RawSchema {
  const narrowed = raw(declared?.properties);
  if (narrowed === undefined) return metadataSchema;
  const properties: JsonObject = { ...raw(metadataSchema.properties) };
  for (const name of ['name', 'generateName']) {
    const value = raw(narrowed[name]);
    if (value !== undefined) properties[name] = value;
  }
  return { ...metadataSchema, properties };
}

/** Undefined when the node checks nothing beyond its type. `structural`: children check themselves. */
function compileChecks(schema: RawSchema, structural: boolean): ValueChecks | undefined {
  const nested = (value: JsonValue | undefined): ValueChecks[] =>
    list(value).flatMap((entry) => (isObject(entry) ? [compileChecks(entry, false) ?? never] : []));
  const intOrString = schema['x-kubernetes-int-or-string'] === true;
  const properties = structural ? undefined : nestedProperties(schema);
  const checks: ValueChecks = {
    type: structural ? undefined : (text(schema.type) as ValueType | undefined),
    required: list(schema.required) as string[],
    enum: Array.isArray(schema.enum) ? schema.enum : undefined,
    pattern: text(schema.pattern),
    format: text(schema.format),
    minimum: number(schema.minimum),
    maximum: number(schema.maximum),
    exclusiveMinimum: schema.exclusiveMinimum === true,
    exclusiveMaximum: schema.exclusiveMaximum === true,
    multipleOf: number(schema.multipleOf),
    minLength: number(schema.minLength),
    maxLength: number(schema.maxLength),
    minItems: number(schema.minItems),
    maxItems: number(schema.maxItems),
    uniqueItems: schema.uniqueItems === true,
    minProperties: number(schema.minProperties),
    maxProperties: number(schema.maxProperties),
    all: nested(schema.allOf),
    any: intOrString ? [] : nested(schema.anyOf),
    one: nested(schema.oneOf),
    not: isObject(schema.not) ? (compileChecks(schema.not, false) ?? never) : undefined,
    properties,
    values:
      !structural && isObject(schema.additionalProperties)
        ? compileChecks(schema.additionalProperties, false)
        : undefined,
    items: !structural && isObject(schema.items) ? compileChecks(schema.items, false) : undefined,
  };
  return Object.values(checks).some(
    (value) =>
      value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0),
  )
    ? checks
    : undefined;
}

function nestedProperties(schema: RawSchema): Map<string, ValueChecks> | undefined {
  const declared = raw(schema.properties);
  if (declared === undefined) return undefined;
  const properties = new Map<string, ValueChecks>();
  for (const [name, value] of Object.entries(declared)) {
    const checks = isObject(value) ? compileChecks(value, false) : undefined;
    if (checks !== undefined) properties.set(name, checks);
  }
  return properties;
}

/** The empty schema as a value validation: everything passes. */
const never: ValueChecks = {
  type: undefined,
  required: [],
  enum: undefined,
  pattern: undefined,
  format: undefined,
  minimum: undefined,
  maximum: undefined,
  exclusiveMinimum: false,
  exclusiveMaximum: false,
  multipleOf: undefined,
  minLength: undefined,
  maxLength: undefined,
  minItems: undefined,
  maxItems: undefined,
  uniqueItems: false,
  minProperties: undefined,
  maxProperties: undefined,
  all: [],
  any: [],
  one: [],
  not: undefined,
  properties: undefined,
  values: undefined,
  items: undefined,
};
