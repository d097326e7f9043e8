import { z } from 'zod';
import {
  poolKinds,
  poolSpecSchema,
  reportedPoolSchema,
  waypointClassPrefix,
} from '../agent/waypoint.ts';
import { pageInput, pageOf, timeSchema } from '../common.ts';
import { idOf } from '../ids.ts';
import { defineOperation } from '../operation.ts';

export const poolNameSchema = z
  .string()
  .regex(/^[a-z]([-a-z0-9]*[a-z0-9])?$/, 'lower-case letters, digits and "-"')
  .max(40);

export const waypointPoolSchema = z
  .object({
    id: idOf('waypointPool'),
    meshId: idOf('mesh'),
    name: poolNameSchema,
    gatewayClass: z.string().meta({ example: `${waypointClassPrefix}small` }),
    spec: poolSpecSchema,
    waypoints: z.number().int().describe('of the pool, over all clusters'),
    replicas: z.number().int(),
    costPerHour: z.number().nullable(),
    clusters: z.array(
      reportedPoolSchema
        .omit({ name: true })
        .extend({ clusterId: idOf('cluster'), clusterName: z.string() }),
    ),
    sentence: z.string(),
    version: z.number().int(),
    createdAt: timeSchema,
  })
  .meta({ id: 'WaypointPool' });
export type WaypointPool = z.output<typeof waypointPoolSchema>;

/** What an act upon a waypoint or a pool would do, computed now. */
export const waypointPreviewSchema = z
  .object({
    allowed: z.boolean(),
    /** Why it would be refused, each with what to do about it. */
    refusals: z.array(z.object({ message: z.string(), fix: z.string() })),
    consequences: z.array(z.string()).describe('what it would do, a sentence each'),
    steps: z.array(z.string()).describe('in this order; empty where it is one step'),
  })
  .meta({ id: 'WaypointPreview' });
export type WaypointPreview = z.output<typeof waypointPreviewSchema>;

const meshId = { meshId: idOf('mesh') };
const poolId = { ...meshId, poolId: idOf('waypointPool') };
const path = '/v1/meshes/{meshId}/waypoint-pools' as const;

export const waypointPoolList = defineOperation({
  id: 'waypointPool.list',
  kind: 'query',
  permission: 'mesh.read',
  rest: { method: 'GET', path },
  summary: "A mesh's waypoint pools",
  input: z.object({ ...meshId, ...pageInput }),
  output: pageOf(waypointPoolSchema),
});

export const waypointPoolGet = defineOperation({
  id: 'waypointPool.get',
  kind: 'query',
  permission: 'mesh.read',
  rest: { method: 'GET', path: `${path}/{poolId}` },
  summary: 'One waypoint pool, with what each cluster says of it',
  input: z.object(poolId),
  output: waypointPoolSchema,
});

export const waypointPoolTemplates = defineOperation({
  id: 'waypointPool.templates',
  kind: 'query',
  permission: 'mesh.read',
  rest: { method: 'GET', path: '/v1/waypoint-pool-templates' },
  summary: 'Beginnings of pools: general ones, and one for each known kind of virtual node',
  input: z.object({}),
  output: z.object({
    items: z.array(
      z.object({
        name: z.string(),
        kind: z.enum(poolKinds),
        description: z.string(),
        spec: poolSpecSchema,
      }),
    ),
  }),
});

export const waypointPoolCreate = defineOperation({
  id: 'waypointPool.create',
  kind: 'command',
  permission: 'mesh.write',
  rest: { method: 'POST', path, status: 201 },
  summary:
    'Make a pool: a class of waypoints with its size, replicas, nodes, zones and drain times',
  description:
    'Each cluster of the mesh gets a GatewayClass `ambit-waypoint-<name>` with its defaults; istiod makes waypoints of it. Nothing runs until a waypoint is of the pool.',
  input: z.object({ ...meshId, name: poolNameSchema, spec: poolSpecSchema }),
  output: waypointPoolSchema,
  errors: ['the mesh has a pool of that name (409)', 'the mesh is not ambient (422)'],
  examples: [
    {
      name: 'Two replicas at least, scaled by requests',
      input: {
        meshId: 'msh_01kaz5m8x0v6h2c4q7t9w3e5r1',
        name: 'standard',
        spec: {
          kind: 'shared',
          minReplicas: 2,
          maxReplicas: 10,
          scaling: { by: 'agent', requestsPerSecond: 500 },
        },
      },
    },
  ],
});

export const waypointPoolUpdate = defineOperation({
  id: 'waypointPool.update',
  kind: 'command',
  permission: 'mesh.write',
  rest: { method: 'PUT', path: `${path}/{poolId}` },
  versioned: true,
  summary: 'Change a pool; istiod rolls its waypoints where their pods change',
  input: z.object({ ...poolId, version: z.number().int(), spec: poolSpecSchema }),
  output: waypointPoolSchema,
  errors: ['somebody changed it since (409)'],
});

export const waypointPoolDelete = defineOperation({
  id: 'waypointPool.delete',
  kind: 'command',
  permission: 'mesh.write',
  rest: { method: 'DELETE', path: `${path}/{poolId}` },
  summary: 'Delete a pool that no waypoint is of',
  input: z.object(poolId),
  output: waypointPoolSchema,
  errors: ['waypoints are of the pool (409); the message names them'],
});

export const waypointPoolPreview = defineOperation({
  id: 'waypointPool.preview',
  kind: 'query',
  permission: 'mesh.read',
  rest: { method: 'POST', path: `${path}/{poolId}/preview` },
  summary:
    'What changing or deleting a pool would do to its waypoints, and why it would be refused',
  input: z.object({
    ...poolId,
    act: z.enum(['update', 'delete']),
    spec: poolSpecSchema.optional().describe('of an update: what it is to become'),
  }),
  output: waypointPreviewSchema,
});
