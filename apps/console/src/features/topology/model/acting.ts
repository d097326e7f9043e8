import type { GraphNode } from '@ambit/topology/model';

export interface PolicyRow {
  id: string;
  kind: string;
  namespace: string;
  name: string;
  object: Record<string, unknown>;
}

/** Kinds that act on traffic; the rest only add hosts or proxies. */
const acting = new Set([
  'VirtualService',
  'DestinationRule',
  'AuthorizationPolicy',
  'PeerAuthentication',
  'RequestAuthentication',
  'HTTPRoute',
  'GRPCRoute',
  'TCPRoute',
  'Telemetry',
  'EnvoyFilter',
  'WasmPlugin',
]);

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** A host of a policy in a namespace, as namespace and name; null for wildcards and outside hosts. */
function serviceOf(host: string, namespace: string): { namespace: string; name: string } | null {
  if (host.includes('*')) return null;
  const [name = '', of, svc] = host.split('.');
  if (of === undefined) return { namespace, name };
  return svc === undefined || svc === 'svc' ? { namespace: of, name } : null;
}

function hostsOf({ kind, object, namespace }: PolicyRow): { namespace: string; name: string }[] {
  const spec = record(object['spec']);
  const refs = [...list(spec['parentRefs']), ...list(spec['targetRefs']), spec['targetRef']]
    .map(record)
    .filter(({ kind: of }) => of === 'Service' || of === 'ServiceEntry')
    .map((ref) => ({
      namespace: typeof ref['namespace'] === 'string' ? ref['namespace'] : namespace,
      name: String(ref['name']),
    }));
  const hosts =
    kind === 'VirtualService'
      ? list(spec['hosts'])
      : kind === 'DestinationRule'
        ? [spec['host']]
        : [];
  return [
    ...refs,
    ...hosts.flatMap((host) =>
      typeof host === 'string' ? (serviceOf(host, namespace) ?? []) : [],
    ),
  ];
}

/**
 * Whether a policy acts on a node, as far as its hosts, references and scope tell. By hosts for routing rules; a policy
 * with a selector counts when its `app` label is the node's; one without counts for its namespace, and in the root
 * namespace for the mesh (istio.io, "Authorization Policy", "Peer Authentication").
 */
export function actsOn(
  policy: PolicyRow,
  node: GraphNode,
  rootNamespace = 'istio-system',
): boolean {
  if (!acting.has(policy.kind)) return false;
  const hosts = hostsOf(policy);
  if (hosts.length > 0) {
    const names = new Set([node.name, node.app].filter(Boolean));
    return hosts.some(({ namespace, name }) => namespace === node.namespace && names.has(name));
  }
  if (
    ['VirtualService', 'DestinationRule', 'HTTPRoute', 'GRPCRoute', 'TCPRoute'].includes(
      policy.kind,
    )
  )
    return false;
  if (policy.namespace !== node.namespace && policy.namespace !== rootNamespace) return false;
  const spec = record(policy.object['spec']);
  if (list(spec['targetRefs']).length > 0 || spec['targetRef'] !== undefined) return false;
  const selector = record(
    record(spec['selector'] ?? spec['workloadSelector'])['matchLabels'] ??
      record(spec['workloadSelector'])['labels'],
  );
  const labels = Object.entries(selector);
  if (labels.length === 0) return node.namespace !== '';
  const known: Record<string, string> = {
    app: node.app,
    'app.kubernetes.io/name': node.app,
    'service.istio.io/canonical-name': node.app,
    version: node.version,
  };
  return labels.every(([label, value]) => known[label] !== undefined && known[label] === value);
}
