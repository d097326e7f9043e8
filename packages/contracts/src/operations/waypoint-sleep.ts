import { z } from 'zod';
import { sleepAfterSchema, sleepPhases } from '../agent/waypoint.ts';
import { labelNameSchema as name, timeSchema } from '../common.ts';
import { idOf } from '../ids.ts';
import { lifecycleOperationSchema } from '../lifecycle.ts';
import { defineOperation } from '../operation.ts';

/** What is asked of one waypoint: as its pool says, never, or after so many seconds without a request. */
export const sleepWishSchema = z.union([z.enum(['pool', 'never']), sleepAfterSchema]);
export type SleepWish = z.output<typeof sleepWishSchema>;

/** How a waypoint sleeps in one cluster, and what that means for who calls it. */
export const waypointSleepSchema = z
  .object({
    phase: z.enum(sleepPhases),
    afterS: z.number().int().nullable().describe('null: it never sleeps'),
    since: timeSchema.nullable().describe('of the phase; null: not known'),
    held: z.number().int().describe('connections that wait for a replica'),
    carried: z
      .number()
      .int()
      .describe('connections of the time it slept that go on through the agent'),
    failed: z
      .object({ at: timeSchema, message: z.string() })
      .nullable()
      .describe('the last time that connections were closed because no replica became ready'),
    sentence: z.string(),
  })
  .meta({ id: 'WaypointSleep' });
export type WaypointSleep = z.output<typeof waypointSleepSchema>;

export const waypointWake = defineOperation({
  id: 'waypoint.wake',
  kind: 'command',
  permission: 'mesh.write',
  rest: {
    method: 'POST',
    path: '/v1/meshes/{meshId}/waypoints/{namespace}/{name}/wake',
    status: 202,
  },
  summary: 'Wake a waypoint that sleeps, before a request does',
  description:
    'Gives it the replicas of its floor and waits until one is ready. The first connection does the same: it waits for the replica. A waypoint that is woken sleeps again after as long as before.',
  input: z.object({
    meshId: idOf('mesh'),
    namespace: name,
    name,
    clusterId: idOf('cluster').optional().describe('where several clusters have it: which one'),
  }),
  output: z.object({ operation: lifecycleOperationSchema }),
  errors: ['there is no such waypoint in the mesh (404)', 'it does not sleep (409)'],
});
