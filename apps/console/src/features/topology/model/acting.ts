import type { Graph, GraphNode } from '@ambit/topology/model';
import type { Outputs } from '@/lib/session.tsx';

export type PolicyRow = Outputs['policy']['targets']['items'][number];

/** Kinds that act on traffic, with the mark of each: kubectl's short name where it has one. The rest only add hosts or proxies. */
export const actingMarks: Readonly<Record<string, string>> = {
  VirtualService: 'vs',
  DestinationRule: 'dr',
  AuthorizationPolicy: 'ap',
  PeerAuthentication: 'pa',
  RequestAuthentication: 'ra',
  HTTPRoute: 'route',
  GRPCRoute: 'route',
  TCPRoute: 'route',
  Telemetry: 'tel',
  EnvoyFilter: 'ef',
  WasmPlugin: 'wasm',
};
const routing = new Set([
  'VirtualService',
  'DestinationRule',
  'HTTPRoute',
  'GRPCRoute',
  'TCPRoute',
]);

/** A host of a policy in a namespace, as namespace and name; null for wildcards and outside hosts. */
function serviceOf(host: string, namespace: string): { namespace: string; name: string } | null {
  if (host.includes('*')) return null;
  const [name = '', of, svc] = host.split('.');
  if (of === undefined) return { namespace, name };
  return svc === undefined || svc === 'svc' ? { namespace: of, name } : null;
}

const hostsOf = ({ hosts, refs, namespace }: PolicyRow): { namespace: string; name: string }[] => [
  ...refs.filter(({ kind }) => kind === 'Service' || kind === 'ServiceEntry'),
  ...hosts.flatMap((host) => serviceOf(host, namespace) ?? []),
];

function selects(policy: PolicyRow, { app, version }: GraphNode): boolean {
  const known: Record<string, string> = {
    app,
    'app.kubernetes.io/name': app,
    'service.istio.io/canonical-name': app,
    version,
  };
  return Object.entries(policy.selector).every(
    ([label, value]) => known[label] !== undefined && known[label] === value,
  );
}

function push<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const there = lists.get(key);
  if (there) there.push(item);
  else lists.set(key, [item]);
}

/**
 * Which policies act on a node, as far as their hosts, references and scope tell. By hosts for routing rules; a policy
 * with a selector counts when its `app` label is the node's; one without counts for its namespace, and in the root
 * namespace for the mesh (istio.io, "Authorization Policy", "Peer Authentication").
 */
export function actingOn(
  policies: readonly PolicyRow[],
  rootNamespace = 'istio-system',
): (node: GraphNode) => PolicyRow[] {
  const byHost = new Map<string, PolicyRow[]>();
  const byNamespace = new Map<string, PolicyRow[]>();
  for (const policy of policies) {
    if (actingMarks[policy.kind] === undefined) continue;
    const hosts = new Set(hostsOf(policy).map(({ namespace, name }) => `${namespace}/${name}`));
    for (const host of hosts) push(byHost, host, policy);
    if (hosts.size > 0 || routing.has(policy.kind)) continue;
    if (policy.refs.length > 0) continue;
    push(byNamespace, policy.namespace, policy);
  }
  return (node) => {
    const { namespace, name, app } = node;
    if (namespace === '') return [];
    const names = new Set([name, app].filter(Boolean));
    const scopes = new Set([namespace, rootNamespace]);
    return [
      ...new Set([...names].flatMap((each) => byHost.get(`${namespace}/${each}`) ?? [])),
      ...[...scopes]
        .flatMap((scope) => byNamespace.get(scope) ?? [])
        .filter((policy) => selects(policy, node)),
    ];
  };
}

/** The marks of the policies that act on each node that something calls, such as `ap dr vs`; nodes without are left out. */
export function marksOf(graph: Graph, policies: readonly PolicyRow[]): ReadonlyMap<string, string> {
  const acting = actingOn(policies);
  const called = new Set(graph.edges.map(({ target }) => target));
  return new Map(
    graph.nodes.flatMap((node) => {
      if (!called.has(node.id)) return [];
      const marks = new Set(acting(node).map(({ kind }) => actingMarks[kind]!));
      return marks.size > 0 ? [[node.id, [...marks].toSorted().join(' ')] as const] : [];
    }),
  );
}
