import type { KubeObject } from '@ambit/contracts/common';

/** Namespaces that may use a waypoint: its own, all, or these beside its own. */
export type AllowedFrom = 'Same' | 'All' | readonly string[];

/** Every namespace carries its name as a label (kubernetes.io, "Automatic labelling"). */
export const namespaceNameLabel = 'kubernetes.io/metadata.name';

/** The Gateway of a waypoint as `istioctl waypoint apply` makes it, of any class. */
export const waypointGateway = (waypoint: {
  namespace: string;
  name: string;
  gatewayClass: string;
  takes: 'service' | 'workload' | 'all' | 'none';
  from: AllowedFrom;
}): KubeObject => {
  const { namespace, name, gatewayClass, takes, from } = waypoint;
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name, namespace, labels: { 'istio.io/waypoint-for': takes } },
    spec: {
      gatewayClassName: gatewayClass,
      listeners: [
        {
          name: 'mesh',
          port: 15_008,
          protocol: 'HBONE',
          ...(from === 'Same' ? {} : { allowedRoutes: { namespaces: allowed(namespace, from) } }),
        },
      ],
    },
  };
};

const allowed = (own: string, from: 'All' | readonly string[]): object =>
  from === 'All'
    ? { from }
    : {
        from: 'Selector',
        selector: {
          matchExpressions: [
            {
              key: namespaceNameLabel,
              operator: 'In',
              values: [...new Set([own, ...from])].toSorted(),
            },
          ],
        },
      };

/**
 * The Gateway that a change of enrolment makes: of Istio's own class.
 * @param users namespaces beside its own that use it: then its listener takes all
 */
export const waypointObject = (waypoint: {
  namespace: string;
  name: string;
  users: readonly string[];
}): KubeObject => {
  const { namespace, name, users } = waypoint;
  const from = users.length > 0 ? 'All' : 'Same';
  return waypointGateway({
    namespace,
    name,
    gatewayClass: 'istio-waypoint',
    takes: 'service',
    from,
  });
};
