import { z } from 'zod';
import { conditionSchema, nameSchema, pageInput, pageOf, timeSchema } from '../common.ts';
import { foreignIstioSchema, workloadSchema } from '../agent/protocol.ts';
import { idOf } from '../ids.ts';
import { defineOperation } from '../operation.ts';

export const clusterStates = ['waiting', 'connected', 'stale', 'gone'] as const;

export const clusterSchema = z
  .object({
    id: idOf('cluster'),
    name: nameSchema,
    /** waiting: no agent yet; stale: not heard of for 90 s; gone: credential revoked or agent removed. */
    state: z.enum(clusterStates),
    kubernetesVersion: z.string().nullable(),
    /** The sandbox: nothing in it runs for real. */
    simulated: z.boolean(),
    agentVersion: z.string().nullable(),
    nodes: z.array(
      z.object({
        name: z.string(),
        ready: z.boolean(),
        version: z.string(),
        os: z.string(),
        arch: z.string(),
      }),
    ),
    foreignIstio: z.array(foreignIstioSchema),
    gatewayApi: z.string().nullable(),
    conditions: z.array(conditionSchema),
    mesh: z.object({ id: idOf('mesh'), name: z.string() }).nullable(),
    lastSeenAt: timeSchema.nullable(),
    createdAt: timeSchema,
    version: z.number().int(),
  })
  .meta({ id: 'Cluster' });

export const joinSchema = z
  .object({
    /** One-time, bound to organisation and cluster; shown once. */
    token: z.string(),
    expiresAt: timeSchema,
    manifestUrl: z.string(),
    commands: z.object({ kubectl: z.string(), ambit: z.string() }),
  })
  .meta({ id: 'Join' });

export const clusterList = defineOperation({
  id: 'cluster.list',
  kind: 'query',
  permission: 'cluster.read',
  rest: { method: 'GET', path: '/v1/clusters' },
  summary: 'List clusters',
  input: z.object({ ...pageInput, name: z.string().optional() }),
  output: pageOf(clusterSchema),
});

export const clusterGet = defineOperation({
  id: 'cluster.get',
  kind: 'query',
  permission: 'cluster.read',
  rest: { method: 'GET', path: '/v1/clusters/{clusterId}' },
  summary: 'One cluster, with what its agent reports',
  input: z.object({ clusterId: idOf('cluster') }),
  output: clusterSchema,
});

export const clusterJoin = defineOperation({
  id: 'cluster.join',
  kind: 'command',
  permission: 'cluster.write',
  rest: { method: 'POST', path: '/v1/clusters', status: 201 },
  summary: 'Join a Kubernetes cluster',
  description:
    'Answers one command to run against the cluster. Its token works once, within an hour, for this cluster name.',
  input: z.object({ name: nameSchema }),
  output: z.object({ cluster: clusterSchema, join: joinSchema }),
  examples: [{ name: 'Join "prod-eu"', input: { name: 'prod-eu' } }],
});

export const clusterRenewJoin = defineOperation({
  id: 'cluster.renewJoin',
  kind: 'command',
  permission: 'cluster.write',
  rest: { method: 'POST', path: '/v1/clusters/{clusterId}/join', status: 201 },
  summary: 'A new join command; tokens given before stop working',
  input: z.object({ clusterId: idOf('cluster') }),
  output: z.object({ cluster: clusterSchema, join: joinSchema }),
});

export const clusterRevoke = defineOperation({
  id: 'cluster.revoke',
  kind: 'command',
  permission: 'cluster.write',
  rest: { method: 'POST', path: '/v1/clusters/{clusterId}/revoke' },
  summary: "Revoke the agent's credential; what runs in the cluster is left as it is",
  input: z.object({ clusterId: idOf('cluster') }),
  output: clusterSchema,
});

export const clusterLeave = defineOperation({
  id: 'cluster.leave',
  kind: 'command',
  permission: 'cluster.write',
  rest: { method: 'DELETE', path: '/v1/clusters/{clusterId}' },
  summary: 'Remove a cluster that is in no mesh',
  input: z.object({ clusterId: idOf('cluster') }),
  output: clusterSchema.extend({ uninstallCommand: z.string() }),
});

export const clusterNamespaces = defineOperation({
  id: 'cluster.namespaces',
  kind: 'query',
  permission: 'cluster.read',
  rest: { method: 'GET', path: '/v1/clusters/{clusterId}/namespaces' },
  summary: 'Namespaces of a cluster with their workloads, as its agent reported them last',
  input: z.object({ clusterId: idOf('cluster') }),
  output: z.object({
    observedAt: timeSchema.nullable(),
    items: z.array(
      z.object({
        name: z.string(),
        labels: z.record(z.string(), z.string()),
        workloads: z.array(workloadSchema),
      }),
    ),
  }),
});
