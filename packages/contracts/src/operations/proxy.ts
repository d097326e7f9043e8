import { z } from 'zod';
import { configResources, logLineSchema, readEventSchema, readLimits } from '../agent/reads.ts';
import { proxyKinds, syncStates, syncTypes } from '../agent/telemetry.ts';
import { pageInput, pageOf, timeSchema } from '../common.ts';
import { idOf } from '../ids.ts';
import { defineOperation } from '../operation.ts';

export const proxySchema = z
  .object({
    clusterId: idOf('cluster'),
    clusterName: z.string(),
    namespace: z.string(),
    pod: z.string(),
    workload: z.string(),
    node: z.string(),
    kind: z.enum(proxyKinds),
    version: z.string().describe('of its image; empty when that says nothing'),
    ready: z.boolean(),
    istiod: z
      .string()
      .nullable()
      .describe('pod it is connected to; empty: no istiod knows it; null: none could be asked'),
    sync: z
      .partialRecord(z.enum(syncTypes), z.enum(syncStates))
      .describe('by type of configuration, for those it takes'),
    inSync: z.boolean().nullable().describe('null when istiod could not be asked'),
    syncError: z.string().describe('what the proxy said when it refused a configuration'),
    scrapedAt: timeSchema.nullable().describe('when its metrics were read last'),
    problem: z.string().describe('why its metrics could not be read; empty when they could'),
  })
  .meta({ id: 'Proxy' });
export type Proxy = z.output<typeof proxySchema>;

const meshId = { meshId: idOf('mesh') };
const name = z.string().min(1).max(253);
const proxy = { ...meshId, clusterId: idOf('cluster'), namespace: name, pod: name };
const errors = [
  'the cluster is not of this mesh, or has no such proxy (404)',
  'its agent is away, or the proxy does not answer (503)',
];

export const proxyList = defineOperation({
  id: 'proxy.list',
  kind: 'query',
  permission: 'mesh.read',
  rest: { method: 'GET', path: '/v1/meshes/{meshId}/proxies' },
  summary:
    'Proxies of a mesh: sidecars, waypoints, gateways and ztunnel, and whether each is in sync',
  description:
    'As agents reported them last. `clusters` says of each cluster when that was, and what could not be seen.',
  input: z.object({
    ...meshId,
    ...pageInput,
    clusterId: idOf('cluster').optional(),
    namespace: name.optional(),
    workload: name.optional(),
    kind: z.enum(proxyKinds).optional(),
    state: z
      .enum(['outOfSync', 'unread'])
      .optional()
      .describe(
        'only those whose configuration is not the latest, or whose metrics cannot be read',
      ),
  }),
  output: pageOf(proxySchema).extend({
    total: z.number().int(),
    clusters: z.array(
      z.object({
        clusterId: idOf('cluster'),
        clusterName: z.string(),
        reportedAt: timeSchema.nullable(),
        note: z.string().describe('why there is nothing, or nothing new; empty when all is well'),
      }),
    ),
  }),
});

const configEntrySchema = z.object({
  name: z.string(),
  /** In words for a list: port, host, domains, addresses. */
  summary: z.string(),
  config: z.unknown(),
});

export const proxyConfigSchema = z
  .object({
    clusterId: idOf('cluster'),
    namespace: z.string(),
    pod: z.string(),
    resource: z.enum(configResources),
    readAt: timeSchema,
    simulated: z.boolean(),
    /** By name. Secrets hold no keys; when a resource changed last and its version are left out, so that two can be compared. */
    entries: z.array(configEntrySchema),
  })
  .meta({ id: 'ProxyConfig' });

export const proxyConfig = defineOperation({
  id: 'proxy.config',
  kind: 'query',
  permission: 'proxy.read',
  rest: {
    method: 'GET',
    path: '/v1/meshes/{meshId}/proxies/{clusterId}/{namespace}/{pod}/config',
  },
  summary: 'The configuration that a proxy runs with, by type, and that of a second one to compare',
  description: 'Read from the proxy itself, now, through the agent of its cluster.',
  input: z.object({
    ...proxy,
    resource: z.enum(configResources).default('clusters'),
    against: z
      .string()
      .regex(/^[a-z0-9.-]+\/[a-z0-9.-]+$/, 'namespace/pod of a proxy of the same cluster')
      .optional(),
  }),
  output: z.object({
    proxy: proxyConfigSchema,
    against: proxyConfigSchema.nullable(),
    differences: z
      .array(z.object({ name: z.string(), change: z.enum(['onlyHere', 'onlyThere', 'differs']) }))
      .describe('by name; empty without a second proxy'),
  }),
  errors,
});

export const proxyLogs = defineOperation({
  id: 'proxy.logs',
  kind: 'query',
  permission: 'proxy.read',
  rest: {
    method: 'GET',
    path: '/v1/meshes/{meshId}/proxies/{clusterId}/{namespace}/{pod}/logs',
  },
  summary: 'Log lines of a proxy: its access log, where the mesh has it on',
  description:
    'A page at a time: `cursor` of one page gives the next, and `waitSeconds` waits for lines when there are none. Credentials, cookies, tokens and values in query strings are masked before they leave the cluster.',
  input: z.object({
    ...proxy,
    cursor: z.string().max(40).optional(),
    since: timeSchema.optional(),
    filter: z.string().max(500).default('').describe('words that a line must contain, all of them'),
    lines: z.coerce.number().int().min(1).max(readLimits.logLines).default(200),
    waitSeconds: z.coerce.number().int().min(0).max(20).default(0),
    previous: z
      .enum(['true', 'false'])
      .default('false')
      .describe('of the container before its last restart'),
  }),
  output: z.object({
    items: z.array(logLineSchema),
    cursor: z.string().nullable().describe('for the page after these lines'),
    more: z.boolean().describe('there are lines after these already'),
    simulated: z.boolean(),
  }),
  errors,
});

export const proxyRequests = defineOperation({
  id: 'proxy.requests',
  kind: 'query',
  permission: 'proxy.read',
  rest: {
    method: 'GET',
    path: '/v1/meshes/{meshId}/proxies/{clusterId}/{namespace}/{pod}/requests',
  },
  summary: 'What a proxy was asked lately, by route: what fails most comes first, with why',
  description:
    'From the newest lines of its access log, where the mesh has it on: Istio’s default format, as text or as JSON. Queries are left out of paths, and parts of them that are numbers, ids or tokens are `*`. Failed is what was answered with 400 and above, or not at all.',
  input: z.object({
    ...proxy,
    lines: z.coerce.number().int().min(1).max(readLimits.logLines).default(1000),
    limit: z.coerce.number().int().min(1).max(100).default(20),
  }),
  output: z.object({
    requests: z.number().int().describe('lines that are requests; 0 where no access log is on'),
    failed: z.number().int(),
    from: timeSchema.nullable().describe('when the oldest of them was'),
    items: z.array(
      z.object({
        method: z.string(),
        path: z.string(),
        host: z.string().describe('the Service it went to, else the name that was asked for'),
        direction: z.enum(['inbound', 'outbound', 'unknown']),
        requests: z.number().int(),
        failed: z.number().int(),
        failures: z
          .array(z.object({ code: z.string(), flags: z.string(), count: z.number().int() }))
          .describe('by code and Envoy’s response flags, the most frequent first'),
        slowestMs: z.number(),
        lastAt: timeSchema,
      }),
    ),
    simulated: z.boolean(),
  }),
  errors,
});

export const proxyCertificates = defineOperation({
  id: 'proxy.certificates',
  kind: 'query',
  permission: 'proxy.read',
  rest: {
    method: 'GET',
    path: '/v1/meshes/{meshId}/proxies/{clusterId}/{namespace}/{pod}/certificates',
  },
  summary: 'The certificates that a proxy holds, and whom it trusts',
  description:
    'Read from the proxy itself, now, through the agent of its cluster; without keys. A ztunnel tells one for each identity that it acts for on its node.',
  input: z.object(proxy),
  output: z.object({
    items: z.array(
      z.object({
        use: z.enum(['workload', 'trusted']),
        names: z.array(z.string()).describe('SPIFFE ids and names that it is of'),
        serial: z.string(),
        notBefore: z.string().describe('empty where the proxy tells none'),
        notAfter: z.string(),
        state: z
          .enum(['valid', 'late', 'expired', 'notYetValid', 'unknown'])
          .describe('late: less than a quarter of its life is left, so it was not made anew'),
      }),
    ),
    readAt: timeSchema,
    simulated: z.boolean(),
  }),
  errors,
});

export const proxyEvents = defineOperation({
  id: 'proxy.events',
  kind: 'query',
  permission: 'mesh.read',
  rest: {
    method: 'GET',
    path: '/v1/meshes/{meshId}/clusters/{clusterId}/events',
  },
  summary: 'Kubernetes Events of one object of a cluster of the mesh',
  input: z.object({
    ...meshId,
    clusterId: idOf('cluster'),
    kind: name.max(100),
    namespace: z.string().max(253).default(''),
    name,
  }),
  output: z.object({ items: z.array(readEventSchema), simulated: z.boolean() }),
  errors,
});
