import { z } from 'zod';
import { timeSchema } from '../common.ts';
import { idOf } from '../ids.ts';
import { defineOperation } from '../operation.ts';

const meshId = { meshId: idOf('mesh') };
const count = z.number().int();

/** The pod of a DaemonSet that a node's ambient traffic hangs on. */
export const nodeAgentSchema = z
  .object({
    namespace: z.string(),
    pod: z.string(),
    ready: z.boolean(),
    version: z.string().describe('of its image; empty when that says nothing'),
    restarts: count,
    since: timeSchema.nullable().describe('when it was made'),
    problem: z.string().describe('why it is not ready, or how it ended last; empty for nothing'),
  })
  .meta({ id: 'NodeAgent' });
export type NodeAgent = z.output<typeof nodeAgentSchema>;

/**
 * `ok`: it has both, ready. `lacks`: one is missing. `notReady`: one is there and not ready. `nodeNotReady`: the node
 * itself is not. `notNeeded`: a virtual node, or one of another system, where neither can run.
 */
export const nodeStates = ['ok', 'lacks', 'notReady', 'nodeNotReady', 'notNeeded'] as const;
export type NodeState = (typeof nodeStates)[number];

export const ambientNodeSchema = z
  .object({
    clusterId: idOf('cluster'),
    clusterName: z.string(),
    node: z.string(),
    state: z.enum(nodeStates),
    message: z.string(),
    ztunnel: nodeAgentSchema.nullable(),
    cni: nodeAgentSchema.nullable(),
    /** Pods that istio-cni redirected, those that ztunnel carries (null: not told), and those it misses. */
    pods: z.object({ redirected: count, carried: count.nullable(), missed: count }),
    /** Which of the two a restart would mend. */
    repair: z.enum(['ztunnel', 'cni', 'none']),
  })
  .meta({ id: 'AmbientNode' });
export type AmbientNode = z.output<typeof ambientNodeSchema>;

export const ambientNodes = defineOperation({
  id: 'ambient.nodes',
  kind: 'query',
  permission: 'mesh.read',
  rest: { method: 'GET', path: '/v1/meshes/{meshId}/ambient/nodes' },
  summary: 'Health of ztunnel and istio-cni on each node',
  description:
    'Of every node the pods of the two DaemonSets that ambient traffic hangs on: ready, version, restarts, how they ended last, and whether ztunnel carries what istio-cni redirected.',
  input: z.object({
    ...meshId,
    clusterId: idOf('cluster').optional(),
    state: z.enum(nodeStates).optional(),
  }),
  output: z.object({
    sentence: z.string(),
    items: z.array(ambientNodeSchema),
    /** Clusters of which nothing is known yet. */
    silent: z.array(z.string()),
  }),
});

export const namespaceMtls = ['inherit', 'PERMISSIVE', 'STRICT'] as const;
export const switches = ['inherit', 'on', 'off'] as const;

const setting = {
  mtls: z
    .enum(namespaceMtls)
    .describe('what pods of the namespace take; inherit: as the mesh says (PeerAuthentication)'),
  accessLog: z
    .enum(switches)
    .describe(
      'access log of sidecars and waypoints of the namespace (Telemetry); ztunnel takes no Telemetry: its log is an option of the mesh',
    ),
  tcpMetrics: z
    .enum(switches)
    .describe(
      'TCP metrics of sidecars and waypoints of the namespace (Telemetry); those of ztunnel are always told',
    ),
};

export const ambientNamespaceSchema = z
  .object({
    namespace: z.string(),
    ...setting,
    /** Which mTLS mode holds for the namespace as a whole, and by what. */
    effective: z.object({ mtls: z.string(), by: z.string() }),
    /** Objects of others that say something of the same: these are changed where they came from. */
    others: z.array(
      z.object({ kind: z.string(), name: z.string(), sets: z.enum(['mtls', 'telemetry']) }),
    ),
    /** Who was seen to send plain text into it in the last minute: STRICT would refuse them. */
    plainFrom: z.array(z.string()),
    /** False: no proxy told of traffic lately. */
    measured: z.boolean(),
  })
  .meta({ id: 'AmbientNamespace' });
export type AmbientNamespace = z.output<typeof ambientNamespaceSchema>;

export const ambientNamespaces = defineOperation({
  id: 'ambient.namespaces',
  kind: 'query',
  permission: 'mesh.read',
  rest: { method: 'GET', path: '/v1/meshes/{meshId}/ambient/namespaces' },
  summary: 'L4 of each namespace: mTLS mode, access log, TCP metrics',
  input: z.object(meshId),
  output: z.object({ items: z.array(ambientNamespaceSchema) }),
});

export const ambientConfigure = defineOperation({
  id: 'ambient.configure',
  kind: 'command',
  permission: 'mesh.write',
  rest: { method: 'PUT', path: '/v1/meshes/{meshId}/ambient/namespaces/{namespace}' },
  summary: 'Set L4 of a namespace: mTLS mode, access log, TCP metrics',
  description:
    'Writes a PeerAuthentication and a Telemetry named ambit-l4 into the namespace, as policies of the mesh, and takes them away where everything is inherited. Where another object of the namespace says something of the same, it is named and nothing is written.',
  input: z.object({
    ...meshId,
    namespace: z
      .string()
      .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'a Kubernetes namespace')
      .max(63),
    ...setting,
    force: z
      .boolean()
      .default(false)
      .describe('STRICT although plain text was seen in the last minute'),
  }),
  output: ambientNamespaceSchema,
  errors: [
    'another object of the namespace sets it (409)',
    'STRICT would refuse clients that send plain text now, and force is not set (422)',
    'a namespace of the platform itself (422)',
  ],
  examples: [
    {
      name: 'Demand mTLS in a namespace',
      input: {
        meshId: 'msh_01kaz5m8x0v6h2c4q7t9w3e5r1',
        namespace: 'shop',
        mtls: 'STRICT',
        accessLog: 'inherit',
        tcpMetrics: 'inherit',
      },
    },
  ],
});
