import { z } from 'zod';
import { pageInput, pageOf } from '../common.ts';
import { idOf } from '../ids.ts';
import { defineOperation } from '../operation.ts';
import { graphWords, topologySourceSchema } from './topology.ts';

const kubeName = z.string().min(1).max(253);
const share = z.number().nullable();

/** What something is asked now; shares and times are null without traffic, or where nobody tells. */
const figures = {
  rate: z.number().describe('requests, or opened connections, each second'),
  errorShare: share.describe('0 to 1'),
  p95Ms: z.number().nullable(),
  mutualTlsShare: share,
};

export const serviceSchema = z
  .object({
    namespace: z.string(),
    name: z.string(),
    clusters: z.array(z.string()).describe('where it is, by name'),
    external: z.boolean().describe('told of by a ServiceEntry only'),
    workloads: z.array(z.string()).describe('that it selects, in its namespace'),
    health: z.enum(graphWords.health).describe('the worst of its clusters'),
    traffic: z.enum(graphWords.traffic).describe('active when it is so in one of its clusters'),
    ...figures,
  })
  .meta({ id: 'Service' });
export type Service = z.output<typeof serviceSchema>;

const sources = z.array(topologySourceSchema).describe('empty: nobody tells of traffic');

export const serviceList = defineOperation({
  id: 'service.list',
  kind: 'query',
  permission: 'mesh.read',
  rest: { method: 'GET', path: '/v1/meshes/{meshId}/services' },
  summary: 'Services of a mesh with their health and what they are asked now; the worst first',
  input: z.object({
    meshId: idOf('mesh'),
    ...pageInput,
    namespace: kubeName.optional(),
    health: z.enum(['unwell']).optional().describe('only those that are degraded or failing'),
    kept: z
      .stringbool()
      .or(z.boolean())
      .optional()
      .describe(
        'only from a graph that this server keeps already, as it does while somebody looks; without one nothing is listed, and no sources',
      ),
  }),
  output: pageOf(serviceSchema).extend({ total: z.number().int(), sources }),
  errors: ['too many meshes are looked at from here (503)'],
});

export const serviceVersions = defineOperation({
  id: 'service.versions',
  kind: 'query',
  permission: 'mesh.read',
  rest: { method: 'GET', path: '/v1/meshes/{meshId}/services/{namespace}/{name}/versions' },
  summary: 'Versions of a service, with the share of its requests that each answers now',
  description:
    'By the revision that proxies tell (istio.io, "Canonical service": label service.istio.io/canonical-revision, else app.kubernetes.io/version, else version), over all clusters. `subsets` are those of DestinationRules of the mesh that select exactly this version.',
  input: z.object({ meshId: idOf('mesh'), namespace: kubeName, name: kubeName }),
  output: z.object({
    items: z.array(
      z.object({
        version: z.string().describe('empty: its pods have no such label'),
        workloads: z.array(z.object({ cluster: z.string(), name: z.string() })),
        subsets: z.array(z.string()),
        share: share.describe('of the requests to the service, 0 to 1'),
        ...figures,
      }),
    ),
    undefinedSubsets: z
      .array(z.string())
      .describe('subsets that select a version which no workload of the service has'),
    sources,
  }),
  errors: ['the mesh has no such service (404)'],
});

/** Services that a mesh tells Prometheus of, at most. */
export const mostServicesTold = 2_000;

export const meshMetrics = defineOperation({
  id: 'mesh.metrics',
  kind: 'query',
  permission: 'mesh.read',
  rest: { method: 'GET', path: '/v1/meshes/{meshId}/metrics' },
  summary: 'The signals of a mesh in the text form of Prometheus, service by service',
  description:
    'Prometheus scrapes the same as text under /metrics/meshes/{meshId}, with an API token as bearer. By service and not by pair, so that the number of series stays bounded: the 2,000 busiest services are told, and `ambit_mesh_services_left_out` says how many are not. While it is scraped the graph of the mesh is kept fresh.',
  input: z.object({ meshId: idOf('mesh') }),
  output: z.object({
    text: z.string(),
    services: z.number().int(),
    leftOut: z.number().int(),
  }),
  errors: ['too many meshes are looked at from here (503)'],
});
