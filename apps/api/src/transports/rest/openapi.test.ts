import { describe, expect, it } from 'vitest';
import { Validator } from '@seriousme/openapi-schema-validator';
import { contracts } from '../contracts.ts';
import { openApiDocument } from './openapi.ts';

interface Operation {
  operationId: string;
  parameters?: { name?: string; in?: string; $ref?: string; required?: boolean }[];
  requestBody?: { required: boolean; content: Record<string, { schema: Record<string, unknown> }> };
  responses: Record<string, unknown>;
  description: string;
}

const document = openApiDocument('http://127.0.0.1:4600') as {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Record<string, unknown>> };
};
const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
const byId = new Map(operations.map((operation) => [operation.operationId, operation]));

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const result = await new Validator().validate(structuredClone(document));
    expect(result.errors).toBeUndefined();
    expect(result.valid).toBe(true);
  });

  it('has every operation of the catalogue under its path and method, once', () => {
    for (const { id, rest } of contracts) {
      expect(document.paths[rest.path]?.[rest.method.toLowerCase()]?.operationId).toBe(id);
    }
    expect(byId.size).toBe(operations.length);
  });

  it('has no reference that leads nowhere', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)];
    expect(references.length).toBeGreaterThan(50);
    for (const [, path] of references) {
      const found = path!
        .split('/')
        .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document);
      expect(found, path).toBeDefined();
    }
    expect(JSON.stringify(document)).not.toContain('$defs');
  });

  it('tells what an input may leave out, and what an output always has', () => {
    const { MeshOptions, MeshOptionsInput } = document.components.schemas;
    expect(MeshOptions?.required).toContain('mtls');
    expect(MeshOptionsInput?.required ?? []).toEqual([]);
  });

  it('has If-Match instead of a version in the body of versioned changes', () => {
    const update = byId.get('policy.update')!;
    expect(update.parameters).toContainEqual({ $ref: '#/components/parameters/IfMatch' });
    const schema = update.requestBody?.content['application/json']?.schema;
    expect(schema).toMatchObject({ required: ['yaml'] });
    expect(Object.keys(schema?.properties as object)).toEqual(['yaml']);
    expect(Object.keys(update.responses)).toEqual(expect.arrayContaining(['200', '412', '428']));
  });

  it('has idempotency keys on commands and query parameters on lists', () => {
    const list = byId.get('audit.list')!;
    const names = list.parameters?.map((parameter) => parameter.name).filter(Boolean);
    expect(names).toEqual(['limit', 'cursor', 'action', 'target', 'actor']);
    expect(list.parameters?.some((parameter) => parameter.required)).toBe(false);
    expect(byId.get('token.create')?.parameters).toContainEqual({
      $ref: '#/components/parameters/IdempotencyKey',
    });
  });

  it('names the permission each operation needs', () => {
    expect(byId.get('mesh.delete')?.description).toContain('`mesh.delete`');
  });
});
