import { z } from 'zod';
import { timeSchema } from '../common.ts';
import { idOf } from '../ids.ts';
import { defineOperation } from '../operation.ts';

const meshId = { meshId: idOf('mesh') };

export const traceSummarySchema = z
  .object({
    traceId: z.string(),
    integrationId: idOf('integration'),
    service: z.string().describe('of its first span'),
    operation: z.string(),
    startedAt: timeSchema,
    durationMs: z.number(),
    spans: z.number().int().nullable().describe('null where the server does not say'),
    errors: z.number().int().nullable().describe('spans that failed'),
    services: z.array(z.string()),
    link: z.string().describe('its page at the server itself; empty: none is known'),
  })
  .meta({ id: 'TraceSummary' });
export type TraceSummary = z.output<typeof traceSummarySchema>;

export const spanSchema = z
  .object({
    spanId: z.string(),
    parentSpanId: z.string().nullable(),
    service: z.string(),
    operation: z.string(),
    kind: z.enum(['server', 'client', 'producer', 'consumer', 'internal']),
    startMs: z.number().describe('milliseconds after the first span began'),
    durationMs: z.number(),
    failed: z.boolean(),
    tags: z.record(z.string(), z.string()),
    events: z.array(z.object({ atMs: z.number(), name: z.string() })),
  })
  .meta({ id: 'Span' });
export type Span = z.output<typeof spanSchema>;

const sources = z.array(
  z.object({
    integrationId: idOf('integration'),
    name: z.string(),
    kind: z.enum(['jaeger', 'tempo', 'zipkin']),
    state: z.enum(['ok', 'failed']),
    problem: z.string().describe('what is wrong and what to do; empty when all is well'),
  }),
);

export const traceList = defineOperation({
  id: 'trace.list',
  kind: 'query',
  permission: 'mesh.read',
  rest: { method: 'GET', path: '/v1/meshes/{meshId}/traces' },
  summary: 'Traces of a service, from Jaeger, Tempo or Zipkin; the newest first',
  input: z.object({
    ...meshId,
    service: z.string().min(1).max(500).describe('as traces name it, such as cart.shop'),
    from: timeSchema.optional().describe('an hour before `to` when left out'),
    to: timeSchema.optional().describe('now when left out'),
    minDurationMs: z.coerce.number().int().min(0).optional(),
    failed: z.enum(['true', 'false']).default('false').describe('only those with a failed span'),
    limit: z.coerce.number().int().min(1).max(200).default(20),
  }),
  output: z.object({
    items: z.array(traceSummarySchema),
    sources: sources.describe('empty: no integration for traces'),
  }),
});

export const traceGet = defineOperation({
  id: 'trace.get',
  kind: 'query',
  permission: 'mesh.read',
  rest: { method: 'GET', path: '/v1/meshes/{meshId}/traces/{traceId}' },
  summary: 'One trace as its spans, ordered by start',
  input: z.object({
    ...meshId,
    traceId: z.string().regex(/^[0-9a-fA-F]{1,32}$/, 'expected up to 32 hexadecimal digits'),
  }),
  output: z.object({
    traceId: z.string(),
    integrationId: idOf('integration'),
    startedAt: timeSchema,
    durationMs: z.number(),
    spans: z.array(spanSchema),
    link: z.string().describe('its page at the server itself; empty: none is known'),
    truncated: z.boolean().describe('it has more spans than are given (10,000)'),
  }),
  errors: ['no server of traces knows it (404)', 'none of them answers (503)'],
});

export const traceServices = defineOperation({
  id: 'trace.services',
  kind: 'query',
  permission: 'mesh.read',
  rest: { method: 'GET', path: '/v1/meshes/{meshId}/trace-services' },
  summary: 'Names of services that servers of traces know',
  input: z.object(meshId),
  output: z.object({
    items: z.array(z.string()).describe('ascending; at most 2,000'),
    sources: sources.describe('empty: no integration for traces'),
  }),
});
