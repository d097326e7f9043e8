import type { KubeObject } from '@ambit/contracts/common';
import { isGatewaysOwn, keyOf, type ClusterFacts } from '../enrolment/facts.ts';
import {
  useWaypointLabel,
  useWaypointNamespaceLabel,
  waypointOfService,
} from '../enrolment/waypoint.ts';
import { splitApiVersion } from '../kinds.ts';

/** What uses a waypoint, by label of its own or of its namespace. */
export interface Attached {
  kind: 'Namespace' | 'Service';
  namespace: string;
  name: string;
  because: string;
  ready: boolean;
  why: string;
}

/** A route or policy of L7 that a waypoint carries out. */
export interface Bound {
  kind: string;
  namespace: string;
  name: string;
  why: string;
}

export interface WaypointUsers {
  attached: Attached[];
  bound: Bound[];
}

/** Kinds that only a waypoint carries out when they name a Service or a Gateway (istio.io, "Use Layer 7 features"). */
const boundKinds = new Set([
  'HTTPRoute',
  'GRPCRoute',
  'TLSRoute',
  'TCPRoute',
  'VirtualService',
  'DestinationRule',
  'AuthorizationPolicy',
  'RequestAuthentication',
  'Telemetry',
  'WasmPlugin',
  'TrafficExtension',
  'EnvoyFilter',
]);

interface Reference {
  kind?: string;
  name?: string;
  namespace?: string;
}

interface PolicySpec {
  targetRef?: Reference;
  targetRefs?: Reference[];
  parentRefs?: Reference[];
  hosts?: string[];
  host?: string;
  gateways?: string[];
}

/**
 * Who uses each waypoint of a cluster and what is bound to it, by `namespace/name`. A waypoint that is named and is not
 * there is among them. Pure.
 */
export function waypointUsers(facts: ClusterFacts): Map<string, WaypointUsers> {
  const users = new Map<string, WaypointUsers>();
  const of = (key: string): WaypointUsers => {
    let found = users.get(key);
    if (!found) users.set(key, (found = { attached: [], bound: [] }));
    return found;
  };
  const waypointOf = new Map<string, string>();
  for (const [namespace, labels] of facts.namespaces) {
    const name = labels[useWaypointLabel];
    if (!name || name === 'none') continue;
    const key = keyOf(labels[useWaypointNamespaceLabel] ?? namespace, name);
    const isThere = facts.gateways.has(key);
    of(key).attached.push({
      kind: 'Namespace',
      namespace,
      name: namespace,
      because: `label ${useWaypointLabel}=${name}`,
      ready: isThere,
      why: isThere ? '' : `waypoint ${key} does not exist`,
    });
  }
  for (const [namespace, services] of facts.services) {
    for (const service of services) {
      if (isGatewaysOwn(service)) continue;
      const use = waypointOfService(facts, service);
      if (!use) continue;
      const key = keyOf(use.namespace, use.name);
      waypointOf.set(keyOf(namespace, service.metadata.name), key);
      of(key).attached.push({
        kind: 'Service',
        namespace,
        name: service.metadata.name,
        because: use.because,
        ready: use.ready,
        why: use.why,
      });
    }
  }
  for (const policy of facts.policies) {
    if (!boundKinds.has(policy.kind) || isNoNeed(policy)) continue;
    for (const [key, why] of bindingsOf(policy, facts, waypointOf)) {
      const { namespace = '', name } = policy.metadata;
      of(key).bound.push({ kind: policy.kind, namespace, name, why });
    }
  }
  return users;
}

/** `"false"` on a policy: no waypoint is kept for its sake, such as for one that only tunes every waypoint of a class. */
export const keepsWaypointAnnotation = 'ambit.dev/keeps-waypoint';

const isNoNeed = ({ metadata }: KubeObject): boolean =>
  metadata.annotations?.[keepsWaypointAnnotation] === 'false';

/** The waypoints that carry a policy out, each with how it is bound. */
function bindingsOf(
  policy: KubeObject,
  facts: ClusterFacts,
  waypointOf: ReadonlyMap<string, string>,
): Map<string, string> {
  const { namespace = '' } = policy.metadata;
  const spec = (policy['spec'] ?? {}) as PolicySpec;
  const found = new Map<string, string>();
  const routes = splitApiVersion(policy.apiVersion).group === 'gateway.networking.k8s.io';
  const [field, references] = routes
    ? ['parentRef', spec.parentRefs ?? []]
    : ['targetRef', spec.targetRefs ?? (spec.targetRef ? [spec.targetRef] : [])];
  for (const {
    kind = routes ? 'Gateway' : '',
    name = '',
    namespace: of,
  } of references as Reference[]) {
    const key = keyOf(of ?? namespace, name);
    if (kind === 'Gateway' && facts.gateways.has(key)) found.set(key, `${field} Gateway ${key}`);
    const waypoint = kind === 'Service' ? waypointOf.get(key) : undefined;
    if (waypoint) found.set(waypoint, `${field} Service ${key}`);
    if (kind === 'GatewayClass' && namespace === facts.rootNamespace) {
      for (const [gateway, { spec: wanted }] of facts.gateways) {
        if (wanted?.gatewayClassName === name) found.set(gateway, `${field} GatewayClass ${name}`);
      }
    }
  }
  const hosts = hostsOf(policy.kind, spec);
  if (hosts.length === 0) return found;
  for (const [service, waypoint] of waypointOf) {
    const host = hosts.find((one) => namesService(one, namespace, service));
    if (host !== undefined && !found.has(waypoint)) found.set(waypoint, `host ${host}`);
  }
  return found;
}

/** A VirtualService of gateways alone is not for the mesh (istio.io, VirtualService, gateways). */
function hostsOf(kind: string, spec: PolicySpec): string[] {
  if (kind === 'DestinationRule') return spec.host ? [spec.host] : [];
  if (kind !== 'VirtualService') return [];
  const isForMesh = !spec.gateways?.length || spec.gateways.includes('mesh');
  return isForMesh ? (spec.hosts ?? []) : [];
}

/** Whether a host of a policy is a Service: a short name is one of the policy's own namespace. */
function namesService(host: string, namespace: string, service: string): boolean {
  const [of = '', name = ''] = service.split('/');
  const full = `${name}.${of}.svc.cluster.local`;
  if (host.startsWith('*')) return full.endsWith(host.slice(1));
  if (!host.includes('.')) return host === name && namespace === of;
  return full === host || `${name}.${of}.svc` === host || `${name}.${of}` === host;
}
