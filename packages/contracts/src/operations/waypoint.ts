import { z } from 'zod';
import {
  reclaimModes,
  reportedWaypointSchema,
  waypointFiguresSchema,
  waypointReasons,
  waypointStates,
} from '../agent/waypoint.ts';
import { labelNameSchema as name, pageInput, pageOf, timeSchema } from '../common.ts';
import { idOf } from '../ids.ts';
import { lifecycleOperationSchema } from '../lifecycle.ts';
import { defineOperation } from '../operation.ts';
import { poolNameSchema, waypointPreviewSchema } from './waypoint-pool.ts';
import { reclaimScopes, releasedWaypointSchema } from './waypoint-reclaim.ts';
import { sleepWishSchema, waypointSleepSchema } from './waypoint-sleep.ts';

const count = z.number().int();

/** A waypoint in one cluster. `unknown`: the cluster's agent has not told of it (yet). */
export const waypointSummarySchema = z
  .object({
    clusterId: idOf('cluster'),
    clusterName: z.string(),
    namespace: z.string(),
    name: z.string(),
    gatewayClass: z.string(),
    pool: z.string().nullable(),
    takes: z.string(),
    /** The policy of the mesh that asks for it; null: it was applied in the cluster by others. */
    policyId: idOf('policy').nullable(),
    state: z.enum([...waypointStates, 'Unknown']),
    reason: z.enum(waypointReasons).nullable(),
    sentence: z.string(),
    programmed: z.boolean(),
    replicas: reportedWaypointSchema.shape.replicas,
    scaling: reportedWaypointSchema.shape.scaling.omit({ lastAt: true }).nullable(),
    services: count.describe('Services that use it'),
    l7: count.describe('routes and policies of L7 bound to it or to a Service that uses it'),
    saturation: z
      .number()
      .nullable()
      .describe(
        "share of what its ready replicas are to carry by its pool's targets for requests; null: none, or not known",
      ),
    figures: waypointFiguresSchema.extend({ at: timeSchema.nullable() }),
    rejected: z.array(z.string()),
    lastActiveAt: timeSchema.nullable(),
    costPerHour: z.number().nullable(),
    currency: z.string().nullable(),
    sleep: waypointSleepSchema.nullable().describe('null: its agent knows nothing of sleep'),
    /** Nothing of L7 is bound, and its pool lets it be said: it could be released, and L4 would stay as it is. */
    reclaimable: z.boolean(),
  })
  .meta({ id: 'Waypoint' });
export type WaypointSummary = z.output<typeof waypointSummarySchema>;

const boundSchema = z.object({
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
  policyId: idOf('policy').nullable(),
  why: z.string().describe('how it is bound, such as "targetRef Service shop/web"'),
});

/** Namespaces that may use a waypoint: its own, all, or these beside its own. */
const fromSchema = z.union([z.enum(['Same', 'All']), z.array(name).min(1).max(50)]);

export const waypointDetailSchema = waypointSummarySchema
  .extend({
    /** What the mesh asks for; it differs while that is being carried out. Null: it was applied in the cluster. */
    wanted: z
      .object({ pool: z.string().nullable(), takes: z.string(), sleep: sleepWishSchema })
      .nullable(),
    from: fromSchema
      .nullable()
      .describe('namespaces that may use it; null: chosen in a way of others, or not known'),
    attached: z.array(
      z.object({
        kind: z.enum(['Namespace', 'Service']),
        namespace: z.string(),
        name: z.string(),
        because: z.string(),
        ready: z.boolean(),
        why: z.string(),
      }),
    ),
    bound: z.array(boundSchema),
    reclaim: z.object({
      mode: z.enum(reclaimModes),
      /** What says so. */
      from: z.enum(reclaimScopes),
      /** Of `automatic`: for how long nothing of L7 has to be bound. */
      afterS: count,
      /** Since when nothing of L7 is bound, as far as it was looked at; null: something is, or nobody looked. */
      idleSince: timeSchema.nullable(),
      /** When Ambit releases it by itself; null: it does not. */
      dueAt: timeSchema.nullable(),
      /** What releasing it would do, and why it can or cannot be. */
      sentence: z.string(),
      possible: z.boolean(),
    }),
    /** What deleting it would do, one sentence each; `blocked`: it is refused as it stands. */
    deletion: z.object({ blocked: z.boolean(), consequences: z.array(z.string()) }),
  })
  .meta({ id: 'WaypointDetail' });
export type WaypointDetail = z.output<typeof waypointDetailSchema>;

const meshId = { meshId: idOf('mesh') };
const where = { ...meshId, namespace: name, name };
const path = '/v1/meshes/{meshId}/waypoints' as const;

export const waypointList = defineOperation({
  id: 'waypoint.list',
  kind: 'query',
  permission: 'mesh.read',
  rest: { method: 'GET', path },
  summary: 'Every waypoint of a mesh, in each of its clusters, and what it does',
  input: z.object({
    ...meshId,
    ...pageInput,
    namespace: name.optional(),
    pool: z.string().max(63).optional(),
    state: z.enum([...waypointStates, 'Unknown']).optional(),
  }),
  output: pageOf(waypointSummarySchema).extend({
    total: count,
    sentence: z.string(),
    /** Waypoints that were released, and come back when L7 is bound again. */
    released: z.array(releasedWaypointSchema),
    /** Clusters whose agents do not tell of waypoints, and why. */
    silent: z.array(
      z.object({ clusterId: idOf('cluster'), clusterName: z.string(), why: z.string() }),
    ),
  }),
});

export const waypointGet = defineOperation({
  id: 'waypoint.get',
  kind: 'query',
  permission: 'mesh.read',
  rest: { method: 'GET', path: `${path}/{namespace}/{name}` },
  summary: 'One waypoint: what uses it, what is bound to it, and what deleting it would do',
  input: z.object({ ...where, clusterId: idOf('cluster').optional() }),
  output: waypointDetailSchema,
  errors: ['there is no such waypoint in the mesh (404)'],
});

const series = z.array(z.number().nullable());

export const waypointSignals = defineOperation({
  id: 'waypoint.signals',
  kind: 'query',
  permission: 'mesh.read',
  rest: { method: 'GET', path: `${path}/{namespace}/{name}/signals` },
  summary:
    'The requests of a waypoint itself over time: how many, errors, latency, and what it adds',
  description:
    'Counted by the waypoint: a request that it tries again is one request, and what it mirrors is none. A gap (null) is time in which its replicas were not read, or what they do not count.',
  input: z.object({
    ...where,
    clusterId: idOf('cluster').optional().describe('the first that told of it, when left out'),
    from: timeSchema.optional().describe('an hour before `to` when left out'),
    to: timeSchema.optional().describe('now when left out'),
    stepS: z.coerce
      .number()
      .int()
      .min(60)
      .max(86_400)
      .optional()
      .describe(
        'about 120 points when left out, at most 1,500; ten minutes at least of what is older than six hours',
      ),
  }),
  output: z.object({
    clusterId: idOf('cluster').nullable().describe('null: no cluster told of it in this time'),
    from: timeSchema,
    to: timeSchema,
    stepS: count,
    times: z.array(z.number()).describe('milliseconds since 1970, the end of each step'),
    rate: series.describe('requests each second'),
    errorShare: series.describe('of them answered with 5xx, 0 to 1; null without traffic'),
    p50Ms: series.describe('through the waypoint, the time of the server among it'),
    p99Ms: series,
    addedMs: series.describe(
      'mean time of a request in the waypoint beside what it waited for the server; null where that cannot be told',
    ),
  }),
  errors: [
    'the organisation has no such mesh (404)',
    'a span or a step that gives too many points (400)',
  ],
  examples: [
    {
      name: 'The last hour',
      input: { meshId: 'msh_01kaz5m8x0v6h2c4q7t9w3e5r1', namespace: 'shop', name: 'waypoint' },
    },
  ],
});

const wish = {
  pool: poolNameSchema
    .nullable()
    .default(null)
    .describe("the pool it is of; null: Istio's own class"),
  takes: z.enum(['service', 'workload', 'all', 'none']).default('service'),
  from: fromSchema
    .default('Same')
    .describe('namespaces that may use it: its own, all, or these beside its own'),
  sleep: sleepWishSchema
    .default('pool')
    .describe(
      'seconds without a request after which it has no replica until the next connection, which waits for one; `pool`: as its pool says; `never`',
    ),
};
const changed = {
  ...wish,
  from: fromSchema.optional().describe('namespaces that may use it; left out: as it is'),
  sleep: sleepWishSchema.optional().describe('when it sleeps; left out: as it is'),
};

export const waypointCreate = defineOperation({
  id: 'waypoint.create',
  kind: 'command',
  permission: 'mesh.write',
  rest: { method: 'POST', path, status: 201 },
  summary: 'Ask for a waypoint',
  description:
    'Writes the Gateway as a policy of the mesh, the same object that `kubectl apply` on the mesh API makes. Nothing uses it until a label names it: `enrolment.change` sets it, once the waypoint is Programmed.',
  input: z.object({ ...where, ...wish }),
  output: waypointSummarySchema,
  errors: [
    'the mesh has such a Gateway (409)',
    'there is no such pool, or the mesh is not ambient (422)',
  ],
  examples: [
    {
      name: 'A waypoint of a pool',
      input: {
        meshId: 'msh_01kaz5m8x0v6h2c4q7t9w3e5r1',
        namespace: 'shop',
        name: 'waypoint',
        pool: 'standard',
      },
    },
  ],
});

export const waypointUpdate = defineOperation({
  id: 'waypoint.update',
  kind: 'command',
  permission: 'mesh.write',
  rest: { method: 'PUT', path: `${path}/{namespace}/{name}` },
  summary: 'Move a waypoint to another pool, or change who may use it',
  description:
    'A move rolls its pods: a new one is ready before an old one drains, so no request is lost where its replicas and drain times allow it.',
  input: z.object({ ...where, ...changed }),
  output: waypointSummarySchema,
  errors: ['it is no policy of the mesh: change it where it was applied (409)'],
});

export const waypointDelete = defineOperation({
  id: 'waypoint.delete',
  kind: 'command',
  permission: 'mesh.write',
  rest: { method: 'DELETE', path: `${path}/{namespace}/{name}` },
  summary: 'Delete a waypoint that nothing uses',
  description:
    'Refused while labels name it: traffic would go past its policies. Take the labels away first with `enrolment.change` (mode L4), or release it with `waypoint.release`.',
  input: z.object(where),
  output: z.object({ namespace: z.string(), name: z.string(), consequences: z.array(z.string()) }),
  errors: [
    'something uses it (409); the message names it',
    'it is no policy of the mesh: delete it where it was applied (409)',
  ],
});

export const waypointRelease = defineOperation({
  id: 'waypoint.release',
  kind: 'command',
  permission: 'mesh.write',
  rest: { method: 'POST', path: `${path}/{namespace}/{name}/release`, status: 202 },
  summary: 'Release a waypoint to which nothing of L7 is bound; L4 stays',
  description:
    'Takes away the labels that name it, where Ambit set them, waits until that is proven, then its Gateway goes. Encryption and L4 policies go on as they are.',
  input: z.object(where),
  output: z.object({ operation: lifecycleOperationSchema }),
  errors: [
    'something of L7 is bound to it, or labels of others name it (409); the message names them',
  ],
});

export const waypointPreview = defineOperation({
  id: 'waypoint.preview',
  kind: 'query',
  permission: 'mesh.read',
  rest: { method: 'POST', path: `${path}/{namespace}/{name}/preview` },
  summary: 'What changing, releasing or deleting a waypoint would do, and why it would be refused',
  input: z.object({
    ...where,
    act: z.enum(['update', 'release', 'delete']),
    change: z.object(changed).optional().describe('of an update: what it is to become'),
  }),
  output: waypointPreviewSchema,
  errors: ['there is no such waypoint in the mesh (404)'],
});
