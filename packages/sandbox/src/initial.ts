import { sandboxNodes } from './kubelet/nodes.ts';
import type { NewObject } from './objects.ts';
import { simulatedLabel } from './simulated.ts';

const namespaces = [
  'default',
  'kube-system',
  'kube-public',
  'kube-node-lease',
  // The agent keeps its credential and its bookkeeping here, as it would after `kubectl apply`.
  'ambit-system',
];

/** What is in a sandbox before anybody writes to it. */
export function initialObjects(): NewObject[] {
  return [
    ...namespaces.map((name) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: { [simulatedLabel]: 'true' } },
    })),
    ...sandboxNodes(),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver' } },
      spec: {
        clusterIP: '10.96.0.1',
        ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }],
      },
    },
  ];
}
