import type { Bundle } from '@ambit/contracts/agent/bundle';

/**
 * Fields that something in the cluster owns once they exist: istiod fills in its CA and raises failurePolicy, the
 * autoscaler sets replicas. Applying or comparing them would fight with it.
 */
export const ownedInCluster: Bundle['ignore'] = [
  {
    kind: 'MutatingWebhookConfiguration',
    paths: ['/webhooks/*/clientConfig/caBundle', '/webhooks/*/failurePolicy'],
  },
  {
    kind: 'ValidatingWebhookConfiguration',
    paths: ['/webhooks/*/clientConfig/caBundle', '/webhooks/*/failurePolicy'],
  },
  { kind: 'Deployment', paths: ['/spec/replicas'] },
];
