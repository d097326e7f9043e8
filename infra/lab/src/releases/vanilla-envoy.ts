import type { KubeObject } from '@ambit/contracts/common';

/** Istio objects that let an Envoy without Istio's own extensions serve as sidecar and waypoint. */

const managerFilter = (name: string): object => ({
  context: 'SIDECAR_INBOUND',
  listener: {
    filterChain: {
      filter: {
        name: 'envoy.filters.network.http_connection_manager',
        subFilter: { name },
      },
    },
  },
});

const removeFilter = (name: string): object => ({
  applyTo: 'HTTP_FILTER',
  match: managerFilter(name),
  patch: { operation: 'REMOVE' },
});

type StateObject = { key: string; value: string; hashable?: boolean };

const stateObject = ({ key, value, hashable }: StateObject): object => ({
  object_key: key,
  format_string: { text_format_source: { inline_string: value } },
  shared_with_upstream: 'ONCE',
  ...(hashable ? { factory_key: 'envoy.hashable_string' } : {}),
});

/** What Istio's filter of this name sets, with Envoy's type of hashable text in place of Istio's. */
const replaceConnectAuthority: object = {
  applyTo: 'HTTP_FILTER',
  match: managerFilter('connect_authority'),
  patch: {
    operation: 'REPLACE',
    value: {
      name: 'connect_authority',
      typed_config: {
        '@type': 'type.googleapis.com/envoy.extensions.filters.http.set_filter_state.v3.Config',
        on_request_headers: [
          stateObject({
            key: 'envoy.filters.listener.original_dst.local_ip',
            value: '%REQ(:AUTHORITY)%',
          }),
          stateObject({
            key: 'io.istio.connect_authority',
            value: '%REQ(:AUTHORITY)%',
            hashable: true,
          }),
          stateObject({
            key: 'envoy.filters.listener.original_dst.remote_ip',
            value: '%DOWNSTREAM_REMOTE_ADDRESS%',
          }),
          stateObject({
            key: 'io.istio.peer_principal',
            value: '%DOWNSTREAM_PEER_URI_SAN%',
            hashable: true,
          }),
          stateObject({
            key: 'io.istio.local_principal',
            value: '%DOWNSTREAM_LOCAL_URI_SAN%',
            hashable: true,
          }),
        ],
      },
    },
  },
};

const removeInnerOriginate: object = {
  applyTo: 'LISTENER',
  match: { context: 'ANY', listener: { name: 'inner_connect_originate' } },
  patch: { operation: 'REMOVE' },
};

const envoyFilter = (name: string, spec: object): KubeObject => ({
  apiVersion: 'networking.istio.io/v1alpha3',
  kind: 'EnvoyFilter',
  metadata: {
    name,
    namespace: 'istio-system',
    // It mends every waypoint of the lab: none is kept for its sake.
    annotations: { 'ambit.dev/keeps-waypoint': 'false' },
  },
  spec,
});

const configPatches = [
  removeFilter('waypoint_downstream_peer_metadata'),
  removeFilter('waypoint_upstream_peer_metadata'),
  replaceConnectAuthority,
  removeInnerOriginate,
];

/** Waypoints take only the filters that name them, or their class. */
export const waypointFilterOf = (gatewayClass: string): KubeObject =>
  envoyFilter(`vanilla-envoy-${gatewayClass}`, {
    targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'GatewayClass', name: gatewayClass }],
    configPatches,
  });

export const waypointFilter = waypointFilterOf('istio-waypoint');

export const sidecarFilter: KubeObject = envoyFilter('vanilla-envoy-sidecars', { configPatches });
