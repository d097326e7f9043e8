import { z } from 'zod';
import { reclaimModes } from '../agent/waypoint.ts';
import { labelNameSchema as name, timeSchema } from '../common.ts';
import { idOf } from '../ids.ts';
import { lifecycleOperationSchema } from '../lifecycle.ts';
import { defineOperation } from '../operation.ts';

const afterS = z
  .number()
  .int()
  .min(0)
  .max(30 * 86_400)
  .describe('seconds for which nothing of L7 has to be bound before Ambit releases by itself');

/** What says how a waypoint is reclaimed; the nearest one counts: the waypoint, its namespace, its pool, the mesh. */
export const reclaimScopes = ['waypoint', 'namespace', 'pool', 'mesh', 'default'] as const;

/** A waypoint that was released, and comes back when L7 is bound again. */
export const releasedWaypointSchema = z
  .object({
    namespace: z.string(),
    name: z.string(),
    gatewayClass: z.string(),
    releasedAt: timeSchema,
    /** Whether Ambit takes it up by itself; else `waypoint.takeUp` does. */
    automatic: z.boolean(),
    /** What used it, and will again: `shop` for a namespace, `shop/web` for a Service. */
    uses: z.array(z.string()),
    sentence: z.string(),
  })
  .meta({ id: 'ReleasedWaypoint' });
export type ReleasedWaypoint = z.output<typeof releasedWaypointSchema>;

export const waypointReclaimSchema = z
  .object({
    mode: z.enum(reclaimModes).describe('of the mesh; what nearer scopes say goes before it'),
    afterS,
    /** Namespaces, and waypoints (with a name), for which something else is set. */
    scopes: z.array(
      z.object({
        namespace: z.string(),
        name: z.string().nullable(),
        mode: z.enum(reclaimModes),
        afterS,
      }),
    ),
    released: z.array(releasedWaypointSchema),
    sentence: z.string(),
  })
  .meta({ id: 'WaypointReclaim' });
export type WaypointReclaim = z.output<typeof waypointReclaimSchema>;

const path = '/v1/meshes/{meshId}/waypoint-reclaim' as const;
const meshId = { meshId: idOf('mesh') };

export const waypointReclaimGet = defineOperation({
  id: 'waypointReclaim.get',
  kind: 'query',
  permission: 'mesh.read',
  rest: { method: 'GET', path },
  summary: 'How waypoints that L7 does not need are reclaimed, and which were released',
  input: z.object(meshId),
  output: waypointReclaimSchema,
});

export const waypointReclaimSet = defineOperation({
  id: 'waypointReclaim.set',
  kind: 'command',
  permission: 'mesh.write',
  rest: { method: 'PUT', path },
  summary: 'Set how waypoints are reclaimed: of the mesh, of a namespace, or of one waypoint',
  description:
    '`off`: never proposed. `ask`: found and explained, released by hand. `automatic`: once nothing of L7 was bound for `afterS` seconds Ambit releases it, with L4 kept, and takes it up again when a route or policy of L7 is bound in its scope; labels name it only after it is Programmed with ready pods. Both are operations of the mesh that everybody sees, and that can be taken back.',
  input: z.object({
    ...meshId,
    namespace: name.optional().describe('left out: for the whole mesh'),
    name: name.optional().describe('of a waypoint, with its namespace'),
    mode: z
      .enum(reclaimModes)
      .nullable()
      .describe('null: nothing is said here, what is farther counts'),
    afterS: afterS.default(3_600),
  }),
  output: waypointReclaimSchema,
  errors: ['a name without a namespace (422)', 'the mesh is not ambient (422)'],
  examples: [
    {
      name: 'Release by itself what L7 did not need for a day',
      input: {
        meshId: 'msh_01kaz5m8x0v6h2c4q7t9w3e5r1',
        mode: 'automatic',
        afterS: 86_400,
      },
    },
  ],
});

export const waypointTakeUp = defineOperation({
  id: 'waypoint.takeUp',
  kind: 'command',
  permission: 'mesh.write',
  rest: {
    method: 'POST',
    path: '/v1/meshes/{meshId}/waypoints/{namespace}/{name}/take-up',
    status: 202,
  },
  summary: 'Take up again a waypoint that was released',
  description:
    'Its Gateway comes back as it was; once it is Programmed with ready pods, the labels of before name it.',
  input: z.object({ ...meshId, namespace: name, name }),
  output: z.object({ operation: lifecycleOperationSchema }),
  errors: ['it was not released (404)', 'what used it is no longer in the mesh at L4 (409)'],
});
