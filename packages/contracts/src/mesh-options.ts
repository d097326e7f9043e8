import { z } from 'zod';

const cpu = z.string().regex(/^\d+m$|^\d+(\.\d+)?$/, 'a Kubernetes CPU quantity such as 500m or 2');
const memory = z
  .string()
  .regex(/^\d+(Ki|Mi|Gi)$/, 'a Kubernetes memory quantity such as 512Mi or 2Gi');

/**
 * What a user may set on a mesh: an allow-list with Istio's own meaning and defaults.
 * Everything is optional; a missing field keeps the default named in its description.
 */
export const meshOptionsSchema = z
  .strictObject({
    mtls: z
      .enum(['PERMISSIVE', 'STRICT'])
      .default('PERMISSIVE')
      .describe(
        'PERMISSIVE takes plain text too; STRICT refuses it mesh-wide (PeerAuthentication in istio-system)',
      ),
    outboundTraffic: z
      .enum(['ALLOW_ANY', 'REGISTRY_ONLY'])
      .default('ALLOW_ANY')
      .describe('REGISTRY_ONLY blocks destinations that are not Services or ServiceEntries'),
    accessLog: z
      .boolean()
      .default(false)
      .describe('Every proxy writes an access log line per request to its standard output'),
    trustDomain: z
      .string()
      .regex(/^[a-z0-9.-]{1,253}$/, 'a DNS name')
      .default('cluster.local')
      .describe(
        'First part of every SPIFFE identity; changing it later cuts policies that name identities',
      ),
    holdApplicationUntilProxyStarts: z
      .boolean()
      .default(false)
      .describe('Sidecars: the application starts only after its proxy is ready'),
    telemetry: z
      .enum(['agent', 'none'])
      .default('agent')
      .describe(
        'agent: the agents read the metrics of proxies themselves, unless a Prometheus integration covers the cluster',
      ),
    tracingSampling: z.number().min(0).max(100).default(1).describe('Percent of requests traced'),
    logLevel: z
      .enum(['error', 'warn', 'info', 'debug'])
      .default('info')
      .describe('Log level of istiod'),
    controlPlane: z
      .strictObject({
        minReplicas: z.number().int().min(1).max(10).default(1),
        maxReplicas: z.number().int().min(1).max(20).default(5),
        cpu: cpu.default('500m').describe('CPU request of each istiod'),
        memory: memory.default('2Gi').describe('Memory request of each istiod'),
      })
      .refine((c) => c.minReplicas <= c.maxReplicas, {
        message: 'minReplicas must not exceed maxReplicas',
        path: ['minReplicas'],
      })
      .prefault({})
      .describe('Size of istiod'),
    proxy: z
      .strictObject({
        cpu: cpu.default('100m').describe('CPU request of each sidecar'),
        memory: memory.default('128Mi').describe('Memory request of each sidecar'),
      })
      .prefault({})
      .describe('Size of each sidecar'),
    ztunnel: z
      .strictObject({
        cpu: cpu.default('200m').describe('CPU request of the ztunnel of each node'),
        memory: memory.default('512Mi').describe('Memory request of the ztunnel of each node'),
        drainS: z
          .number()
          .int()
          .min(5)
          .max(3600)
          .default(30)
          .describe(
            'Seconds that connections under way have when a ztunnel is replaced; then they are cut',
          ),
        logLevel: z
          .enum(['error', 'warn', 'info', 'debug'])
          .default('info')
          .describe('Log level of ztunnel'),
        accessLog: z
          .boolean()
          .default(true)
          .describe(
            'ztunnel writes a line for each connection. It takes no Telemetry: this holds for every namespace',
          ),
      })
      .prefault({})
      .describe('ztunnel, the L4 proxy of each node; in ambient meshes'),
    cni: z
      .strictObject({
        cpu: cpu.default('100m').describe('CPU request of istio-cni on each node'),
        memory: memory.default('100Mi').describe('Memory request of istio-cni on each node'),
        logLevel: z
          .enum(['error', 'warn', 'info', 'debug'])
          .default('info')
          .describe('Log level of istio-cni'),
        dnsCapture: z
          .boolean()
          .default(true)
          .describe(
            'DNS of ambient pods goes through ztunnel, which ServiceEntry names need; pods that run keep what they have until istio-cni or they restart',
          ),
      })
      .prefault({})
      .describe('istio-cni, which redirects pods; in ambient meshes'),
  })
  .meta({ id: 'MeshOptions' });
export type MeshOptions = z.output<typeof meshOptionsSchema>;
