import { z } from 'zod';
import { writerSchema } from '../agent/objects.ts';
import { kubeObjectSchema, pageInput, pageOf, timeSchema } from '../common.ts';
import { idOf } from '../ids.ts';
import { defineOperation } from '../operation.ts';
import { policySchema } from './policy.ts';

/**
 * open: nobody decided yet. left: it stays the cluster's, as decided. conflict: the mesh has a policy of its name, and
 * nobody decided. kept: the cluster's holds, as decided. changing: the mesh's is about to take its place.
 */
export const directStates = ['open', 'left', 'conflict', 'kept', 'changing'] as const;
export type DirectState = (typeof directStates)[number];

export const directObjectSchema = z
  .object({
    id: idOf('object'),
    clusterId: idOf('cluster'),
    clusterName: z.string(),
    apiVersion: z.string(),
    kind: z.string(),
    namespace: z.string(),
    name: z.string(),
    writer: writerSchema.nullable(),
    state: z.enum(directStates),
    /** Made by a controller for another object: that one can be adopted, not this. */
    madeFor: z.string().nullable(),
    decidedBy: z.string().nullable(),
    decidedAt: timeSchema.nullable(),
    /** The mesh's policy of the same name. */
    policyId: idOf('policy').nullable(),
    firstSeenAt: timeSchema,
    changedAt: timeSchema,
  })
  .meta({ id: 'DirectObject' });
export type DirectObject = z.output<typeof directObjectSchema>;

export const directObjectDetailSchema = directObjectSchema
  .extend({
    object: kubeObjectSchema,
    /** Too large to be told: only its identity is known here. */
    truncated: z.boolean(),
    /** What would be adopted: without the cluster's bookkeeping and the marks of the tool. */
    yaml: z.string(),
    /** The mesh's policy of this name in the same form, to be compared. */
    policy: z
      .object({ yaml: z.string(), version: z.number().int(), author: z.string() })
      .nullable(),
    /** What runs now, who wrote what, what each choice does: sentences. */
    explanation: z.array(z.string()),
    /** What is to be done in the tool that wrote it, so that it does not write it again. */
    handOver: z.array(z.string()),
  })
  .meta({ id: 'DirectObjectDetail' });

const meshId = { meshId: idOf('mesh') };
const objectId = { ...meshId, objectId: idOf('object') };
const filters = {
  ...pageInput,
  kind: z.string().optional(),
  namespace: z.string().optional(),
  state: z.enum(directStates).optional(),
};

export const directList = defineOperation({
  id: 'direct.list',
  kind: 'query',
  permission: 'policy.read',
  limited: true,
  rest: { method: 'GET', path: '/v1/meshes/{meshId}/direct-objects' },
  summary:
    'List Istio and Gateway API objects that others applied directly in the clusters of a mesh',
  description:
    'Ambit never overwrites or removes them. Each can be adopted into the mesh or left; one whose name the mesh has too is a conflict that a person decides.',
  input: z.object({ ...meshId, ...filters, clusterId: idOf('cluster').optional() }),
  output: pageOf(directObjectSchema),
});

export const directListInCluster = defineOperation({
  id: 'direct.listInCluster',
  kind: 'query',
  permission: 'policy.read',
  limited: true,
  rest: { method: 'GET', path: '/v1/clusters/{clusterId}/direct-objects' },
  summary: 'The same of one cluster, whether it belongs to a mesh or not',
  input: z.object({ clusterId: idOf('cluster'), ...filters }),
  output: pageOf(directObjectSchema),
});

export const directGet = defineOperation({
  id: 'direct.get',
  kind: 'query',
  permission: 'policy.read',
  limited: true,
  rest: { method: 'GET', path: '/v1/meshes/{meshId}/direct-objects/{objectId}' },
  summary: 'One of them, with what runs now and what each choice does',
  input: z.object(objectId),
  output: directObjectDetailSchema,
});

export const directAdopt = defineOperation({
  id: 'direct.adopt',
  kind: 'command',
  permission: 'policy.write',
  limited: true,
  rest: { method: 'POST', path: '/v1/meshes/{meshId}/direct-objects/{objectId}/adopt' },
  summary: 'Make it a policy of the mesh, as it stands in the cluster',
  description:
    "The object is neither deleted nor made anew: its fields change hands by server-side apply. It is then delivered to every cluster of the mesh. Where the mesh has a policy of its name, the cluster's becomes that policy's newest version.",
  input: z.object(objectId),
  output: z.object({ policy: policySchema, handOver: z.array(z.string()) }),
  errors: [
    'the object was made by a controller for another one, or is too large to be told',
    'the object is not valid by the rules of the mesh',
  ],
});

export const directLeave = defineOperation({
  id: 'direct.leave',
  kind: 'command',
  permission: 'policy.write',
  limited: true,
  rest: { method: 'POST', path: '/v1/meshes/{meshId}/direct-objects/{objectId}/leave' },
  summary: 'Leave it to the cluster, and remember that somebody decided so',
  input: z.object(objectId),
  output: directObjectSchema,
  errors: ['the mesh has a policy of its name: decide the conflict'],
});

export const directDecide = defineOperation({
  id: 'direct.decide',
  kind: 'command',
  permission: 'policy.write',
  limited: true,
  rest: { method: 'POST', path: '/v1/meshes/{meshId}/direct-objects/{objectId}/decide' },
  summary:
    "Decide a conflict: keep the cluster's, or take the mesh's (direct adopt: make the cluster's the mesh's)",
  input: z.object({
    ...objectId,
    choice: z
      .enum(['keep', 'take'])
      .describe("keep: the cluster's own stays there; take: the mesh's takes its place"),
  }),
  output: directObjectSchema,
  errors: ['the mesh has no policy of its name: there is nothing to decide'],
});
