import { z } from 'zod';
import { conditionSchema, objectRefSchema, timeSchema } from '../common.ts';
import { idOf } from '../ids.ts';

/** Addresses of the agent link. All bodies are JSON; all but register carry `Authorization: Bearer <credential>`. */
export const agentPaths = {
  manifest: '/agent/v1/manifest',
  register: '/agent/v1/register',
  credential: '/agent/v1/credential',
  desired: '/agent/v1/desired',
  blob: '/agent/v1/blobs',
  status: '/agent/v1/status',
  inventory: '/agent/v1/inventory',
  objects: '/agent/v1/objects',
} as const;

export const agentLimits = {
  credentialTtlMs: 24 * 3_600_000,
  joinTokenTtlMs: 3_600_000,
  longPollS: 50,
  staleAfterMs: 90_000,
  statusMaxBytes: 256 * 1024,
  statusMinIntervalMs: 300,
  heartbeatMs: 20_000,
  /** How far an agent's clock may be off, and how long a proof can be replayed at all. */
  clockSkewMs: 600_000,
  /** How long after its credential expired an agent may still renew it with its key. */
  renewWithinMs: 30 * 24 * 3_600_000,
  inventoryMaxBytes: 8 * 1024 * 1024,
  /** Largest share of a bundle's objects that one pass may prune without being told to. */
  pruneCapPercent: 30,
} as const;

/** `typ` of what agents sign, and of what the platform signs for them: one is never taken for the other. */
export const agentProofType = 'ambit-agent-proof';
export const credentialType = 'ambit-agent-credential';
export const desiredStateType = 'ambit-desired-state';

/** Ed25519 public key as JWK. */
export const publicKeySchema = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().min(40).max(50),
});

export const registerRequestSchema = z.object({
  token: z.string().min(20),
  publicKey: publicKeySchema,
  /** uid of the namespace kube-system: the identity of the cluster. */
  clusterUid: z.string().min(8),
  kubernetesVersion: z.string(),
  agentVersion: z.string(),
  /**
   * Compact JWS (EdDSA, the new key, typ `agentProofType`) over `{sub: clusterUid, iat, jti}`. With it an agent whose
   * answer was lost may register once more with its own key, and nobody else can.
   */
  proof: z.string(),
});

/** `credential` is a JWT (EdDSA) signed by the platform; `platformKeys` verify bundles and desired states. */
export const credentialSchema = z.object({
  clusterId: idOf('cluster'),
  clusterName: z.string(),
  credential: z.string(),
  expiresAt: timeSchema,
  platformKeys: z.array(publicKeySchema.extend({ kid: z.string() })),
});

/** Rotation: the body is signed by the agent's own key, so that a stolen credential cannot renew itself. */
export const rotateRequestSchema = z.object({
  /** Compact JWS (EdDSA, agent's key, typ `agentProofType`) over `{sub: clusterId, iat, jti}`; `iat` may be 10 minutes off. */
  proof: z.string(),
});

export const agentActionSchema = z.discriminatedUnion('kind', [
  z.object({
    id: idOf('action'),
    kind: z.literal('restart-workloads'),
    namespace: z.string(),
    expiresAt: timeSchema,
  }),
  /** Evicts one pod, so that disruption budgets hold, and waits until what made it has made it again. */
  z.object({
    id: idOf('action'),
    kind: z.literal('restart-pod'),
    namespace: z.string(),
    pod: z.string(),
    expiresAt: timeSchema,
  }),
  /** Has a waypoint keep what it needs to answer for these Services, which are about to leave it. */
  z.object({
    id: idOf('action'),
    kind: z.literal('hold-waypoint'),
    namespace: z.string(),
    name: z.string(),
    services: z.array(z.object({ namespace: z.string(), name: z.string() })),
    expiresAt: timeSchema,
  }),
  /** Waits until no request goes through a waypoint, at most `boundS`; unless it is released next, the hold ends. */
  z.object({
    id: idOf('action'),
    kind: z.literal('drain-waypoint'),
    namespace: z.string(),
    name: z.string(),
    boundS: z.number().int().positive(),
    release: z.boolean(),
    /** Those that left it: their hold ends. Left out by platforms that do not say: every hold ends. */
    services: z.array(z.object({ namespace: z.string(), name: z.string() })).optional(),
    expiresAt: timeSchema,
  }),
  /** Has a waypoint that sleeps get its replicas again, and waits until one is ready. */
  z.object({
    id: idOf('action'),
    kind: z.literal('wake-waypoint'),
    namespace: z.string(),
    name: z.string(),
    expiresAt: timeSchema,
  }),
]);
export type AgentAction = z.infer<typeof agentActionSchema>;

/** `GET desired?have=<generation>&wait=<seconds>`: 204 when nothing is newer, else this. */
export const desiredStateSchema = z.object({
  clusterId: idOf('cluster'),
  /** Grows with every change; a smaller one than seen before is ignored. */
  generation: z.number().int().nonnegative(),
  bundles: z.array(
    z.object({
      name: z.string(),
      digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
      /** Smaller first. */
      order: z.number().int(),
      /** absent: remove every object of the bundle, CRDs and all, then report Removed. */
      mode: z.enum(['present', 'absent']),
      drift: z.enum(['repair', 'warn', 'ignore']),
    }),
  ),
  actions: z.array(agentActionSchema),
  /**
   * Compact JWS (EdDSA, platform key, typ `admissionType`) over `signedAdmissionSchema`: the webhook's settings. Signed by
   * itself, so that agents that know nothing of it go on. Absent: writes in the cluster are not asked about.
   */
  admission: z.string().optional(),
  /** Compact JWS (EdDSA, platform key, typ `waypointsType`) over `signedWaypointsSchema`. Absent: waypoints are left alone. */
  waypoints: z.string().optional(),
  /** Compact JWS (EdDSA, platform key) over `{sub: clusterId, gen, dig}`, dig = sha256 hex of the canonical JSON of `{bundles, actions}`. */
  signature: z.string(),
});
export type DesiredState = z.infer<typeof desiredStateSchema>;

export const bundleStates = [
  'Pending',
  'Applying',
  'Waiting',
  'Ready',
  'Degraded',
  'Failed',
  'Removing',
  'Removed',
] as const;

export const bundleStatusSchema = z.object({
  name: z.string(),
  digest: z.string(),
  state: z.enum(bundleStates),
  /** Phase worked on now, 1-based, of how many. */
  phase: z
    .object({ name: z.string(), index: z.number().int(), count: z.number().int() })
    .nullable(),
  objects: z.object({
    total: z.number().int(),
    applied: z.number().int(),
    ready: z.number().int(),
  }),
  message: z.string(),
  errors: z
    .array(
      z.object({ object: objectRefSchema.nullable(), reason: z.string(), message: z.string() }),
    )
    .max(50),
  drift: z
    .array(
      z.object({
        object: objectRefSchema,
        fields: z.array(z.string()),
        manager: z.string(),
        at: timeSchema,
        repaired: z.boolean(),
      }),
    )
    .max(50),
  since: timeSchema,
});
export type BundleStatus = z.infer<typeof bundleStatusSchema>;

export const actionStatusSchema = z.object({
  id: idOf('action'),
  state: z.enum(['running', 'succeeded', 'failed', 'expired']),
  message: z.string(),
});

export const foreignIstioSchema = z.object({
  namespace: z.string(),
  name: z.string(),
  version: z.string(),
  managedBy: z.string(),
});

/** One snapshot, latest wins: a smaller (bootId order is by startedAt) or equal seq is dropped. */
export const statusReportSchema = z.object({
  bootId: z.string(),
  startedAt: timeSchema,
  seq: z.number().int().nonnegative(),
  generation: z.number().int().nonnegative(),
  agent: z.object({ version: z.string(), pod: z.string(), namespace: z.string() }),
  cluster: z.object({
    kubernetesVersion: z.string(),
    nodes: z
      .array(
        z.object({
          name: z.string(),
          ready: z.boolean(),
          version: z.string(),
          os: z.string(),
          arch: z.string(),
        }),
      )
      .max(2000),
    foreignIstio: z.array(foreignIstioSchema),
    gatewayApi: z.string().nullable(),
  }),
  bundles: z.array(bundleStatusSchema),
  actions: z.array(actionStatusSchema),
  conditions: z.array(conditionSchema),
  logs: z
    .array(
      z.object({
        at: timeSchema,
        bundle: z.string(),
        level: z.enum(['info', 'warning', 'error']),
        text: z.string(),
      }),
    )
    .max(200),
});
export type StatusReport = z.infer<typeof statusReportSchema>;

export const statusReplySchema = z.object({
  acceptedSeq: z.number().int(),
  /** Ask the agent to report less often. */
  slowMs: z.number().int().optional(),
});

/** How a workload takes part in a mesh, as seen on its pods. */
export const enrolmentModes = ['none', 'sidecar', 'L4', 'L4+L7'] as const;
export type EnrolmentMode = (typeof enrolmentModes)[number];

export const workloadSchema = z
  .object({
    namespace: z.string(),
    kind: z.string(),
    name: z.string(),
    serviceAccount: z.string(),
    pods: z.number().int(),
    ready: z.number().int(),
    /** Pods that carry a proxy or a redirection of their own. */
    enrolled: z.number().int(),
    /** Pods that say themselves that they are never taken in, or use the node's network. */
    optedOut: z.number().int().optional(),
    mode: z.enum(enrolmentModes),
    revision: z.string(),
    proxyVersions: z.record(z.string(), z.number().int()),
  })
  .meta({ id: 'Workload' });
export type Workload = z.infer<typeof workloadSchema>;

/** What is true in the cluster, sent whole when it changed (gzip allowed). */
export const inventorySchema = z.object({
  digest: z.string(),
  namespaces: z
    .array(
      z.object({ name: z.string(), labels: z.record(z.string(), z.string()), phase: z.string() }),
    )
    .max(5000),
  workloads: z.array(workloadSchema).max(20_000),
  /** Objects left in the cluster that carry Ambit's labels, by bundle. */
  owned: z.record(z.string(), z.number().int()),
});
export type Inventory = z.infer<typeof inventorySchema>;
