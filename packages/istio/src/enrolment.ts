export type EnrolledMode = 'sidecar' | 'L4';

/** The label that takes a namespace in (istio.io: "Sidecar injection", "Ambient: add workloads"). */
export const enrolmentLabel: Record<EnrolledMode, readonly [string, string]> = {
  sidecar: ['istio-injection', 'enabled'],
  L4: ['istio.io/dataplane-mode', 'ambient'],
};
