import type { KubeObject } from '@ambit/contracts/common';
import { splitApiVersion } from './kinds.ts';

/** A Secret or ConfigMap that a policy names; without a namespace it is looked for where the workloads run. */
export interface Reference {
  kind: 'Secret' | 'ConfigMap';
  namespace: string | null;
  name: string;
}

/** On an object of the mesh's Kubernetes API: deliver it though no policy names it. */
export const deliverLabel = 'ambit.dev/deliver';
/** By it istiod finds ConfigMaps that set how a class's proxies are deployed. */
const classDefaultsLabel = 'gateway.istio.io/defaults-for-class';

type Json = Record<string, unknown>;
const record = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string[] =>
  typeof value === 'string' && value !== '' ? [value] : [];

/**
 * Secrets and ConfigMaps that policies name, as Istio and Gateway API say where: credentialName of gateways' servers
 * (and NAME-cacert beside it) and of clients, pull secrets of Wasm modules, certificateRefs, caCertificateRefs,
 * parametersRef. Pure.
 */
export function referencesOf(policies: readonly KubeObject[]): Reference[] {
  return policies.flatMap((policy) => {
    const { group } = splitApiVersion(policy.apiVersion);
    const find = finders[`${group}/${policy.kind}`];
    return find ? find(record(policy['spec']), policy.metadata.namespace ?? '') : [];
  });
}

/** Whether an object of the mesh's API that is no policy belongs into the clusters. */
export function isDelivered(object: KubeObject, references: readonly Reference[]): boolean {
  const { labels = {}, namespace = '', name } = object.metadata;
  if (labels[deliverLabel] === 'true') return object.kind !== 'Namespace';
  if (object.apiVersion !== 'v1') return false;
  if (object.kind === 'ConfigMap' && labels[classDefaultsLabel] !== undefined) return true;
  return references.some(
    (one) =>
      one.kind === object.kind &&
      one.name === name &&
      (one.namespace === null || one.namespace === namespace),
  );
}

type Find = (spec: Json, namespace: string) => Reference[];

const secret =
  (namespace: string | null) =>
  (name: string): Reference => ({
    kind: 'Secret',
    namespace,
    name,
  });

/** A credential of Istio: the CA may stand in a Secret of its own beside it. */
const credential = (name: string): Reference[] =>
  name.includes('://') ? [] : [name, `${name}-cacert`].map(secret(null));

const serverTls = (tls: Json): Reference[] =>
  [
    ...text(tls['credentialName']),
    ...list(tls['credentialNames']).flatMap(text),
    ...text(tls['caCertCredentialName']),
  ].flatMap(credential);

const trafficTls = (policy: Json): Reference[] => [
  ...text(record(policy['tls'])['credentialName']).flatMap(credential),
  ...list(policy['portLevelSettings']).flatMap((port) => trafficTls(record(port))),
];

const refs = (values: unknown, namespace: string, kind: Reference['kind']): Reference[] =>
  list(values)
    .map(record)
    .filter((ref) => (ref['kind'] ?? kind) === 'Secret' || ref['kind'] === 'ConfigMap')
    .flatMap((ref) =>
      text(ref['name']).map((name) => ({
        kind: (ref['kind'] ?? kind) as Reference['kind'],
        namespace: text(ref['namespace'])[0] ?? namespace,
        name,
      })),
    );

const pullSecret: Find = (spec, namespace) => text(spec['imagePullSecret']).map(secret(namespace));

const finders: Record<string, Find> = {
  'networking.istio.io/Gateway': (spec) =>
    list(spec['servers']).flatMap((server) => serverTls(record(record(server)['tls']))),
  'networking.istio.io/Sidecar': (spec) =>
    list(spec['ingress']).flatMap((listener) => serverTls(record(record(listener)['tls']))),
  'networking.istio.io/DestinationRule': (spec) => [
    ...trafficTls(record(spec['trafficPolicy'])),
    ...list(spec['subsets']).flatMap((subset) =>
      trafficTls(record(record(subset)['trafficPolicy'])),
    ),
  ],
  'extensions.istio.io/WasmPlugin': pullSecret,
  'extensions.istio.io/TrafficExtension': (spec, namespace) =>
    pullSecret(record(spec['wasm']), namespace),
  'gateway.networking.k8s.io/Gateway': (spec, namespace) => [
    ...list(spec['listeners']).flatMap((listener) => listenerTls(listener, namespace)),
    ...refs([record(spec['infrastructure'])['parametersRef']], namespace, 'ConfigMap'),
    ...frontendTls(record(spec['tls']), namespace),
  ],
  'gateway.networking.k8s.io/ListenerSet': (spec, namespace) =>
    list(spec['listeners']).flatMap((listener) => listenerTls(listener, namespace)),
  'gateway.networking.k8s.io/GatewayClass': (spec) =>
    refs([spec['parametersRef']], '', 'ConfigMap'),
  'gateway.networking.k8s.io/BackendTLSPolicy': (spec, namespace) =>
    refs(record(spec['validation'])['caCertificateRefs'], namespace, 'ConfigMap'),
};

function listenerTls(listener: unknown, namespace: string): Reference[] {
  const tls = record(record(listener)['tls']);
  return [
    ...refs(tls['certificateRefs'], namespace, 'Secret'),
    ...refs(record(record(tls['frontendValidation']))['caCertificateRefs'], namespace, 'ConfigMap'),
  ];
}

/** Client certificates of a Gateway (GEP-91): for all of its listeners, or by port; and its own towards backends. */
function frontendTls(tls: Json, namespace: string): Reference[] {
  const frontend = record(tls['frontend']);
  const validations = [
    record(record(frontend['default'])['validation']),
    ...list(frontend['perPort']).map((port) => record(record(record(port)['tls'])['validation'])),
  ];
  return [
    ...validations.flatMap((one) => refs(one['caCertificateRefs'], namespace, 'ConfigMap')),
    ...refs([record(tls['backend'])['clientCertificateRef']], namespace, 'Secret'),
  ];
}

export const referencesBundle = 'references';
