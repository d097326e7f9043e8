import type { Bundle } from '@ambit/contracts/agent/bundle';
import type { KubeObject } from '@ambit/contracts/common';

export type EnrolledMode = 'sidecar' | 'L4';

/** The label that takes a namespace in (istio.io: "Sidecar injection", "Ambient: add workloads"). */
export const enrolmentLabel: Record<EnrolledMode, readonly [string, string]> = {
  sidecar: ['istio-injection', 'enabled'],
  L4: ['istio.io/dataplane-mode', 'ambient'],
};

/**
 * The labels of a cluster's enrolled namespaces as one bundle that sets fields only: the namespaces stay their
 * owners', and give the label up again when their enrolment is gone. They carry no label of ours.
 */
export function enrolmentBundle(enrolments: { namespace: string; mode: EnrolledMode }[]): Bundle {
  const objects: KubeObject[] = [...enrolments]
    .sort((a, b) => (a.namespace < b.namespace ? -1 : 1))
    .map(({ namespace, mode }) => {
      const [label, value] = enrolmentLabel[mode];
      return {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: namespace, labels: { [label]: value } },
      };
    });
  return {
    format: 1,
    name: 'enrolment',
    ownership: 'fields',
    phases: [{ name: 'namespaces', objects, wait: 'none' }],
    ignore: [],
  };
}
