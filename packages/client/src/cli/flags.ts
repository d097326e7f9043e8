import { z } from 'zod';
import { kebab } from './names.ts';

export type FlagKind = 'string' | 'number' | 'numberOrText' | 'boolean' | 'list' | 'json';

/** A field of an input schema as a flag: `options.controlPlane.cpu` is `--options.control-plane.cpu`. */
export interface Flag {
  name: string;
  path: string[];
  kind: FlagKind;
  required: boolean;
  choices: string[];
  default?: unknown;
  description: string;
}

interface JsonSchema {
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  enum?: unknown[];
  allOf?: JsonSchema[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  default?: unknown;
  description?: string;
}

/** Every flag of an input schema, in its order; nested objects give dotted names. */
export function flagsOf(input: z.ZodObject): Flag[] {
  const schema = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return below(schema, schema.$defs ?? {}, [], true);
}

function below(
  schema: JsonSchema,
  defs: Record<string, JsonSchema>,
  path: string[],
  needed: boolean,
): Flag[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, raw]) => {
    const field = resolve(raw, defs);
    const here = [...path, key];
    const required = needed && (schema.required ?? []).includes(key);
    if (field.properties) return below(field, defs, here, required);
    return [
      {
        name: here.map(kebab).join('.'),
        path: here,
        kind: kindOf(field, defs),
        required,
        choices: choicesOf(field, defs),
        ...(field.default === undefined ? {} : { default: field.default }),
        description: field.description ?? '',
      },
    ];
  });
}

function resolve(schema: JsonSchema, defs: Record<string, JsonSchema>): JsonSchema {
  const target = schema.$ref ? defs[schema.$ref.split('/').at(-1)!] : undefined;
  const parts = [...(schema.allOf ?? []), ...nullable(schema)].map((part) => resolve(part, defs));
  return Object.assign({}, target, ...parts, schema) as JsonSchema;
}

/** The schema itself of a field that may be null too. */
function nullable({ anyOf = [] }: JsonSchema): JsonSchema[] {
  const others = anyOf.filter(({ type }) => type !== 'null');
  return others.length === 1 && others.length < anyOf.length ? others : [];
}

function kindOf(schema: JsonSchema, defs: Record<string, JsonSchema>): FlagKind {
  const types = [schema.type ?? []].flat();
  const forms = schema.oneOf ?? [];
  if (forms.some((form) => resolve(form, defs).type === 'object')) return 'json';
  if (types.includes('boolean')) return 'boolean';
  const either = new Set((schema.anyOf ?? []).map((form) => resolve(form, defs).type));
  if (either.has('string') && (either.has('integer') || either.has('number'))) {
    return 'numberOrText';
  }
  switch (types[0]) {
    case 'integer':
    case 'number':
      return 'number';
    case 'array':
      return schema.items && resolve(schema.items, defs).type === 'string' ? 'list' : 'json';
    case 'object':
      return 'json';
    default:
      return 'string';
  }
}

function choicesOf(schema: JsonSchema, defs: Record<string, JsonSchema>): string[] {
  const items = schema.items ? resolve(schema.items, defs).enum : undefined;
  return (schema.enum ?? items ?? []).map(String);
}
