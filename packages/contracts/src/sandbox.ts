/** What can be broken, and mended, in a simulated cluster. */
export const sandboxFaultKinds = [
  'crash-pod',
  'break-node',
  'heal-node',
  'drop-link',
  'restore-link',
  'expire-certificate',
  'renew-certificate',
  'expire-ingress',
  'age-ingress',
  'renew-ingress',
  'slow-service',
  'fail-service',
  'mend-service',
  'miss-pod',
  'stop-cni',
  'mend-cni',
] as const;
export type SandboxFaultKind = (typeof sandboxFaultKinds)[number];
