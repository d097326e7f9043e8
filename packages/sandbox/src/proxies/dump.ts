import type { View } from '../client/cache.ts';
import { isReady } from '../controllers/common.ts';
import { podsBehind, portNumber } from '../controllers/endpoints.ts';
import type { Pod, Service, ServicePort } from '../objects.ts';

/**
 * The configuration that a simulated Envoy runs with, in the form of its config_dump (envoyproxy.io, "admin"): what
 * istiod would make of the Services of the cluster, in its names and shapes, without the many filters of a real one.
 */
export function envoyDump(pod: Pod, view: View, at: string): object {
  const services = view
    .list('services')
    .filter(({ spec }) => spec.clusterIP !== undefined && spec.clusterIP !== 'None');
  const each = services.flatMap((service) =>
    (service.spec.ports ?? []).map((port) => ({ service, port })),
  );
  const stamped = (name: string, value: object) => ({
    version_info: 'simulated',
    ...(name === 'listener' ? {} : { [name]: value }),
    last_updated: at,
  });
  return {
    configs: [
      {
        '@type': `${admin}BootstrapConfigDump`,
        bootstrap: { node: nodeOf(pod), admin: { address: socket('127.0.0.1', 15_000) } },
        last_updated: at,
      },
      {
        '@type': `${admin}ClustersConfigDump`,
        version_info: 'simulated',
        static_clusters: ['prometheus_stats', 'xds-grpc', 'sds-grpc'].map((name) =>
          stamped('cluster', { '@type': `${types}cluster.v3.Cluster`, name, type: 'STATIC' }),
        ),
        dynamic_active_clusters: [
          ...each.map(({ service, port }) => stamped('cluster', clusterOf(service, port))),
          ...inboundPorts(pod, view).map((port) =>
            stamped('cluster', {
              '@type': `${types}cluster.v3.Cluster`,
              name: `inbound|${port}||`,
              type: 'ORIGINAL_DST',
            }),
          ),
        ],
      },
      {
        '@type': `${admin}ListenersConfigDump`,
        version_info: 'simulated',
        dynamic_listeners: [
          ...each.map(({ service, port }) => listenerOf(service, port)),
          listener('virtualOutbound', '0.0.0.0', 15_001, 'PassthroughCluster'),
          listener('virtualInbound', '0.0.0.0', 15_006, 'InboundPassthroughCluster'),
        ].map((one) => ({
          name: one.name,
          active_state: { version_info: 'simulated', listener: one, last_updated: at },
        })),
      },
      {
        '@type': `${admin}RoutesConfigDump`,
        dynamic_route_configs: routesOf(each).map((one) => stamped('route_config', one)),
      },
      {
        '@type': `${admin}EndpointsConfigDump`,
        dynamic_endpoint_configs: each.map(({ service, port }) =>
          stamped('endpoint_config', endpointsOf(service, port, view)),
        ),
      },
      {
        '@type': `${admin}SecretsConfigDump`,
        dynamic_active_secrets: ['default', 'ROOTCA'].map((name) => ({
          name,
          version_info: 'simulated',
          last_updated: at,
          secret: {
            '@type': `${types.replace('config', 'extensions')}transport_sockets.tls.v3.Secret`,
            name,
            ...(name === 'default'
              ? {
                  tls_certificate: {
                    certificate_chain: { inline_bytes: 'c2ltdWxhdGVk' },
                    private_key: { inline_bytes: 'W3JlZGFjdGVkXQ==' },
                  },
                }
              : { validation_context: { trusted_ca: { inline_bytes: 'c2ltdWxhdGVk' } } }),
          },
        })),
      },
    ],
  };
}

const admin = 'type.googleapis.com/envoy.admin.v3.';
const types = 'type.googleapis.com/envoy.config.';

interface Each {
  service: Service;
  port: ServicePort;
}

const hostOf = ({ metadata }: Service): string =>
  `${metadata.name}.${metadata.namespace ?? ''}.svc.cluster.local`;
const clusterName = (service: Service, port: ServicePort): string =>
  `outbound|${port.port}||${hostOf(service)}`;
const socket = (address: string, port: number) => ({
  socket_address: { address, port_value: port },
});
const isHttp = ({ name = '', appProtocol = '' }: ServicePort): boolean =>
  /^(http|grpc)/.test(appProtocol || name);

const nodeOf = ({ metadata, status }: Pod) => ({
  id: `sidecar~${status?.podIP ?? ''}~${metadata.name}.${metadata.namespace ?? ''}~${metadata.namespace ?? ''}.svc.cluster.local`,
  metadata: { simulated: 'by the Ambit sandbox', LABELS: metadata.labels ?? {} },
});

const clusterOf = (service: Service, port: ServicePort) => ({
  '@type': `${types}cluster.v3.Cluster`,
  name: clusterName(service, port),
  type: 'EDS',
  eds_cluster_config: {
    eds_config: { ads: {}, resource_api_version: 'V3' },
    service_name: clusterName(service, port),
  },
  connect_timeout: '10s',
});

function listener(name: string, address: string, port: number, cluster: string) {
  return {
    '@type': `${types}listener.v3.Listener`,
    name,
    address: socket(address, port),
    filter_chains: [
      {
        filters: [{ name: 'envoy.filters.network.tcp_proxy', typed_config: { cluster } }],
      },
    ],
  };
}

function listenerOf(service: Service, port: ServicePort) {
  const address = service.spec.clusterIP!;
  const made = listener(`${address}_${port.port}`, address, port.port, clusterName(service, port));
  if (!isHttp(port)) return made;
  const http = {
    name: 'envoy.filters.network.http_connection_manager',
    typed_config: { stat_prefix: made.name, rds: { route_config_name: String(port.port) } },
  };
  return { ...made, filter_chains: [{ filters: [http] }] };
}

function routesOf(each: Each[]): object[] {
  const byPort = Map.groupBy(
    each.filter(({ port }) => isHttp(port)),
    ({ port }) => port.port,
  );
  return [...byPort]
    .sort(([a], [b]) => a - b)
    .map(([port, list]) => ({
      '@type': `${types}route.v3.RouteConfiguration`,
      name: String(port),
      virtual_hosts: list.map((one) => ({
        name: `${hostOf(one.service)}:${port}`,
        domains: [hostOf(one.service), one.service.metadata.name, one.service.spec.clusterIP],
        routes: [
          { match: { prefix: '/' }, route: { cluster: clusterName(one.service, one.port) } },
        ],
      })),
    }));
}

const endpointsOf = (service: Service, port: ServicePort, view: View) => ({
  '@type': `${types}endpoint.v3.ClusterLoadAssignment`,
  cluster_name: clusterName(service, port),
  endpoints: [
    {
      lb_endpoints: podsBehind(service, view)
        .filter((pod) => isReady(pod) && pod.status?.podIP)
        .map((pod) => ({
          health_status: 'HEALTHY',
          endpoint: { address: socket(pod.status!.podIP!, portNumber(port, pod)) },
        })),
    },
  ],
});

const inboundPorts = (pod: Pod, view: View): number[] => {
  const behind = view
    .list('services', pod.metadata.namespace)
    .filter((service) => podsBehind(service, view).some((one) => one === pod));
  return [
    ...new Set(
      behind.flatMap(({ spec }) => (spec.ports ?? []).map((port) => portNumber(port, pod))),
    ),
  ];
};

/** Of a config_dump only these fields of its parts, as Envoy's `mask` leaves them. */
export function masked(dump: object, mask: string | null): object {
  if (mask === null) return dump;
  const wanted = new Set([...mask.split(','), '@type']);
  const { configs } = dump as { configs: Record<string, unknown>[] };
  return {
    configs: configs.map((config) =>
      Object.fromEntries(Object.entries(config).filter(([field]) => wanted.has(field))),
    ),
  };
}
