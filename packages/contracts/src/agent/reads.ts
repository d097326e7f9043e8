import { z } from 'zod';

/**
 * Reads through the agent. The platform asks, signed; the agent looks, and answers in chunks. A read changes nothing in
 * the cluster: each kind names what may be looked at, and the agent refuses everything else.
 *
 * `GET reads?wait=<seconds>&scrape=<on|off>`: 204 when nobody asks and the setting is as the agent has it, else
 * `readsReplySchema`. `POST reads/{id}?seq=<n>&end=<true|false>[&status=<HTTP status>]`: the bytes of chunk n (gzip allowed);
 * the answer comes when the reader has room for the next one. `POST reads/{id}/failure`: `readFailureSchema`.
 */
export const readPaths = { reads: '/agent/v1/reads' } as const;

export const readLimits = {
  /** How long a read may take when nothing else is said, and at most. */
  timeoutMs: 15_000,
  longestTimeoutMs: 60_000,
  /** Bytes of one chunk before it is packed; of a whole answer when nothing else is said, and at most. */
  chunkBytes: 512 * 1024,
  maxBytes: 16 * 1024 * 1024,
  mostBytes: 128 * 1024 * 1024,
  /** Chunks on their way that the reader has not taken: the agent waits for room. */
  window: 4,
  /** Reads of one cluster that wait or run at once. */
  perCluster: 32,
  /** Reads an agent works on at once. */
  concurrency: 8,
  longPollS: 50,
  logLines: 2_000,
  logBytes: 512 * 1024,
  logWaitMs: 20_000,
} as const;

/** `typ` of the JWS that carries a read. */
export const readType = 'ambit-read';

const name = z.string().min(1).max(253);
const pod = { namespace: name, pod: name };

/** Parts of what a proxy can be asked for. `config` of an Envoy takes a `resource`. */
export const adminViews = [
  'config',
  'clusters',
  'listeners',
  'stats',
  'certs',
  'server_info',
  'metrics',
  'sync',
] as const;
export type AdminView = (typeof adminViews)[number];

/** Envoy's configuration by type, and ztunnel's whole. */
export const configResources = [
  'clusters',
  'listeners',
  'routes',
  'endpoints',
  'secrets',
  'bootstrap',
  'ecds',
  'ztunnel',
] as const;
export type ConfigResource = (typeof configResources)[number];

export const readSchema = z.discriminatedUnion('kind', [
  /**
   * Asks a server inside the cluster that an Integration of the cluster names (the platform looks that up before it signs).
   * POST takes a form, and only of the query addresses of Prometheus. The answer's status comes with its first chunk.
   */
  z.object({
    kind: z.literal('http'),
    method: z.enum(['GET', 'POST']),
    url: z.url({ protocol: /^https?$/ }).max(8_000),
    headers: z.record(z.string().max(100), z.string().max(8_000)),
    /** Of a POST: application/x-www-form-urlencoded. */
    body: z.string().max(256 * 1024),
    /** PEM certificates to be trusted beside the usual ones. */
    ca: z
      .string()
      .max(64 * 1024)
      .optional(),
  }),
  /** Asks the proxy of a pod (Envoy, ztunnel), or istiod (`sync`). Answers as the proxy does: JSON, or the text of metrics. */
  z.object({
    kind: z.literal('proxy-admin'),
    ...pod,
    view: z.enum(adminViews),
    resource: z.enum(configResources).optional(),
    /** Of `stats`: a regular expression over names, as Envoy takes it. */
    filter: z.string().max(500).optional(),
  }),
  /**
   * Lines of the container of a proxy or of the control plane, oldest first (`logsAnswerSchema`): after `after` when given,
   * else the last `lines`. With `waitMs` an answer without lines waits for some.
   */
  z.object({
    kind: z.literal('logs'),
    ...pod,
    /** The proxy's, or the only one of the control plane, when missing. */
    container: name.optional(),
    previous: z.boolean().default(false),
    /** RFC 3339 with nanoseconds: of the last line that is known. */
    after: z.string().max(40).optional(),
    /** Not older than. */
    since: z.iso.datetime().optional(),
    /** Only lines that contain all of these words, in whatever case. */
    words: z.array(z.string().min(1).max(200)).max(10).default([]),
    lines: z.number().int().min(1).max(readLimits.logLines).default(200),
    waitMs: z.number().int().min(0).max(readLimits.logWaitMs).default(0),
  }),
  /** Kubernetes Events of one object, newest first: JSON list of `readEventSchema`. */
  z.object({
    kind: z.literal('events'),
    /** Empty for what is in no namespace. */
    namespace: z.string().max(253),
    objectKind: z.string().min(1).max(100),
    name,
  }),
]);
/** A read as it is asked for; defaults may be left out. */
export type Read = z.input<typeof readSchema>;
export type ReadWithDefaults = z.output<typeof readSchema>;

/** Payload of the JWS (EdDSA, platform key, typ `readType`): what is asked of which cluster, and until when. */
export const signedReadSchema = z.object({
  /** The cluster. */
  sub: z.string(),
  /** The read's id; an agent answers each once. */
  jti: z.string(),
  /** Seconds since 1970. */
  exp: z.number(),
  maxBytes: z.number().int().min(1).max(readLimits.mostBytes),
  read: readSchema,
});

export const readsReplySchema = z.object({
  /** Compact JWS each. */
  reads: z.array(z.string()).max(readLimits.perCluster),
  /** Whether the agent scrapes proxies itself (telemetry.ts). */
  scrape: z.boolean(),
});
export type ReadsReply = z.infer<typeof readsReplySchema>;

/** Answer to a chunk. `go: false`: nobody reads any more; send nothing more of it. */
export const chunkReplySchema = z.object({ go: z.boolean() });

export const readFailureReasons = [
  'notFound',
  'refused',
  'unreachable',
  'timeout',
  'tooLarge',
  'unsupported',
  'failed',
] as const;
export type ReadFailureReason = (typeof readFailureReasons)[number];

export const readFailureSchema = z.object({
  reason: z.enum(readFailureReasons),
  /** What was wrong, where and what to do: for people. */
  message: z.string().max(2_000),
});
export type ReadFailure = z.infer<typeof readFailureSchema>;

/** A line of a log. Secrets are masked by the agent, before it leaves the cluster. */
export const logLineSchema = z.object({ at: z.string(), text: z.string() });
export type LogLine = z.infer<typeof logLineSchema>;

export const logsAnswerSchema = z.object({
  lines: z.array(logLineSchema),
  /** Of the last line that was looked at, shown or not; null when there was none. */
  cursor: z.string().nullable(),
  /** There are lines after these already. */
  more: z.boolean(),
});
export type LogsAnswer = z.infer<typeof logsAnswerSchema>;

export const readEventSchema = z.object({
  type: z.string(),
  reason: z.string(),
  message: z.string(),
  count: z.number().int(),
  source: z.string(),
  firstAt: z.string().nullable(),
  lastAt: z.string().nullable(),
});
export type ReadEvent = z.infer<typeof readEventSchema>;
