import type { z } from 'zod';
import { poolSpecSchema, type PoolKind, type PoolSpec } from '@ambit/contracts/agent/waypoint';

interface Template {
  name: string;
  kind: PoolKind;
  description: string;
  spec: PoolSpec;
}

const template = (
  name: string,
  description: string,
  spec: z.input<typeof poolSpecSchema>,
): Template => ({ name, kind: spec.kind, description, spec: poolSpecSchema.parse(spec) });

/** Beginnings of pools, as data. What providers look for is theirs; each says where it was read. */
export const poolTemplates: readonly Template[] = [
  template('standard', 'Two replicas at least, over zones, scaled by requests', {
    kind: 'shared',
    minReplicas: 2,
    maxReplicas: 10,
    scaling: { by: 'agent', requestsPerSecond: 1_000, cpuPercent: null },
  }),
  template('small', 'One replica at least, scaled by CPU where the cluster measures it', {
    kind: 'shared',
  }),
  template('dedicated', 'Nodes of its own: label and taint them so', {
    kind: 'dedicated',
    size: 'medium',
    minReplicas: 2,
    maxReplicas: 20,
    nodeSelector: { 'ambit.dev/waypoints': 'true' },
    tolerations: [{ key: 'ambit.dev/waypoints', operator: 'Exists', effect: 'NoSchedule' }],
    prePull: true,
  }),
  template('eci', 'Alibaba Cloud ACK: pods on Elastic Container Instances (virtual nodes)', {
    kind: 'virtual',
    minReplicas: 2,
    maxReplicas: 50,
    podLabels: { 'alibabacloud.com/eci': 'true' },
    nodeSelector: { type: 'virtual-kubelet' },
    tolerations: [{ key: 'virtual-kubelet.io/provider', operator: 'Exists' }],
  }),
  template('fargate', 'Amazon EKS: pods that a Fargate profile takes by this label', {
    kind: 'virtual',
    minReplicas: 2,
    maxReplicas: 50,
    podLabels: { 'ambit.dev/fargate': 'waypoint' },
    tolerations: [
      {
        key: 'eks.amazonaws.com/compute-type',
        operator: 'Equal',
        value: 'fargate',
        effect: 'NoSchedule',
      },
    ],
    zones: 'any',
  }),
  template('aci', 'Azure AKS: pods on Azure Container Instances (virtual nodes)', {
    kind: 'virtual',
    minReplicas: 2,
    maxReplicas: 50,
    nodeSelector: { type: 'virtual-kubelet' },
    tolerations: [
      { key: 'virtual-kubelet.io/provider', operator: 'Exists' },
      { key: 'azure.com/aci', operator: 'Exists', effect: 'NoSchedule' },
    ],
  }),
];
