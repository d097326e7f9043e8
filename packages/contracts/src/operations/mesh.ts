import { z } from 'zod';
import {
  conditionSchema,
  nameSchema,
  pageInput,
  pageOf,
  statusSchema,
  timeSchema,
} from '../common.ts';
import { enrolmentModes, workloadSchema } from '../agent/protocol.ts';
import { idOf } from '../ids.ts';
import { lifecycleOperationSchema } from '../lifecycle.ts';
import { meshOptionsSchema } from '../mesh-options.ts';
import { defineOperation } from '../operation.ts';
import { clusterStates } from './cluster.ts';

export const profiles = ['sidecar', 'ambient'] as const;

export const meshSchema = z
  .object({
    id: idOf('mesh'),
    name: nameSchema,
    projectId: idOf('project'),
    profile: z.enum(profiles),
    /** Release that is wanted. */
    release: z.string(),
    /** Release that is proven Ready everywhere; null before the first time. */
    activeRelease: z.string().nullable(),
    status: statusSchema,
    /** One sentence: how the mesh is and what, if anything, to do. */
    statusMessage: z.string(),
    conditions: z.array(conditionSchema),
    options: meshOptionsSchema,
    clusters: z.array(
      z.object({
        id: idOf('cluster'),
        name: z.string(),
        state: z.enum(clusterStates),
        simulated: z.boolean(),
      }),
    ),
    /** The unfinished operation, if there is one. */
    operation: z.object({ id: idOf('operation'), title: z.string() }).nullable(),
    workloads: z.object({ total: z.number().int(), enrolled: z.number().int() }),
    policies: z.number().int(),
    upgradeTo: z.array(z.string()).describe('releases it can be upgraded to now'),
    /** Counts changes of what is wanted; the ETag. */
    version: z.number().int(),
    createdAt: timeSchema,
  })
  .meta({ id: 'Mesh' });

/** One line of a check before something is done. */
export const checkSchema = z
  .object({
    name: z.string(),
    severity: z.enum(['ok', 'info', 'warning', 'error']),
    message: z.string(),
    fix: z.string().optional(),
  })
  .meta({ id: 'Check' });

const meshId = { meshId: idOf('mesh') };
const version = z.number().int().describe('version the change is based on; If-Match in REST');
const started = z.object({ mesh: meshSchema, operation: lifecycleOperationSchema });

export const meshList = defineOperation({
  id: 'mesh.list',
  kind: 'query',
  permission: 'mesh.read',
  rest: { method: 'GET', path: '/v1/meshes' },
  summary: 'List meshes',
  input: z.object({ ...pageInput, projectId: idOf('project').optional() }),
  output: pageOf(meshSchema),
});

export const meshGet = defineOperation({
  id: 'mesh.get',
  kind: 'query',
  permission: 'mesh.read',
  rest: { method: 'GET', path: '/v1/meshes/{meshId}' },
  summary: 'One mesh with its conditions',
  input: z.object(meshId),
  output: meshSchema,
});

const createInput = z.object({
  name: nameSchema,
  projectId: idOf('project').optional().describe('the default project when left out'),
  profile: z
    .enum(profiles)
    .default('sidecar')
    .describe('sidecar: a proxy in every pod; ambient: L4 on the node, L7 by waypoints'),
  release: z
    .string()
    .optional()
    .describe('a version of the catalogue; the newest stable one when left out'),
  clusterIds: z.array(idOf('cluster')).min(1).max(50),
  options: meshOptionsSchema.prefault({}),
});

export const meshPrecheck = defineOperation({
  id: 'mesh.precheck',
  kind: 'query',
  permission: 'mesh.read',
  rest: { method: 'POST', path: '/v1/meshes/precheck' },
  summary: 'What would stand in the way of creating this mesh',
  input: createInput,
  output: z.object({ checks: z.array(checkSchema), allowed: z.boolean() }),
});

export const meshCreate = defineOperation({
  id: 'mesh.create',
  kind: 'command',
  permission: 'mesh.write',
  rest: { method: 'POST', path: '/v1/meshes', status: 202 },
  summary: 'Create a mesh over one or more clusters',
  input: createInput,
  output: started,
  errors: [
    'a cluster is already in a mesh',
    "the release does not support the cluster's Kubernetes version",
  ],
  examples: [
    {
      name: 'A sidecar mesh',
      input: { name: 'shop', profile: 'sidecar', clusterIds: ['cls_01kaz5m8x0v6h2c4q7t9w3e5r1'] },
    },
  ],
});

export const meshUpdate = defineOperation({
  id: 'mesh.update',
  kind: 'command',
  permission: 'mesh.write',
  rest: { method: 'PATCH', path: '/v1/meshes/{meshId}', status: 202 },
  summary: 'Change options of a mesh',
  versioned: true,
  input: z.object({ ...meshId, version, options: meshOptionsSchema }),
  output: started,
});

export const meshUpgradeCheck = defineOperation({
  id: 'mesh.upgradeCheck',
  kind: 'query',
  permission: 'mesh.read',
  rest: { method: 'GET', path: '/v1/meshes/{meshId}/upgrade-check' },
  summary: 'What an upgrade to a release would meet',
  input: z.object({ ...meshId, release: z.string() }),
  output: z.object({ checks: z.array(checkSchema), allowed: z.boolean() }),
});

export const meshUpgrade = defineOperation({
  id: 'mesh.upgrade',
  kind: 'command',
  permission: 'mesh.write',
  rest: { method: 'POST', path: '/v1/meshes/{meshId}/upgrade', status: 202 },
  summary: 'Upgrade in place to the next minor or a patch release',
  description:
    'When the new release does not become Ready in its time, the previous one is restored.',
  versioned: true,
  input: z.object({
    ...meshId,
    version,
    release: z.string(),
    readyTimeoutSeconds: z.number().int().min(20).max(3600).default(600),
  }),
  output: started,
});

export const meshDeleteCheck = defineOperation({
  id: 'mesh.deleteCheck',
  kind: 'query',
  permission: 'mesh.read',
  rest: { method: 'GET', path: '/v1/meshes/{meshId}/delete-check' },
  summary: 'What would lose its proxy or its policies if the mesh were deleted now',
  input: z.object(meshId),
  output: z.object({
    checks: z.array(checkSchema),
    workloads: z.array(workloadSchema),
    policies: z.number().int(),
    /** True: the name must be sent as confirmation. */
    confirmationNeeded: z.boolean(),
  }),
});

export const meshDelete = defineOperation({
  id: 'mesh.delete',
  kind: 'command',
  permission: 'mesh.delete',
  rest: { method: 'DELETE', path: '/v1/meshes/{meshId}', status: 202 },
  summary: 'Delete a mesh: ordered removal until no object of ours is left',
  description:
    "Namespaces and objects of others are never touched. `confirm` repeats the mesh's name when workloads depend on it.",
  input: z.object({ ...meshId, confirm: z.string().optional() }),
  output: started,
});

export const meshWorkloads = defineOperation({
  id: 'mesh.workloads',
  kind: 'query',
  permission: 'mesh.read',
  rest: { method: 'GET', path: '/v1/meshes/{meshId}/workloads' },
  summary: "Workloads of the mesh's clusters, enrolled or not",
  input: z.object({
    ...meshId,
    ...pageInput,
    namespace: z.string().optional(),
    clusterId: idOf('cluster').optional(),
  }),
  output: pageOf(
    workloadSchema.extend({
      clusterId: idOf('cluster'),
      clusterName: z.string(),
      wanted: z.enum(enrolmentModes).nullable(),
    }),
  ),
});

export const meshObjects = defineOperation({
  id: 'mesh.objects',
  kind: 'query',
  permission: 'mesh.read',
  rest: { method: 'GET', path: '/v1/meshes/{meshId}/objects' },
  summary: 'State of everything the agents apply for this mesh, bundle by bundle',
  input: z.object(meshId),
  output: z.object({
    items: z.array(
      z.object({
        clusterId: idOf('cluster'),
        clusterName: z.string(),
        bundle: z.string(),
        digest: z.string(),
        state: z.string(),
        message: z.string(),
        objects: z.object({ total: z.number(), applied: z.number(), ready: z.number() }),
        errors: z.array(z.object({ object: z.string(), reason: z.string(), message: z.string() })),
        drift: z.array(
          z.object({
            object: z.string(),
            fields: z.array(z.string()),
            manager: z.string(),
            at: timeSchema,
            repaired: z.boolean(),
          }),
        ),
      }),
    ),
  }),
});

export const meshKubeconfig = defineOperation({
  id: 'mesh.kubeconfig',
  kind: 'query',
  permission: 'policy.read',
  // It tells an address; what may be done there is decided there.
  limited: true,
  rest: { method: 'GET', path: '/v1/meshes/{meshId}/kubeconfig' },
  summary: "A kubeconfig for the mesh's own Kubernetes API",
  description:
    'The answer is a kubeconfig as it is (kubectl reads JSON). Its user runs `ambit credential`, which takes the token of the current context or of AMBIT_TOKEN; with credential=inline the API token of the request itself stands in it. Without TLS kubectl sends a token only in the address: put yours in the place of AMBIT_TOKEN there.',
  input: z.object({
    ...meshId,
    credential: z
      .enum(['exec', 'inline'])
      .default('exec')
      .describe('where the API token comes from: the command, or written in'),
  }),
  output: z.object({
    apiVersion: z.literal('v1'),
    kind: z.literal('Config'),
    'current-context': z.string(),
    clusters: z.array(z.object({ name: z.string(), cluster: z.object({ server: z.string() }) })),
    contexts: z.array(
      z.object({
        name: z.string(),
        context: z.object({ cluster: z.string(), user: z.string(), namespace: z.string() }),
      }),
    ),
    users: z.array(z.object({ name: z.string(), user: z.record(z.string(), z.unknown()) })),
  }),
  errors: ['credential=inline of a caller without an API token (422)'],
});
