import { errorBodySchema, type ErrorCode } from '@ambit/contracts/errors';
import type { OperationContract } from '@ambit/contracts/operation';
import { z } from 'zod';
import { contracts } from '../contracts.ts';
import { contractFields } from './fields.ts';
import {
  errorResponses,
  makeComponents,
  type Components,
  type JsonSchema,
} from './openapi-components.ts';
import { otherPaths } from './openapi-other.ts';
import { takesQuery } from './request-input.ts';

/** OpenAPI 3.1 of everything under /v1, made from the same catalogue as the routes. */
export function openApiDocument(publicUrl: string): JsonSchema {
  const components = makeComponents();
  components.add(errorBodySchema, 'output');
  const paths: Record<string, Record<string, unknown>> = {};
  for (const contract of contracts) {
    const { path, method } = contract.rest;
    (paths[path] ??= {})[method.toLowerCase()] = operation(contract, components);
  }
  for (const [path, methods] of Object.entries(otherPaths(components))) {
    paths[path] = { ...paths[path], ...methods };
  }
  const tags = [...new Set(contracts.map(({ id }) => domainOf(id)))];
  return {
    openapi: '3.1.0',
    info: {
      title: 'Ambit',
      version: 'v1',
      description:
        'Istio meshes created, upgraded, diagnosed and shown across Kubernetes clusters. Lists answer `{items, nextCursor}`; send `nextCursor` back as `cursor`. Commands take an `Idempotency-Key`. Changes of versioned resources need `If-Match` with the ETag that was read. Every error has the form of `Error`.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: publicUrl }],
    security: [{ token: [] }, { session: [] }],
    tags: tags.map((name) => ({ name })),
    paths,
    components: {
      schemas: components.schemas,
      parameters: sharedParameters,
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'An API token, `ambit_…`' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'ambit.session_token',
          description: 'The session of the console; changes only from its own origin',
        },
      },
    },
  };
}

const domainOf = (id: string): string => id.split('.', 1)[0] ?? id;

const sharedParameters = {
  Organisation: {
    name: 'x-ambit-organisation',
    in: 'header',
    description: 'Organisation the request is about; only for people who are in several',
    schema: { type: 'string' },
  },
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description: 'A repeated request with the same key answers what the first one did',
    schema: { type: 'string', maxLength: 255 },
  },
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    required: true,
    description: 'ETag of the version the change is based on',
    schema: { type: 'string', examples: ['"3"'] },
  },
};

const refTo = (name: keyof typeof sharedParameters) => ({
  $ref: `#/components/parameters/${name}`,
});

function operation(contract: OperationContract, components: Components): JsonSchema {
  const { method, status = 200 } = contract.rest;
  const { path, rest } = contractFields(contract);
  const input = components.inline(contract.input, 'input');
  const properties = (input.properties ?? {}) as Record<string, JsonSchema>;
  const required = (input.required ?? []) as string[];
  const inQuery = takesQuery(method);
  const body = Object.fromEntries(rest.map((name) => [name, properties[name]]));
  const needed = rest.filter((name) => required.includes(name));
  return {
    operationId: contract.id,
    tags: [domainOf(contract.id)],
    summary: contract.summary,
    description: describe(contract),
    parameters: [
      ...path.map((name) => parameter(name, 'path', properties[name], true)),
      ...(inQuery
        ? rest.map((name) => parameter(name, 'query', properties[name], required.includes(name)))
        : []),
      refTo('Organisation'),
      ...(contract.kind === 'command' ? [refTo('IdempotencyKey')] : []),
      ...(contract.versioned ? [refTo('IfMatch')] : []),
    ],
    ...(inQuery || rest.length === 0
      ? {}
      : {
          requestBody: {
            required: needed.length > 0,
            content: {
              'application/json': {
                schema: {
                  type: 'object',
                  properties: body,
                  ...(needed.length > 0 ? { required: needed } : {}),
                  additionalProperties: false,
                },
                ...examples(contract, rest),
              },
            },
          },
        }),
    responses: {
      [status]: {
        description: contract.summary,
        ...(isVersioned(contract) ? { headers: { ETag: { schema: { type: 'string' } } } } : {}),
        content: {
          'application/json': { schema: components.inline(contract.output, 'output') },
        },
      },
      ...errorResponses(errorCodesOf(contract)),
    },
  };
}

function describe(contract: OperationContract): string {
  const who =
    contract.permission === 'self' ? 'Anyone signed in.' : `Needs \`${contract.permission}\`.`;
  const errors = contract.errors ? `Refused when ${contract.errors.join('; or ')}.` : '';
  return [contract.description, who, errors].filter(Boolean).join('\n\n');
}

const isVersioned = (contract: OperationContract): boolean =>
  contract.output instanceof z.ZodObject && 'version' in contract.output.shape;

const parameter = (
  name: string,
  where: string,
  schema: JsonSchema | undefined,
  needed: boolean,
) => ({
  name,
  in: where,
  required: needed,
  schema: schema ?? { type: 'string' },
});

function examples(contract: OperationContract, fields: string[]) {
  if (!contract.examples) return {};
  const entries = contract.examples.map(({ name, input }, index) => [
    `example${index + 1}`,
    {
      summary: name,
      value: Object.fromEntries(Object.entries(input).filter(([key]) => fields.includes(key))),
    },
  ]);
  return { examples: Object.fromEntries(entries) as object };
}

function errorCodesOf(contract: OperationContract): ErrorCode[] {
  const command = contract.kind === 'command';
  return [
    'invalid_input',
    'unauthenticated',
    'forbidden',
    ...(contract.rest.path.includes('{') ? (['not_found'] as const) : []),
    ...(command ? (['conflict', 'unprocessable'] as const) : []),
    ...(contract.versioned ? (['precondition_failed', 'precondition_required'] as const) : []),
    ...(takesQuery(contract.rest.method) ? [] : (['too_large'] as const)),
    'internal',
    'unavailable',
  ];
}
