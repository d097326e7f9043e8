import { z } from 'zod';
import { enrolmentModes } from '../agent/protocol.ts';
import { pageInput, pageOf, timeSchema } from '../common.ts';
import { idOf } from '../ids.ts';
import { lifecycleOperationSchema } from '../lifecycle.ts';
import { defineOperation } from '../operation.ts';

/** What is looked at: a namespace, a Service, or a workload (Deployment, StatefulSet, DaemonSet, a lone Pod). */
export const enrolmentLevels = ['namespace', 'service', 'workload'] as const;
export type EnrolmentLevel = (typeof enrolmentLevels)[number];

/** `mixed`: its pods differ. `unknown`: nobody told enough of it. */
export const trueModes = [...enrolmentModes, 'mixed', 'unknown'] as const;
export type TrueMode = (typeof trueModes)[number];

/**
 * `asWanted`: proven by its pods. `differs`: it looks enrolled and is not, or the other way round. `waiting`: pods have
 * just begun. `optedOut`: pods that say no themselves, or use the node's network. `empty`: no pods run.
 */
export const enrolmentStates = [
  'asWanted',
  'differs',
  'waiting',
  'optedOut',
  'empty',
  'unknown',
] as const;
export type EnrolmentState = (typeof enrolmentStates)[number];

/** What is to be done about a pod that is not what its labels ask for. */
export const repairKinds = ['restart-pod', 'restart-cni', 'none'] as const;
export type RepairKind = (typeof repairKinds)[number];

/** One thing that was looked at, and what it says about the pod. */
export const evidenceSchema = z
  .object({
    looked: z
      .string()
      .describe('what was looked at, such as "annotation ambient.istio.io/redirection"'),
    says: z.string(),
    verdict: z
      .enum(['for', 'against', 'unknown', 'note'])
      .describe('for or against what is wanted'),
    since: timeSchema.nullable().describe('since when, where that is known'),
  })
  .meta({ id: 'EnrolmentEvidence' });
export type Evidence = z.output<typeof evidenceSchema>;

export const enrolledPodSchema = z
  .object({
    namespace: z.string(),
    name: z.string(),
    node: z.string(),
    workload: z.object({ kind: z.string(), name: z.string() }),
    wanted: z.enum(enrolmentModes),
    truth: z.enum(trueModes),
    state: z.enum(enrolmentStates),
    reason: z
      .string()
      .describe('CamelCase word, such as NotRedirected; empty when it is as wanted'),
    message: z.string(),
    repair: z.enum(repairKinds),
    evidence: z.array(evidenceSchema),
  })
  .meta({ id: 'EnrolledPod' });
export type EnrolledPod = z.output<typeof enrolledPodSchema>;

const waypointUseSchema = z.object({
  namespace: z.string(),
  name: z.string(),
  /** Its Gateway is Programmed and it has ready pods. */
  ready: z.boolean(),
  why: z.string().describe('why it does not serve; empty when it does'),
});

const count = z.number().int();

export const enrolmentSubjectSchema = z
  .object({
    level: z.enum(enrolmentLevels),
    clusterId: idOf('cluster'),
    clusterName: z.string(),
    namespace: z.string(),
    kind: z.string().describe('Namespace, Service, or the kind of the workload'),
    name: z.string(),
    wanted: z.enum(enrolmentModes),
    truth: z.enum(trueModes),
    state: z.enum(enrolmentStates),
    message: z.string().describe('how it is, in a sentence'),
    pods: z.object({
      total: count,
      asWanted: count,
      differs: count,
      waiting: count,
      optedOut: count,
    }),
    waypoint: waypointUseSchema.nullable(),
    /** Which labels ask for it, such as `istio.io/dataplane-mode=ambient (Namespace shop)`. */
    because: z.array(z.string()),
  })
  .meta({ id: 'EnrolmentSubject' });
export type EnrolmentSubject = z.output<typeof enrolmentSubjectSchema>;

const meshId = { meshId: idOf('mesh') };
const name = z.string().min(1).max(253);

export const enrolmentList = defineOperation({
  id: 'enrolment.list',
  kind: 'query',
  permission: 'mesh.read',
  rest: { method: 'GET', path: '/v1/meshes/{meshId}/enrolment' },
  summary: 'Who is in the mesh and how: wanted by labels, and true by pods',
  description:
    "Namespaces, Services or workloads. `wanted` follows Istio's labels and their precedence; `truth` is proven by pods, their nodes and waypoints.",
  input: z.object({
    ...meshId,
    ...pageInput,
    level: z.enum(enrolmentLevels).default('namespace'),
    clusterId: idOf('cluster').optional(),
    namespace: name.optional(),
    state: z.enum(enrolmentStates).optional(),
  }),
  output: pageOf(enrolmentSubjectSchema).extend({
    total: count,
    sentence: z.string(),
    pods: z.object({ total: count, inMesh: count, differs: count }),
    clusters: z.array(
      z.object({
        clusterId: idOf('cluster'),
        clusterName: z.string(),
        state: z.string(),
        observedAt: timeSchema.nullable(),
        complete: z.boolean(),
      }),
    ),
  }),
});

const subjectInput = {
  clusterId: idOf('cluster'),
  level: z.enum(enrolmentLevels),
  namespace: name,
  kind: z.string().max(100).optional().describe('of a workload'),
  name: name.optional().describe('of a Service or workload'),
};

export const enrolmentGet = defineOperation({
  id: 'enrolment.get',
  kind: 'query',
  permission: 'mesh.read',
  rest: { method: 'GET', path: '/v1/meshes/{meshId}/enrolment/subject' },
  summary: 'One namespace, Service or workload, with the evidence of each of its pods',
  input: z.object({ ...meshId, ...subjectInput }),
  output: z.object({ subject: enrolmentSubjectSchema, pods: z.array(enrolledPodSchema) }),
  errors: ['the cluster is not of this mesh, or has no such subject (404)'],
});

/** `namespace/name` of a workload; `outside`: a client without any mesh; `ingress`: the mesh's gateways. */
const endInput = z
  .string()
  .max(510)
  .regex(/^(outside|ingress|[a-z0-9.-]+\/[a-z0-9.-]+)$/, 'namespace/name, outside or ingress');

const gets = z.object({
  level: z.enum(['yes', 'part', 'no', 'unknown']),
  why: z.string(),
});

export const pairEndSchema = z.object({
  kind: z.enum(['workload', 'outside', 'ingress']),
  namespace: z.string(),
  name: z.string(),
  mode: z.enum(trueModes),
  pods: count,
});

export const enrolmentPairSchema = z
  .object({
    from: pairEndSchema,
    to: pairEndSchema.extend({ service: z.string().nullable() }),
    mtls: gets,
    l4Policy: gets,
    l7Policy: gets,
    telemetry: gets,
    /** In one sentence what this pair gets. */
    sentence: z.string(),
  })
  .meta({ id: 'EnrolmentPair' });
export type EnrolmentPair = z.output<typeof enrolmentPairSchema>;

export const enrolmentPair = defineOperation({
  id: 'enrolment.pair',
  kind: 'query',
  permission: 'mesh.read',
  rest: { method: 'GET', path: '/v1/meshes/{meshId}/enrolment/pair' },
  summary: 'What a pair of workloads gets: mTLS, L4 policy, L7 policy, telemetry, and why',
  input: z.object({
    ...meshId,
    clusterId: idOf('cluster'),
    from: endInput,
    to: endInput.describe('namespace/name of a Service or workload'),
  }),
  output: enrolmentPairSchema,
  errors: ['the cluster is not of this mesh, or has no such workload or Service (404)'],
});

const changeSubject = z.object({
  clusterId: idOf('cluster'),
  namespace: z.string().min(1).max(63),
  service: z.string().min(1).max(63).optional().describe('only this Service of the namespace'),
});
export type ChangeSubject = z.output<typeof changeSubject>;

const changeInput = {
  ...meshId,
  subjects: z.array(changeSubject).min(1).max(200),
  mode: z.enum(enrolmentModes),
  waypoint: z
    .object({
      name: z
        .string()
        .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
        .max(63)
        .default('waypoint'),
      namespace: z
        .string()
        .min(1)
        .max(63)
        .optional()
        .describe('the namespace itself when left out'),
    })
    .prefault({})
    .describe('of L4+L7: the waypoint to use; it is made when there is none'),
  guard: z
    .boolean()
    .default(true)
    .describe('of L4+L7: an L4 policy that lets only the waypoint and clients with sidecars pass'),
  restart: z.boolean().default(true).describe('restart workloads where a sidecar comes or goes'),
};

const changeLineSchema = z.object({
  clusterId: idOf('cluster'),
  clusterName: z.string(),
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
  from: z.enum(trueModes),
  to: z.enum(enrolmentModes),
  labels: z.array(
    z.object({ label: z.string(), from: z.string().nullable(), to: z.string().nullable() }),
  ),
});

export const enrolmentPreviewSchema = z
  .object({
    allowed: z.boolean(),
    sentence: z.string(),
    changes: z.array(changeLineSchema),
    steps: z.array(z.object({ name: z.string(), title: z.string(), what: z.array(z.string()) })),
    gains: z.array(z.string()),
    losses: z.array(z.string()),
    conflicts: z.array(
      z.object({
        severity: z.enum(['error', 'warning', 'info']),
        about: z.string(),
        message: z.string(),
        fix: z.string(),
      }),
    ),
  })
  .meta({ id: 'EnrolmentPreview' });
export type EnrolmentPreview = z.output<typeof enrolmentPreviewSchema>;

const example = {
  meshId: 'msh_01kaz5m8x0v6h2c4q7t9w3e5r1',
  subjects: [{ clusterId: 'cls_01kaz5m8x0v6h2c4q7t9w3e5r1', namespace: 'shop' }],
  mode: 'L4+L7' as const,
};

export const enrolmentPreviewChange = defineOperation({
  id: 'enrolment.preview',
  kind: 'query',
  permission: 'mesh.read',
  rest: { method: 'POST', path: '/v1/meshes/{meshId}/enrolment/preview' },
  summary: 'What a change of enrolment would do: labels, steps, gains, losses, conflicts',
  input: z.object(changeInput),
  output: enrolmentPreviewSchema,
});

export const enrolmentChange = defineOperation({
  id: 'enrolment.change',
  kind: 'command',
  permission: 'mesh.write',
  rest: { method: 'POST', path: '/v1/meshes/{meshId}/enrolment/change', status: 202 },
  summary: 'Change how namespaces or Services take part in the mesh, in the safe order',
  description:
    'The waypoint is Programmed before the label names it, the guard stands before an L7 policy is relied on, workloads restart where a sidecar comes or goes, and each step is proven. Labels are set by their own field manager, and only those fields; where another manager holds one, it stays and the operation says so.',
  input: z.object(changeInput),
  output: z.object({ operation: lifecycleOperationSchema }),
  errors: ['the preview has an error (422)', 'another operation on the mesh is under way (409)'],
  examples: [{ name: 'A namespace to L7', input: example }],
});

export const enrolmentUndo = defineOperation({
  id: 'enrolment.undo',
  kind: 'command',
  permission: 'mesh.write',
  rest: { method: 'POST', path: '/v1/meshes/{meshId}/enrolment/undo', status: 202 },
  summary: 'Take a finished change of enrolment back, as an operation of its own',
  input: z.object({ ...meshId, operationId: idOf('operation') }),
  output: z.object({ operation: lifecycleOperationSchema }),
  errors: ['it is no change of enrolment of this mesh, or is still under way (409)'],
});

export const enrolmentRepair = defineOperation({
  id: 'enrolment.repair',
  kind: 'command',
  permission: 'mesh.write',
  rest: { method: 'POST', path: '/v1/meshes/{meshId}/enrolment/repair', status: 202 },
  summary: 'Repair a pod that looks enrolled and is not',
  description:
    'Restarts what the evidence names: the pod (evicted, so that PodDisruptionBudgets hold; what made it makes it again) or the CNI pod of its node. Then its enrolment is proven.',
  input: z.object({ ...meshId, clusterId: idOf('cluster'), namespace: name, pod: name }),
  output: z.object({ operation: lifecycleOperationSchema }),
  errors: [
    'there is nothing to repair about the pod (409)',
    'nothing would make the pod again (422)',
  ],
});

export const guardModes = ['off', 'suggest', 'keep'] as const;
export type GuardMode = (typeof guardModes)[number];

export const clientKinds = ['ambient', 'sidecar', 'outside', 'ingress'] as const;
export type ClientKind = (typeof clientKinds)[number];

/**
 * `through`: it passes a live waypoint. `guarded`: it does not, and the guard refuses it. `named`: the guard lets these
 * clients pass on purpose. `hole`: it reaches the pods without the policy. `none`: there are no such clients.
 */
export const coverStates = ['through', 'guarded', 'named', 'hole', 'none', 'unknown'] as const;
export type CoverState = (typeof coverStates)[number];

export const guardProofSchema = z
  .object({
    clusterId: idOf('cluster'),
    clusterName: z.string(),
    policy: z.object({ kind: z.string(), namespace: z.string(), name: z.string() }),
    protects: z.string().describe('such as "Service shop/web"'),
    waypoint: waypointUseSchema.nullable(),
    clients: z.array(
      z.object({
        kind: z.enum(clientKinds),
        state: z.enum(coverStates),
        who: z.array(z.string()),
        why: z.string(),
      }),
    ),
    guard: z.object({
      name: z.string(),
      state: z.enum(['present', 'missing', 'differs', 'notNeeded']),
      manifest: z.string().describe('the policy as YAML; empty where none is needed'),
    }),
    hole: z.boolean(),
    message: z.string(),
  })
  .meta({ id: 'GuardProof' });
export type GuardProof = z.output<typeof guardProofSchema>;

const guardOutput = z.object({
  mode: z.enum(guardModes),
  sentence: z.string(),
  proofs: z.array(guardProofSchema),
});

export const guardGet = defineOperation({
  id: 'guard.get',
  kind: 'query',
  permission: 'mesh.read',
  rest: { method: 'GET', path: '/v1/meshes/{meshId}/guard' },
  summary: 'For each L7 policy: is a live waypoint on the path from every kind of client',
  input: z.object(meshId),
  output: guardOutput,
});

export const guardUpdate = defineOperation({
  id: 'guard.update',
  kind: 'command',
  permission: 'mesh.write',
  rest: { method: 'PUT', path: '/v1/meshes/{meshId}/guard' },
  summary: 'Set how L7 policies are guarded: off, suggest, or keep the pairing L4 policies',
  input: z.object({ ...meshId, mode: z.enum(guardModes) }),
  output: guardOutput,
});

export const hopKinds = ['client', 'ztunnel', 'sidecar', 'gateway', 'waypoint', 'server'] as const;
export type HopKind = (typeof hopKinds)[number];

export const hopSchema = z
  .object({
    kind: z.enum(hopKinds),
    title: z.string(),
    namespace: z.string(),
    name: z.string(),
    node: z.string(),
    state: z.enum(['ok', 'broken', 'unknown']),
    says: z.array(z.string()).describe('facts, the most important first'),
    version: z.string().nullable(),
    ready: z.boolean().nullable(),
    identity: z.string().nullable().describe('SPIFFE identity it presents'),
    certificateExpiresAt: timeSchema.nullable(),
    inSync: z.boolean().nullable().describe('its configuration is acknowledged; null: not known'),
    policies: z.array(
      z.object({ kind: z.string(), namespace: z.string(), name: z.string(), effect: z.string() }),
    ),
    /** How it goes on to the next hop; null at the last one. */
    next: z
      .object({
        transport: z.enum(['local', 'plain', 'hbone', 'mtls', 'unknown']),
        port: z.number().int().nullable(),
        words: z.string(),
      })
      .nullable(),
  })
  .meta({ id: 'Hop' });
export type Hop = z.output<typeof hopSchema>;

export const pathSchema = z
  .object({
    sentence: z.string(),
    verdict: z.enum(['passes', 'refused', 'broken', 'unknown']),
    hops: z.array(hopSchema),
    notes: z.array(z.string()).describe('what is not known, and what is shortened'),
  })
  .meta({ id: 'RequestPath' });
export type RequestPath = z.output<typeof pathSchema>;

export const pathGet = defineOperation({
  id: 'path.get',
  kind: 'query',
  permission: 'mesh.read',
  rest: { method: 'GET', path: '/v1/meshes/{meshId}/path' },
  summary: 'The path of a request between two workloads, hop by hop, from facts',
  input: z.object({
    ...meshId,
    clusterId: idOf('cluster'),
    from: endInput,
    to: endInput.describe('namespace/name of a Service or workload'),
    port: z.coerce.number().int().min(1).max(65535).optional(),
    method: z.string().max(20).optional(),
    path: z.string().max(2000).optional(),
    host: z.string().max(253).optional(),
  }),
  output: pathSchema,
  errors: ['the cluster is not of this mesh, or has no such workload or Service (404)'],
});
