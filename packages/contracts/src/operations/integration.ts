import { z } from 'zod';
import { pageInput, pageOf, timeSchema } from '../common.ts';
import { idOf } from '../ids.ts';
import { defineOperation } from '../operation.ts';

export const integrationKinds = ['prometheus', 'jaeger', 'tempo', 'zipkin'] as const;
export type IntegrationKind = (typeof integrationKinds)[number];

const secret = z.string().min(1).max(8_000).optional();

/** How one signs in. What is secret is taken, sealed, and never given back. */
export const integrationAuthSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('basic'), username: z.string().max(254), password: secret }),
  z.object({ kind: z.literal('bearer'), token: secret }),
]);

export const integrationHeaderSchema = z.object({
  name: z
    .string()
    .max(100)
    .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'a header name such as X-Scope-OrgID'),
  value: z
    .string()
    .max(8_000)
    .regex(/^[\t\u0020-\u007e\u0080-\u00ff]*$/, 'no line breaks')
    .optional(),
  secret: z.boolean().default(false).describe('its value is sealed and never given back'),
});

const settings = {
  name: z.string().trim().min(1, 'a name is needed').max(80),
  clusterId: idOf('cluster').nullable().default(null).describe('only for this cluster'),
  meshId: idOf('mesh')
    .nullable()
    .default(null)
    .describe('only for this mesh; without both for all of the organisation'),
  address: z
    .url({ protocol: /^https?$/, error: 'expected an address such as https://prometheus.example' })
    .max(2_000)
    .describe('root of the API: what stands before /api/v1'),
  auth: integrationAuthSchema.default({ kind: 'none' }),
  headers: z
    .array(integrationHeaderSchema)
    .max(20)
    .default([])
    .describe('sent with each request: a tenant (X-Scope-OrgID), or what a gateway asks for'),
  caPem: z
    .string()
    .max(64 * 1024)
    .default('')
    .describe('certificates to be trusted beside the usual ones'),
  insecureSkipVerify: z.boolean().default(false).describe('take any certificate'),
  timeoutMs: z.number().int().min(500).max(60_000).default(15_000),
  reach: z
    .enum(['platform', 'agent'])
    .default('platform')
    .describe(
      'agent: it is only reachable inside the cluster of `clusterId`, and asked through its agent',
    ),
  matchers: z
    .string()
    .max(1_000)
    .default('')
    .describe('Prometheus: PromQL matchers of every query, to find one mesh in a shared server'),
  latency: z.boolean().default(true).describe('Prometheus: ask for histograms of durations too'),
  traceUrl: z
    .string()
    .max(2_000)
    .regex(/^$|^https?:\/\/\S*\{traceId\}\S*$/, 'expected an address with {traceId} in it')
    .default('')
    .describe(
      'traces: page of one for people, with {traceId}; empty: that of Jaeger or Zipkin where they are reached from the platform, and none for Tempo',
    ),
};

export const integrationStatusSchema = z.object({
  state: z.enum(['unknown', 'ok', 'partial', 'failed']),
  problems: z.array(z.string()).describe('what is wrong and what to do, in sentences'),
  at: timeSchema.nullable().describe('when it was asked last'),
  lastOkAt: timeSchema.nullable(),
});

/** A server of others that the platform asks: for metrics, or for traces. */
export const integrationSchema = z
  .object({
    id: idOf('integration'),
    kind: z.enum(integrationKinds),
    name: z.string(),
    address: z.string(),
    clusterName: z.string().nullable(),
    meshName: z.string().nullable(),
    clusterId: idOf('cluster').nullable(),
    meshId: idOf('mesh').nullable(),
    auth: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('none') }),
      z.object({ kind: z.literal('basic'), username: z.string() }),
      z.object({ kind: z.literal('bearer') }),
    ]),
    headers: z.array(
      z.object({ name: z.string(), value: z.string().nullable(), secret: z.boolean() }),
    ),
    caPem: z.string(),
    insecureSkipVerify: z.boolean(),
    timeoutMs: z.number().int(),
    reach: z.enum(['platform', 'agent']),
    matchers: z.string(),
    latency: z.boolean(),
    traceUrl: z.string(),
    status: integrationStatusSchema,
    version: z.number().int(),
    createdAt: timeSchema,
  })
  .meta({ id: 'Integration' });
export type Integration = z.output<typeof integrationSchema>;

const integrationId = { integrationId: idOf('integration') };
const errors = [
  'an address that may not be called, or a scope that does not fit (422)',
  'another integration has this name (409)',
];

export const integrationList = defineOperation({
  id: 'integration.list',
  kind: 'query',
  permission: 'integration.read',
  rest: { method: 'GET', path: '/v1/integrations' },
  summary: 'List integrations: servers of metrics and traces, with how asking them goes',
  input: z.object({
    ...pageInput,
    kind: z.enum(integrationKinds).optional(),
    meshId: idOf('mesh').optional().describe('only those that tell of this mesh'),
  }),
  output: pageOf(integrationSchema),
});

export const integrationGet = defineOperation({
  id: 'integration.get',
  kind: 'query',
  permission: 'integration.read',
  rest: { method: 'GET', path: '/v1/integrations/{integrationId}' },
  summary: 'Get an integration',
  input: z.object(integrationId),
  output: integrationSchema,
});

export const integrationCreate = defineOperation({
  id: 'integration.create',
  kind: 'command',
  permission: 'integration.write',
  rest: { method: 'POST', path: '/v1/integrations', status: 201 },
  summary: 'Connect a Prometheus-compatible server, Jaeger, Tempo or Zipkin',
  description:
    'For all of the organisation, or for one mesh or cluster. Addresses of the platform’s own networks are refused, unless its operator allows them in AMBIT_ALERT_ALLOW; what is only reachable inside a cluster is asked through its agent.',
  input: z.object({ kind: z.enum(integrationKinds), ...settings }),
  output: integrationSchema,
  errors,
  examples: [
    {
      name: 'A tenant of Mimir',
      input: {
        kind: 'prometheus',
        name: 'mimir',
        address: 'https://mimir.example/prometheus',
        auth: { kind: 'bearer', token: 'a-token' },
        headers: [{ name: 'X-Scope-OrgID', value: 'shop' }],
      },
    },
  ],
});

export const integrationUpdate = defineOperation({
  id: 'integration.update',
  kind: 'command',
  permission: 'integration.write',
  rest: { method: 'PUT', path: '/v1/integrations/{integrationId}' },
  summary: 'Replace an integration; secrets that are left out stay while the server is the same',
  versioned: true,
  input: z.object({ ...integrationId, version: z.number().int(), ...settings }),
  output: integrationSchema,
  errors,
});

export const integrationDelete = defineOperation({
  id: 'integration.delete',
  kind: 'command',
  permission: 'integration.write',
  rest: { method: 'DELETE', path: '/v1/integrations/{integrationId}' },
  summary: 'Delete an integration; the server itself is left as it is',
  input: z.object(integrationId),
  output: integrationSchema,
});

export const integrationTest = defineOperation({
  id: 'integration.test',
  kind: 'command',
  permission: 'integration.write',
  rest: { method: 'POST', path: '/v1/integrations/{integrationId}/test' },
  summary: 'Ask the server, and say in sentences what works and what does not',
  input: z.object(integrationId),
  output: z.object({
    outcome: z.enum(['ok', 'warning', 'failed']),
    checks: z
      .array(
        z.object({
          name: z.string(),
          outcome: z.enum(['ok', 'warning', 'failed', 'skipped']),
          message: z.string(),
        }),
      )
      .describe('in the order in which they were made; what follows a failure is skipped'),
    durationMs: z.number(),
    integration: integrationSchema,
  }),
});
