import { z } from 'zod';
import { durationBounds } from './telemetry.ts';

/**
 * Waypoints in a cluster. The platform gives the agent the mesh's pools with the desired state, signed by themselves;
 * the agent makes a GatewayClass and its defaults of each, watches waypoints, scales them where no
 * HorizontalPodAutoscaler does, and tells of them (`POST waypoints`, gzip). istiod deploys them.
 */
export const waypointPaths = { waypoints: '/agent/v1/waypoints' } as const;

/** `typ` of the settings that travel with a desired state. */
export const waypointsType = 'ambit-waypoints';
/** As whom the agent writes what waypoints need: classes of pools, holds, doors. */
export const waypointsManager = 'ambit-waypoints';

export const waypointLimits = {
  reportMaxBytes: 8 * 1024 * 1024,
  perCluster: 5_000,
  pools: 50,
  minIntervalMs: 1_000,
  /** How often figures are told that changed while nothing else did. */
  figuresEveryMs: 30_000,
} as const;

/** A pool's GatewayClass is this and the pool's name; Istio's controller builds what is of it. */
export const waypointClassPrefix = 'ambit-waypoint-';
/** Istio's own class: waypoints of no pool. */
export const istioWaypointClass = 'istio-waypoint';
/** `controllerName` of the classes of which istiod makes waypoints (istio.io, "Configure waypoint proxies"). */
export const waypointController = 'istio.io/mesh-controller';
/** On every object that the agent makes of a pool. */
export const poolLabel = 'ambit.dev/waypoint-pool';

/** On the EnvoyFilter that keeps what a waypoint serves while its clients leave: the waypoint's name, and until when. */
export const holdLabel = 'ambit.dev/holds-waypoint';
export const holdUntilAnnotation = 'ambit.dev/hold-until';
/** @param mark of the Services that are held: who holds others of the same waypoint has a hold beside */
export const holdNameOf = (waypoint: string, mark: string): string =>
  `ambit-hold-${waypoint}`.slice(0, 252 - mark.length) + `-${mark}`;

/**
 * On the WorkloadEntry that stands for a waypoint while it sleeps: the waypoint's name. It is an endpoint of the waypoint's
 * Service whose address is the agent, which holds connections until a replica is ready.
 */
export const doorLabel = 'ambit.dev/sleeps-waypoint';
export const doorNameOf = (waypoint: string): string => `ambit-sleep-${waypoint}`.slice(0, 253);
/** On it: since when it stands there, and since when and why the waypoint is being woken. Milliseconds since 1970. */
export const doorSinceAnnotation = 'ambit.dev/sleep-since';
export const wakeSinceAnnotation = 'ambit.dev/wake-since';
export const wakeWhyAnnotation = 'ambit.dev/wake-why';
/** On a Gateway: after how many seconds without a request it sleeps, or `never`. Missing: as its pool says. */
export const sleepAfterAnnotation = 'ambit.dev/sleep-after';

export const sleepAfterSchema = z
  .number()
  .int()
  .min(30)
  .max(7 * 86_400);

/** What a Gateway's annotation asks for: `pool` where it is missing or cannot be read. */
export function sleepWishOf(text: string | undefined): 'pool' | 'never' | number {
  if (text === 'never') return 'never';
  const { data } = sleepAfterSchema.safeParse(/^\d+$/.test(text ?? '') ? Number(text) : null);
  return data ?? 'pool';
}

export const sleepPhases = ['awake', 'fallingAsleep', 'asleep', 'waking'] as const;
export type SleepPhase = (typeof sleepPhases)[number];

export const poolKinds = ['shared', 'dedicated', 'virtual'] as const;
export type PoolKind = (typeof poolKinds)[number];

export const poolSizes = ['small', 'medium', 'large'] as const;
export type PoolSize = (typeof poolSizes)[number];

/** Requests and limits of one replica's proxy. */
export const sizeClasses: Record<
  PoolSize,
  { requests: { cpu: string; memory: string }; limits: { cpu: string; memory: string } }
> = {
  small: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '1', memory: '512Mi' } },
  medium: { requests: { cpu: '500m', memory: '512Mi' }, limits: { cpu: '2', memory: '1Gi' } },
  large: { requests: { cpu: '2', memory: '2Gi' }, limits: { cpu: '4', memory: '4Gi' } },
};

const count = z.number().int().nonnegative();
const label = z.string().max(253);
const labels = z
  .record(label.min(1), z.string().max(1_000))
  .refine((all) => Object.keys(all).length <= 50, 'at most 50');

export const tolerationSchema = z.object({
  key: label.optional(),
  operator: z.enum(['Equal', 'Exists']).optional(),
  value: label.optional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
});

/**
 * Who sets the number of replicas. `auto`: a HorizontalPodAutoscaler where the cluster serves metrics.k8s.io and only
 * CPU is a target, else the agent. Never two of them.
 */
export const scalers = ['auto', 'hpa', 'agent', 'fixed'] as const;
export type Scaler = (typeof scalers)[number];

export const scalingSchema = z.object({
  by: z.enum(scalers).default('auto'),
  /** Share of the requested CPU, of one replica; only where the cluster measures it. */
  cpuPercent: z.number().int().min(10).max(95).nullable().default(70),
  /** Of one replica, from the waypoint's own metrics. */
  requestsPerSecond: z.number().positive().max(1_000_000).nullable().default(null),
  activeRequests: z.number().positive().max(1_000_000).nullable().default(null),
  /** A replica more is asked for only when this long all said so; one less likewise. */
  upStabilisationS: z.number().int().min(0).max(3_600).default(0),
  downStabilisationS: z.number().int().min(0).max(3_600).default(300),
  /** Scales up ahead of a load that has been rising, by the line through the last minutes. */
  predict: z.boolean().default(false),
});

export const drainSchema = z.object({
  /**
   * Over which Envoy tells its clients, with each answer, to go elsewhere.
   * Shorter than five seconds not every ztunnel has heard that the replica goes.
   */
  drainS: z.number().int().min(5).max(3_600).default(20),
  /** How long a replica that ends goes on serving what it has. */
  terminationS: z.number().int().min(1).max(3_600).default(30),
  /** When Kubernetes kills it. */
  graceS: z.number().int().min(2).max(7_200).default(60),
});

/** What becomes of a waypoint to which nothing of L7 is bound: nothing, its release is proposed, or Ambit releases it. */
export const reclaimModes = ['off', 'ask', 'automatic'] as const;
export type ReclaimMode = (typeof reclaimModes)[number];

export const poolSpecSchema = z
  .object({
    kind: z.enum(poolKinds),
    size: z.enum(poolSizes).default('small'),
    minReplicas: z.number().int().min(1).max(100).default(1),
    maxReplicas: z.number().int().min(1).max(500).default(5),
    scaling: scalingSchema.prefault({}),
    /** `spread`: evenly over zones where it can be; `onePerZone`: never two more in one zone than in another. */
    zones: z.enum(['any', 'spread', 'onePerZone']).default('spread'),
    /** Replicas that may be away at once while nodes are drained; null: no PodDisruptionBudget. */
    maxUnavailable: z.number().int().min(1).max(100).nullable().default(1),
    drain: drainSchema.prefault({}),
    nodeSelector: labels.default({}),
    tolerations: z.array(tolerationSchema).max(20).default([]),
    podLabels: labels.default({}),
    podAnnotations: labels.default({}),
    /** A DaemonSet keeps the proxy's image on the nodes of the pool. */
    prePull: z.boolean().default(false),
    /** Of one replica; null: not told. */
    pricePerHour: z.number().min(0).max(1_000_000).nullable().default(null),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, 'three letters, such as EUR')
      .default('USD'),
    /** `off`: its waypoints are not reclaimed. Else what the mesh says counts, or nearer what a namespace or waypoint says. */
    reclaim: z.enum(['off', 'ask']).default('ask'),
    /** Seconds without a request after which its waypoints have no replica until the next connection; null: never. */
    sleepAfterS: sleepAfterSchema.nullable().default(null),
  })
  .superRefine((pool, context) => {
    const say = (path: string[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    const { drain, scaling } = pool;
    if (pool.maxReplicas < pool.minReplicas) say(['maxReplicas'], 'at least minReplicas');
    if (drain.terminationS <= drain.drainS) {
      say(['drain', 'terminationS'], 'longer than drainS, or requests are cut while it drains');
    }
    if (drain.graceS <= drain.terminationS) {
      say(['drain', 'graceS'], 'longer than terminationS, or Kubernetes kills it while it drains');
    }
    if (scaling.by === 'hpa' && scaling.cpuPercent === null) {
      say(['scaling', 'cpuPercent'], 'the HorizontalPodAutoscaler goes by it');
    }
    const own = scaling.requestsPerSecond ?? scaling.activeRequests;
    if (scaling.by === 'agent' && own === null) {
      say(
        ['scaling', 'requestsPerSecond'],
        'the agent scales by requests: give requestsPerSecond or activeRequests',
      );
    }
    if (scaling.by === 'hpa' && own !== null) {
      say(
        ['scaling', 'by'],
        'a HorizontalPodAutoscaler does not know of requests: take auto or agent, or only cpuPercent',
      );
    }
    if (pool.kind === 'dedicated' && Object.keys(pool.nodeSelector).length === 0) {
      say(['nodeSelector'], 'a dedicated pool says which nodes it is on');
    }
    if (
      pool.kind === 'virtual' &&
      pool.tolerations.length + Object.keys(pool.podLabels).length === 0
    )
      say(['podLabels'], 'a virtual pool says by labels or tolerations what takes its pods');
    if (pool.kind === 'virtual' && pool.prePull) {
      say(
        ['prePull'],
        'there are no nodes to keep an image on: use the image cache of the provider',
      );
    }
  })
  .meta({ id: 'WaypointPoolSpec' });
export type PoolSpec = z.output<typeof poolSpecSchema>;

export const namedPoolSchema = z.object({ name: z.string(), spec: poolSpecSchema });
export type NamedPool = z.output<typeof namedPoolSchema>;

/** What the agent's waypoint controller goes by; there is none where the cluster is in no ambient mesh. */
export const waypointSettingsSchema = z.object({
  /** Where istiod looks for defaults of classes. */
  rootNamespace: z.string(),
  pools: z.array(namedPoolSchema).max(waypointLimits.pools),
});
export type WaypointSettings = z.output<typeof waypointSettingsSchema>;

/** Payload of the JWS: of the same cluster and generation as the desired state it came with. */
export const signedWaypointsSchema = z.object({
  sub: z.string(),
  gen: z.number().int(),
  waypoints: waypointSettingsSchema,
});

/** Why a waypoint is not as it is to be: one closed word each, with a message for people. */
export const waypointReasons = [
  'Serving',
  'Starting',
  'Draining',
  'NotProgrammed',
  'ImagePullBackOff',
  'CrashLoop',
  'Unschedulable',
  'QuotaExceeded',
  'ClassMissing',
  'ForeignController',
  'ForeignDeployer',
  'ParametersElsewhere',
  'ParametersMissing',
  'ReplicasMissing',
  'ConfigurationRejected',
  'NoReplicas',
  'Sleeping',
  'Waking',
] as const;
export type WaypointReason = (typeof waypointReasons)[number];

/** Programmed and all replicas ready; some; none that serves, on the way; none, and something is in the way. */
export const waypointStates = ['Ready', 'Degraded', 'Progressing', 'Failed'] as const;
export type WaypointState = (typeof waypointStates)[number];

const amount = z.number().nonnegative();
const figure = amount.nullable();

/** What a waypoint does, over all of its replicas; null: not known. */
export const waypointFiguresSchema = z.object({
  requestsPerSecond: figure,
  activeRequests: figure,
  /** Milliseconds that half, and all but 1 %, of requests took through the waypoint, the server's time among them. */
  p50Ms: figure,
  p99Ms: figure,
  /**
   * Mean milliseconds that a request was in the waypoint beside the time it waited for the server (`addedLatency`, in the
   * agent); null also where that cannot be told.
   */
  addedMs: figure.default(null),
  /** Share of requests that were answered with a status of 5xx. */
  errorShare: figure.default(null),
  at: z.number().int().nullable(),
});
export type WaypointFigures = z.output<typeof waypointFiguresSchema>;

/**
 * What all replicas of a waypoint did together since `since`, as far as they were read: it only grows (but `addedMs`, of
 * which one window may be below nothing), so that of two reports the difference tells of the time in between, whatever
 * was lost. A request that the waypoint tries again is one, and what it mirrors is none.
 */
export const waypointTrafficSchema = z.object({
  /** When counting began; of another moment, it began anew. */
  since: z.number().int(),
  /** Up to when it was counted. */
  at: z.number().int(),
  /** How much of the time in between replicas were read. */
  observedMs: amount,
  requests: amount,
  /** Of `errorsOf` requests whose replica counts them, those answered with 5xx. */
  errors: amount,
  errorsOf: amount,
  /** Of `addedOf` requests: how long they took in all, and how much of it they did not wait for the server. */
  tookMs: amount,
  addedMs: z.number(),
  addedOf: amount,
  /** Of `timed` requests: how many took at most each of `durationBounds` through the waypoint. */
  timed: amount,
  buckets: z.array(amount).length(durationBounds.length),
});
export type WaypointTraffic = z.output<typeof waypointTrafficSchema>;

/** What was done in some time, whenever that was. */
export type TrafficSums = Omit<WaypointTraffic, 'since' | 'at'>;

export const noTraffic: TrafficSums = {
  observedMs: 0,
  requests: 0,
  errors: 0,
  errorsOf: 0,
  tookMs: 0,
  addedMs: 0,
  addedOf: 0,
  timed: 0,
  buckets: durationBounds.map(() => 0),
};

/** Two sums as one, each number of the one `by` that of the other. Pure. */
export const combineTraffic = (
  one: TrafficSums,
  other: TrafficSums,
  by: (one: number, other: number) => number,
): TrafficSums => ({
  observedMs: by(one.observedMs, other.observedMs),
  requests: by(one.requests, other.requests),
  errors: by(one.errors, other.errors),
  errorsOf: by(one.errorsOf, other.errorsOf),
  tookMs: by(one.tookMs, other.tookMs),
  addedMs: by(one.addedMs, other.addedMs),
  addedOf: by(one.addedOf, other.addedOf),
  timed: by(one.timed, other.timed),
  buckets: one.buckets.map((value, at) => by(value, other.buckets[at]!)),
});

/**
 * Mean milliseconds that a waypoint adds to a request, of sums over some time. What is below nothing by less than a
 * millisecond and 5 % of what requests took, as exact as Envoy's sums are, is nothing.
 * @returns null without a request, and further below nothing: then it cannot be told
 */
export function addedOfSums({
  addedMs,
  addedOf,
  tookMs,
}: Pick<WaypointTraffic, 'addedMs' | 'addedOf' | 'tookMs'>): number | null {
  if (addedOf <= 0) return null;
  const mean = addedMs / addedOf;
  if (mean >= 0) return mean;
  return mean >= -(1 + (0.05 * tookMs) / addedOf) ? 0 : null;
}

export const reportedWaypointSchema = z.object({
  namespace: z.string().max(253),
  name: z.string().max(253),
  gatewayClass: z.string().max(253),
  /** Empty for a waypoint of no pool. */
  pool: z.string().max(63),
  /** What it takes: service, workload, all or none. */
  takes: z.string().max(20),
  state: z.enum(waypointStates),
  reason: z.enum(waypointReasons),
  message: z.string().max(1_000),
  programmed: z.boolean(),
  replicas: z.object({ desired: count, ready: count, updated: count, total: count }),
  /** Who sets the number of replicas: the agent, this HorizontalPodAutoscaler, nobody, or somebody else. */
  scaling: z.object({
    by: z.enum(['agent', 'hpa', 'fixed', 'none']),
    min: count,
    max: count,
    message: z.string().max(500),
    lastAt: z.number().int().nullable(),
  }),
  figures: waypointFiguresSchema,
  /** Null: none of its replicas was read, or its agent does not count. */
  traffic: waypointTrafficSchema.nullable().default(null),
  /** Configuration that its proxies refused. */
  rejected: z.array(z.string().max(1_000)).max(10),
  /** Milliseconds since 1970 of the last request seen; null: none since the agent began, or not known. */
  lastActiveAt: z.number().int().nullable(),
  /** Null: its agent knows nothing of sleep. */
  sleep: z
    .object({
      phase: z.enum(sleepPhases),
      /** Null: it never sleeps. */
      afterS: z.number().int().nullable(),
      /** Milliseconds since 1970 since when it is in this phase; null: not known. */
      since: z.number().int().nullable(),
      /** Why it is in this phase, or what keeps it from sleeping. */
      message: z.string().max(500),
      /** Connections that wait for a replica, and those that were taken in while it slept and go on. */
      held: count,
      carried: count,
      /** The last time that connections were closed because no replica became ready. */
      failed: z.object({ at: z.number().int(), message: z.string().max(500) }).nullable(),
    })
    .nullable()
    .default(null),
});
export type ReportedWaypoint = z.output<typeof reportedWaypointSchema>;

export const reportedPoolSchema = z.object({
  name: z.string(),
  ready: z.boolean(),
  scaler: z.enum(['agent', 'hpa', 'fixed']),
  message: z.string().max(1_000),
  /** Nodes that have the image, of how many; null where it is not kept. */
  prePulled: z.object({ ready: count, total: count }).nullable(),
});
export type ReportedPool = z.output<typeof reportedPoolSchema>;

/** One snapshot, latest wins: of an older life, or an older number of the same, nothing is taken. */
export const waypointsReportSchema = z.object({
  bootId: z.string().max(100),
  startedAt: z.number().int(),
  seq: count,
  /** The cluster serves metrics.k8s.io: a HorizontalPodAutoscaler can work. */
  metricsApi: z.boolean(),
  /** Empty, or why the agent cannot look after waypoints. */
  problem: z.string().max(1_000),
  waypoints: z.array(reportedWaypointSchema).max(waypointLimits.perCluster),
  pools: z.array(reportedPoolSchema).max(waypointLimits.pools),
});
export type WaypointsReport = z.output<typeof waypointsReportSchema>;

export const waypointsReplySchema = z.object({ acceptedSeq: z.number().int() });
