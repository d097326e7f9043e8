import type { RawSchema } from '../../schema/node.ts';

/** Short words to write the schemas of Kubernetes' own kinds with. */
export const text: RawSchema = { type: 'string' };
export const integer: RawSchema = { type: 'integer', format: 'int32' };
export const long: RawSchema = { type: 'integer', format: 'int64' };
export const flag: RawSchema = { type: 'boolean' };
export const time: RawSchema = { type: 'string', format: 'date-time' };
export const microTime: RawSchema = { type: 'string' };
export const quantity: RawSchema = { 'x-kubernetes-int-or-string': true };
export const intOrString: RawSchema = { 'x-kubernetes-int-or-string': true };
/** Kept as it comes; nothing below is checked. */
export const open: RawSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
export const texts: RawSchema = { type: 'array', items: text };
export const map = (values: RawSchema): RawSchema => ({
  type: 'object',
  additionalProperties: values,
});
export const textMap = map(text);

/** Known fields; fields beyond them are unknown. */
export const object = (
  properties: { [name: string]: RawSchema },
  required: string[] = [],
): RawSchema => ({
  type: 'object',
  properties,
  ...(required.length === 0 ? {} : { required }),
});

/** Known fields, and others kept as they come. */
export const partly = (
  properties: { [name: string]: RawSchema },
  required: string[] = [],
): RawSchema => ({
  ...object(properties, required),
  'x-kubernetes-preserve-unknown-fields': true,
});

export const list = (items: RawSchema): RawSchema => ({
  type: 'array',
  items,
  'x-kubernetes-list-type': 'atomic',
});

export const set = (items: RawSchema): RawSchema => ({
  type: 'array',
  items,
  'x-kubernetes-list-type': 'set',
  'x-kubernetes-patch-strategy': 'merge',
});

/** A list whose items are told apart by keys; strategic merge uses the first unless told otherwise. */
export const keyed = (items: RawSchema, keys: string[], mergeKey = keys[0]): RawSchema => ({
  type: 'array',
  items,
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': keys,
  'x-kubernetes-patch-strategy': 'merge',
  'x-kubernetes-patch-merge-key': mergeKey,
});

export const withDefault = (schema: RawSchema, value: string | number | boolean): RawSchema => ({
  ...schema,
  default: value,
});

export const oneOf = (...values: string[]): RawSchema => ({ type: 'string', enum: values });

export const labelSelector: RawSchema = {
  ...object({
    matchLabels: textMap,
    matchExpressions: list(
      object({ key: text, operator: text, values: list(text) }, ['key', 'operator']),
    ),
  }),
  'x-kubernetes-map-type': 'atomic',
};

export const localReference: RawSchema = {
  ...object({ name: withDefault(text, '') }),
  'x-kubernetes-map-type': 'atomic',
};

export const objectReference: RawSchema = {
  ...object({
    apiVersion: text,
    fieldPath: text,
    kind: text,
    name: text,
    namespace: text,
    resourceVersion: text,
    uid: text,
  }),
  'x-kubernetes-map-type': 'atomic',
};

export const conditions: RawSchema = keyed(
  partly(
    {
      type: text,
      status: text,
      reason: text,
      message: text,
      observedGeneration: long,
      lastTransitionTime: time,
      lastUpdateTime: time,
      lastProbeTime: time,
    },
    ['type', 'status'],
  ),
  ['type'],
);
