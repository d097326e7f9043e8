import { z } from 'zod';
import { timeSchema } from '../common.ts';
import { idOf } from '../ids.ts';
import { defineOperation } from '../operation.ts';

export const groupings = ['service', 'workload', 'app', 'version', 'namespace', 'cluster'] as const;
export const sourceStates = ['ok', 'partial', 'failed', 'pending'] as const;

/** What the numbers of these columns stand for; the lists of packages/topology, model.ts. */
export const graphWords = {
  kind: [
    'workload',
    'service',
    'app',
    'version',
    'namespace',
    'cluster',
    'gateway',
    'waypoint',
    'external',
    'unknown',
  ],
  health: ['none', 'healthy', 'notReady', 'degraded', 'failure'],
  traffic: ['active', 'idle', 'missing', 'unmeasured', 'unsure'],
  protocol: ['http', 'grpc', 'tcp'],
} as const;

const texts = z.array(z.string());
const count = z.number().int();
/** A column: one entry a row. Not looked into one by one: graphs have hundreds of thousands of them. */
const column = z
  .custom<(number | null)[]>((value) => Array.isArray(value))
  .meta({ type: 'array', items: { type: ['number', 'null'] } });

const coded = (name: keyof typeof graphWords) =>
  column.meta({
    type: 'array',
    items: { type: 'number' },
    description: graphWords[name].map((word, at) => `${at} ${word}`).join(', '),
  });

/** A graph, or what changed in one, as it travels (`ambit.topology/1`; packages/topology, wire/message.ts). */
export const graphMessageSchema = z
  .object({
    format: z.literal('ambit.topology/1'),
    revision: count.describe('of this answer; send it back as `base`'),
    base: count
      .nullable()
      .describe('null: a whole graph; else the revision that this is the difference to'),
    at: z.number().describe('when the telemetry was true, milliseconds since 1970'),
    windowS: z.number().describe('over how many seconds rates are told'),
    strings: texts.describe('every text once; columns of texts hold its number'),
    nodes: z.object({
      id: column,
      cluster: column,
      namespace: column,
      name: column,
      app: column,
      version: column,
      kind: coded('kind'),
      health: coded('health'),
      traffic: coded('traffic'),
      inRate: column,
      outRate: column,
      inErrorShare: column,
      outErrorShare: column,
    }),
    edges: z.object({
      source: column,
      target: column,
      protocol: coded('protocol'),
      health: coded('health'),
      traffic: coded('traffic'),
      waypoint: column,
      codeCount: column,
      rate: column,
      errorShare: column,
      p50Ms: column,
      p95Ms: column,
      p99Ms: column,
      mutualTlsShare: column,
      requestBytes: column,
      responseBytes: column,
    }),
    codes: z
      .custom<number[]>((value) => Array.isArray(value))
      .meta({ type: 'array', items: { type: 'number' } }),
    removedNodes: texts,
    removedEdges: texts,
  })
  .meta({ id: 'GraphMessage' });

export const topologySourceSchema = z
  .object({
    kind: z.enum(['prometheus', 'agent']),
    integrationId: idOf('integration').nullable().describe('null: what agents scrape themselves'),
    clusterId: idOf('cluster')
      .nullable()
      .describe('the cluster it tells of; null: of the whole mesh'),
    name: z.string(),
    state: z.enum(sourceStates).describe('pending: it has not answered yet'),
    problems: z.array(z.string()).describe('what is wrong and what to do, in sentences'),
    asOf: timeSchema.nullable().describe('when what it told last was true'),
  })
  .meta({ id: 'TopologySource' });
export type TopologySource = z.output<typeof topologySourceSchema>;

const flag = z.enum(['true', 'false']).default('false');
const view = {
  group: z.enum(groupings).default('workload'),
  ambient: z
    .enum(['folded', 'unfolded'])
    .default('folded')
    .describe('unfolded: hops through ztunnel and waypoints are edges of their own'),
  services: flag.describe('between workloads, apps or versions show the services that are asked'),
  idle: flag.describe('show edges without traffic now'),
};

export const topologyGet = defineOperation({
  id: 'topology.get',
  kind: 'query',
  permission: 'mesh.read',
  rest: { method: 'GET', path: '/v1/meshes/{meshId}/topology' },
  summary: 'The graph of a mesh with its traffic: whole, or what changed since a revision',
  description:
    'The graph is kept fresh while somebody looks. `base` is the revision of the graph one has: the answer is the difference when it is still known, else the whole. Sources that are slow, away or answer in part never hold the answer up: `sources` says of each how it stands.',
  input: z.object({
    meshId: idOf('mesh'),
    ...view,
    at: timeSchema.optional().describe('a moment in the past; now when left out'),
    base: z.coerce.number().int().positive().optional(),
  }),
  output: z.object({
    meshId: idOf('mesh'),
    graph: graphMessageSchema,
    sources: z.array(topologySourceSchema).describe('empty: nobody tells of traffic'),
    state: z
      .enum(['live', 'starting', 'past', 'noSource', 'failed'])
      .describe(
        'starting: no source has answered yet; failed: none could; noSource: there is none',
      ),
    message: z.string().describe('what is missing and what to do; empty when all is well'),
    asOf: timeSchema.nullable().describe('the oldest moment that a source of this told of'),
    retryMs: z.number().int().nullable().describe('when to ask again; null: it will not change'),
    dropped: count.describe('series that were beyond what is kept'),
  }),
  errors: [
    'the organisation has no such mesh (404)',
    'too many meshes are looked at from here (503)',
  ],
  examples: [
    {
      name: 'By workload',
      input: { meshId: 'msh_01kaz5m8x0v6h2c4q7t9w3e5r1', group: 'workload' },
    },
  ],
});

const series = z.array(z.number().nullable());

/** Golden signals over time; a gap is null, which is not zero. */
export const signalSeriesSchema = z
  .object({
    rate: series.describe('requests, or opened connections, each second'),
    errorShare: series.describe('0 to 1; null without traffic'),
    p50Ms: series,
    p95Ms: series,
    p99Ms: series,
    requestBytes: series.describe('each second'),
    responseBytes: series,
  })
  .meta({ id: 'SignalSeries' });
export type SignalSeries = z.output<typeof signalSeriesSchema>;

export const topologySignals = defineOperation({
  id: 'topology.signals',
  kind: 'query',
  permission: 'mesh.read',
  rest: { method: 'GET', path: '/v1/meshes/{meshId}/topology/signals' },
  summary: 'The golden signals of a node or an edge of the graph over time',
  input: z.object({
    meshId: idOf('mesh'),
    subject: z
      .string()
      .min(1)
      .max(2_000)
      .describe('id of a node (`workload:cluster/namespace/name`) or an edge of the graph'),
    from: timeSchema.optional().describe('an hour before `to` when left out'),
    to: timeSchema.optional().describe('now when left out'),
    stepS: z.coerce
      .number()
      .int()
      .min(5)
      .max(86_400)
      .optional()
      .describe('about 120 points when left out; at most 1,500 are given'),
  }),
  output: z.object({
    subject: z.string(),
    from: timeSchema,
    to: timeSchema,
    stepS: z.number(),
    times: z.array(z.number()).describe('milliseconds since 1970, one for each point'),
    inbound: signalSeriesSchema.nullable(),
    outbound: signalSeriesSchema.nullable().describe('of nodes only'),
    top: z
      .array(
        z.object({
          edgeId: z.string(),
          direction: z.enum(['inbound', 'outbound']),
          peer: z.string().describe('the node at the other end'),
          rate: z.number(),
          errorShare: z.number().nullable(),
          p95Ms: z.number().nullable(),
          code: z.string().describe('the most frequent code of failures; empty without'),
        }),
      )
      .describe('the edges that fail most now, as the graph has them; at most ten'),
    sources: z.array(topologySourceSchema),
  }),
  errors: [
    'an id that is no node and no edge (400)',
    'a span or a step that gives too many points (400)',
  ],
  examples: [
    {
      name: 'A workload over the last hour',
      input: {
        meshId: 'msh_01kaz5m8x0v6h2c4q7t9w3e5r1',
        subject: 'workload:Kubernetes/shop/cart',
        stepS: 60,
      },
    },
  ],
});
