import { z } from 'zod';

/**
 * The agent's own scrape of proxies, for meshes without a Prometheus: `POST telemetry` (gzip). Rates are summed by edge
 * at the agent, over ten seconds; what did not move is left out. Whether the agent scrapes at all comes with its
 * reads (reads.ts).
 */
export const telemetryPaths = { telemetry: '/agent/v1/telemetry' } as const;

export const telemetryLimits = {
  everyMs: 10_000,
  /** A report as it is sent. */
  reportMaxBytes: 4 * 1024 * 1024,
  /** Edges of one report, and of one cluster that the platform knows at once. */
  edgesPerReport: 50_000,
  edgesPerCluster: 200_000,
  proxiesPerCluster: 20_000,
  /** A report of older traffic is not taken: telemetry is dropped first, never made up for. */
  oldestMs: 60_000,
} as const;

/**
 * Labels of an edge, in this order (istio.io, "Istio Standard Metrics"); `app` is `ztunnel` where ztunnel told it,
 * else empty. A label that is not there is empty.
 */
export const edgeLabels = [
  'reporter',
  'source_cluster',
  'source_workload_namespace',
  'source_workload',
  'source_canonical_service',
  'source_canonical_revision',
  'destination_cluster',
  'destination_service',
  'destination_service_namespace',
  'destination_service_name',
  'destination_workload_namespace',
  'destination_workload',
  'destination_canonical_service',
  'destination_canonical_revision',
  'request_protocol',
  'response_code',
  'grpc_response_status',
  'response_flags',
  'connection_security_policy',
  'app',
] as const;

/** What is told of an edge, each a second. */
export const edgeMetrics = [
  'requests',
  'requestBytes',
  'responseBytes',
  'connectionsOpened',
  'connectionsClosed',
  'durationSum',
  'durationCount',
] as const;
export type EdgeMetric = (typeof edgeMetrics)[number];

/** Finite upper bounds of the latency histogram in milliseconds (Istio's); observations beyond are in `durationCount` alone. */
export const durationBounds = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000,
  1_800_000, 3_600_000,
] as const;

export const proxyKinds = ['sidecar', 'waypoint', 'gateway', 'ztunnel'] as const;
export type ProxyKind = (typeof proxyKinds)[number];

/** `stale`: sent and not acknowledged; `notSent`: istiod has nothing of this type for it; `error`: the proxy refused it. */
export const syncStates = ['synced', 'stale', 'notSent', 'error'] as const;
export type SyncState = (typeof syncStates)[number];
export const syncTypes = ['cds', 'lds', 'eds', 'rds', 'ecds', 'wds', 'wads'] as const;
export type SyncType = (typeof syncTypes)[number];

const count = z.number().int().nonnegative();
const rates = z.array(z.number().nonnegative());

/** What a proxy shows on its own admin interface, which is read now and then. */
export const proxyAdminSchema = z.object({
  /** When it was read last; null: never. */
  readAt: z.number().int().nullable(),
  /** Why it could not be read last; empty when it could. */
  problem: z.string().max(500),
  /** Identities it has certificates of, and until when the certificate in use holds; null: it waits for one. */
  certificates: z
    .array(z.object({ identity: z.string().max(1_000), expiresAt: z.number().int().nullable() }))
    .max(2_000),
  /** Of a ztunnel: pods of its node that it carries, `namespace/name`; null where it does not tell. */
  carries: z.array(z.string().max(510)).max(2_000).nullable(),
  /** Pods of its node that were redirected before it was read, twice in a row, and that it does not carry. */
  misses: z.array(z.string().max(510)).max(2_000),
});
export type ProxyAdmin = z.infer<typeof proxyAdminSchema>;

/** A proxy as the agent sees it. */
export const reportedProxySchema = z.object({
  namespace: z.string().max(253),
  pod: z.string().max(253),
  workload: z.string().max(253),
  node: z.string().max(253),
  kind: z.enum(proxyKinds),
  /** Of its image; empty when that says nothing. */
  version: z.string().max(200),
  ready: z.boolean(),
  /** Why its metrics could not be read last; empty when they could. */
  problem: z.string().max(500),
  /** When they were read last; null: never. */
  scrapedAt: z.number().int().nullable(),
  /** The istiod pod it is connected to; empty when no istiod told of it, null when none could be asked. */
  istiod: z.string().max(253).nullable(),
  /** By type, for those it takes. */
  sync: z.partialRecord(z.enum(syncTypes), z.enum(syncStates)),
  /** What a proxy said when it refused a configuration; empty for none. */
  syncError: z.string().max(1_000),
  /** Left out by agents that do not read it. */
  admin: proxyAdminSchema.optional(),
});
export type ReportedProxy = z.infer<typeof reportedProxySchema>;

export const telemetryReportSchema = z.object({
  /** Of this life of the agent; with `seq` each report is taken once. */
  bootId: z.string().max(100),
  startedAt: z.number().int(),
  seq: count,
  /** Whether rates are told: false for an agent that only tells of its proxies. */
  scrapes: z.boolean(),
  /** End of the interval, milliseconds since 1970 by the platform's clock, and how long it was. */
  at: z.number().int(),
  windowS: z.number().positive().max(120),
  /** Every text of `labels`, once. */
  strings: z.array(z.string().max(1_000)).max(200_000),
  /** Edges whose number the agent does not have: of each, one index into `strings` for each of `edgeLabels`. */
  labels: z.array(z.array(count).length(edgeLabels.length)).max(telemetryLimits.edgesPerReport),
  /** Numbers of edges that moved, as differences, ascending; the rows of `labels` come after them, in their order. */
  edges: z.array(count).max(telemetryLimits.edgesPerReport),
  /** Columns as long as `edges` and `labels` together; one is left out when all of it is 0. */
  columns: z.partialRecord(z.enum(edgeMetrics), rates),
  /** Histograms of the rows at these places (ascending differences): cumulative rates, one for each of `durationBounds`. */
  histograms: z.object({ rows: z.array(count), rates }),
  /** Every proxy, at first and now and then; null: as it was told in this life, but for `changed`. */
  proxies: z.array(reportedProxySchema).max(telemetryLimits.proxiesPerCluster).nullable(),
  /** Beside `proxies` of null: those that are new or differ, and those that are gone, `namespace/pod`. */
  changed: z
    .object({
      put: z.array(reportedProxySchema).max(telemetryLimits.proxiesPerCluster),
      gone: z.array(z.string().max(510)).max(telemetryLimits.proxiesPerCluster),
    })
    .optional(),
  /** What was left out, and why, for people. */
  dropped: z.object({ edges: count, reports: count, samples: count }),
});
export type TelemetryReport = z.infer<typeof telemetryReportSchema>;

export const telemetryReplySchema = z.object({
  /** False: the platform does not know all of `edges`; forget every number and send it again, once. */
  accepted: z.boolean(),
  /** Numbers for the rows of `labels`, in their order; 0 where the cluster has too many edges. */
  numbers: z.array(count),
  /** Ask the agent to report less often. */
  slowMs: z.number().int().optional(),
});
export type TelemetryReply = z.infer<typeof telemetryReplySchema>;
