import type { KubeObject } from '@ambit/contracts/common';

/**
 * The Gateway of a waypoint as `istioctl waypoint apply` makes it.
 * @param users namespaces beside its own that use it: then its listener takes all
 */
export const waypointObject = ({
  namespace,
  name,
  users,
}: {
  namespace: string;
  name: string;
  users: readonly string[];
}): KubeObject => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: { name, namespace, labels: { 'istio.io/waypoint-for': 'service' } },
  spec: {
    gatewayClassName: 'istio-waypoint',
    listeners: [
      {
        name: 'mesh',
        port: 15008,
        protocol: 'HBONE',
        ...(users.length > 0 ? { allowedRoutes: { namespaces: { from: 'All' } } } : {}),
      },
    ],
  },
});
