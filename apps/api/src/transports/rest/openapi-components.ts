import { errorStatus, type ErrorCode } from '@ambit/contracts/errors';
import { z } from 'zod';

export type JsonSchema = Record<string, unknown>;

export function errorResponses(codes: readonly ErrorCode[]): JsonSchema {
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } };
  return Object.fromEntries(
    codes.map((code) => [String(errorStatus[code]), { description: `\`${code}\``, content }]),
  );
}

export type Components = ReturnType<typeof makeComponents>;

/** Collects shapes that have an id as components; where input and output differ, the input is `<id>Input`. */
export function makeComponents() {
  const schemas: Record<string, JsonSchema> = {};

  function inline(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    const { $schema: _, $defs, ...made } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
    const defs = ($defs ?? {}) as Record<string, JsonSchema>;
    const { id } = made as { id?: string };
    if (id) {
      delete (made as JsonSchema).id;
      defs[id] = made as JsonSchema;
    }
    const names = new Map(Object.keys(defs).map((name) => [name, name]));
    for (const [name, def] of Object.entries(defs)) {
      delete def.id;
      const known = schemas[name];
      if (io === 'input' && known && JSON.stringify(known) !== JSON.stringify(rename(def, names))) {
        names.set(name, `${name}Input`);
      }
    }
    for (const [name, def] of Object.entries(defs)) {
      schemas[names.get(name) ?? name] = rename(def, names);
    }
    return id
      ? { $ref: `#/components/schemas/${names.get(id) ?? id}` }
      : rename(made as JsonSchema, names);
  }

  return { schemas, inline, add: (...args: Parameters<typeof inline>) => void inline(...args) };
}

/** The same schema with its local references pointing at the document's components. */
function rename<T>(value: T, names: Map<string, string>): T {
  if (Array.isArray(value)) return value.map((inner) => rename(inner, names)) as T;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const name = key === '$ref' && /^#\/\$defs\/(.+)$/.exec(String(inner))?.[1];
      return name
        ? [key, `#/components/schemas/${names.get(name) ?? name}`]
        : [key, rename(inner, names)];
    }),
  ) as T;
}
