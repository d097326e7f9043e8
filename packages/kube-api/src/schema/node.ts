import type { JsonObject, JsonValue } from '../types.ts';

export type ValueType = 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';

export interface CelRule {
  rule: string;
  message?: string;
  messageExpression?: string;
  reason?: string;
  fieldPath?: string;
  optionalOldSelf?: boolean;
}

/**
 * A structural schema made ready to walk. One tree serves every API of the process; equal
 * subtrees are one node.
 */
export interface SchemaNode {
  type: ValueType | undefined;
  nullable: boolean;
  intOrString: boolean;
  preserveUnknown: boolean;
  /** Holds a whole object: apiVersion, kind and metadata are known inside it. */
  embedded: boolean;
  properties: Map<string, SchemaNode> | undefined;
  /** Schema of the values of a map. */
  values: SchemaNode | undefined;
  items: SchemaNode | undefined;
  listType: 'atomic' | 'set' | 'map';
  listKeys: string[];
  atomicMap: boolean;
  patchMergeKey: string | undefined;
  patchStrategy: string | undefined;
  default: JsonValue | undefined;
  /** A default exists here or below. */
  defaults: boolean;
  checks: ValueChecks | undefined;
  rules: CelRule[];
  /** A rule exists here or below. */
  hasRules: boolean;
}

/** Value validations of one node; `all`, `any`, `one` and `not` hold further ones. */
export interface ValueChecks {
  type: ValueType | undefined;
  required: string[];
  enum: JsonValue[] | undefined;
  pattern: string | undefined;
  format: string | undefined;
  minimum: number | undefined;
  maximum: number | undefined;
  exclusiveMinimum: boolean;
  exclusiveMaximum: boolean;
  multipleOf: number | undefined;
  minLength: number | undefined;
  maxLength: number | undefined;
  minItems: number | undefined;
  maxItems: number | undefined;
  uniqueItems: boolean;
  minProperties: number | undefined;
  maxProperties: number | undefined;
  all: ValueChecks[];
  any: ValueChecks[];
  one: ValueChecks[];
  not: ValueChecks | undefined;
  properties: Map<string, ValueChecks> | undefined;
  values: ValueChecks | undefined;
  items: ValueChecks | undefined;
}

/** A schema as its author wrote it (OpenAPI v3, structural). */
export type RawSchema = JsonObject;
