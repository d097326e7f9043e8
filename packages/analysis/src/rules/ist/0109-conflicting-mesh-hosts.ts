import { exportScopes } from '../../istio/export-to.ts';
import { fqdnOf, hostsOverlap } from '../../istio/hosts.ts';
import { fullName } from '../../resource.ts';
import type { Resource } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { defineIndex } from '../../view.ts';
import type { View } from '../../view.ts';

type VirtualService = Resource<'VirtualService'>;
type ScopedHost = { scope: string; host: string };

/** Istio joins the two with a slash and parts them at the first one, also where the scope has one itself. */
function scopedHost(scope: string, host: string): ScopedHost {
  const slash = scope.indexOf('/');
  if (slash < 0) return { scope, host };
  return { scope: scope.slice(0, slash), host: `${scope.slice(slash + 1)}/${host}` };
}

/** The hosts of a VirtualService of the mesh, in each namespace that sees it; repeated ones as often as written. */
function readMeshHosts({ spec, namespace }: VirtualService): ScopedHost[] {
  const gateways = spec.gateways ?? [];
  if (gateways.length > 0 && !gateways.includes('mesh')) return [];
  return exportScopes(spec.exportTo, namespace).flatMap((scope) =>
    (spec.hosts ?? []).map((host) => scopedHost(scope, fqdnOf(namespace, host))),
  );
}

const hostsOf = new WeakMap<VirtualService, readonly ScopedHost[]>();

function meshHosts(resource: VirtualService): readonly ScopedHost[] {
  let hosts = hostsOf.get(resource);
  if (!hosts) hostsOf.set(resource, (hosts = readMeshHosts(resource)));
  return hosts;
}

const isWild = (host: string): boolean => host.startsWith('*');

/**
 * `scope/host`; for what is exported to some namespaces only also `some/host`; for wildcards `all/wild` and
 * `some/wild`; and `all/any`, `some/any` for looking through everything, which only wildcards need.
 */
const byMeshHost = defineIndex({
  name: 'virtual services by mesh host',
  kinds: ['VirtualService'],
  keys: (resource) =>
    meshHosts(resource).flatMap(({ scope, host }) => {
      const range = scope === '*' ? 'all' : 'some';
      return [
        `${scope}/${host}`,
        `${range}/any`,
        ...(range === 'some' ? [`some/${host}`] : []),
        ...(isWild(host) ? [`${range}/wild`] : []),
      ];
    }),
});

function overlapping(view: View, range: 'all' | 'some', host: string): VirtualService[] {
  const exact = view.lookup(byMeshHost, `${range === 'all' ? '*' : 'some'}/${host}`);
  const others = view.lookup(byMeshHost, isWild(host) ? `${range}/any` : `${range}/wild`);
  const isMeant = (scope: string): boolean => (scope === '*') === (range === 'all');
  const found = new Map<string, VirtualService>();
  for (const other of [...exact, ...others]) {
    const fits = meshHosts(other).some(
      (known) => isMeant(known.scope) && hostsOverlap(host, known.host),
    );
    if (fits) found.set(other.id, other);
  }
  return [...found.values()];
}

/** Everything that has the host in the scope, once for each time it names it. */
function withHost(view: View, { scope, host }: ScopedHost): VirtualService[] {
  return view.lookup(byMeshHost, `${scope}/${host}`).flatMap((other) =>
    meshHosts(other)
      .filter((known) => known.scope === scope && known.host === host)
      .map(() => other),
  );
}

function rivals(view: View, own: ScopedHost): VirtualService[] {
  const same = withHost(view, own);
  if (own.scope !== '*') return [...same, ...overlapping(view, 'all', own.host)];
  const local = overlapping(view, 'some', own.host);
  return same.length > 1 ? [...same, ...local] : local.length > 0 ? [...same, ...local] : same;
}

export const conflictingMeshHosts = defineRule({
  id: 'IST0109/mesh',
  code: 'IST0109',
  severity: 'error',
  title: 'Several VirtualServices of the mesh have one host',
  explanation:
    'Inside the mesh the routes of one host come from one VirtualService. When several that a namespace sees have the host (or a wildcard over it), Istio takes the oldest and leaves out the others.',
  howToFix:
    'Merge the VirtualServices, or limit where each is seen with `exportTo`. Routes of different teams can be joined by delegation.',
  cause: 'Another VirtualService that the same namespaces see has this host too.',
  consequence: 'The routes of all but one of them are silently not applied.',
  kinds: ['VirtualService'],
  reads: [],
  check: (subject, view, report) => {
    const hosts = [...meshHosts(subject)].sort((a, b) => (a.host < b.host ? -1 : 1));
    for (const own of hosts) {
      const found = rivals(view, own);
      if (found.length < 2) continue;
      const names = found.map(fullName).sort();
      const others = [...new Set(names)].filter((name) => name !== fullName(subject));
      const index = (subject.spec.hosts ?? []).findIndex(
        (host) => fqdnOf(subject.namespace, host) === own.host,
      );
      report({
        message:
          others.length === 0
            ? `VirtualService ${fullName(subject)} has the host ${own.host} twice`
            : `The host ${own.host} is also that of VirtualService ${others.join(', ')}`,
        istioText: '',
        path: ['spec', 'hosts', index],
        istioPath: ['metadata', 'name'],
      });
      // Istio reports each VirtualService once.
      return;
    }
  },
  examples: [
    {
      title: 'two teams with routes for one service',
      aspect: 'positive',
      yaml: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: canary
  namespace: shop
spec: {hosts: [web], http: [{route: [{destination: {host: web}}]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: retries, namespace: platform}
spec: {hosts: [web.shop.svc.cluster.local], gateways: [mesh, edge/main], http: [{route: [{destination: {host: web.shop.svc.cluster.local}}]}]}
`,
      expect: [
        {
          resource: 'VirtualService shop/canary',
          path: 'spec.hosts[0]',
          message: 'platform/retries',
        },
        { resource: 'VirtualService platform/retries', message: 'shop/canary' },
      ],
    },
    {
      title: 'a wildcard for all over a host for one namespace',
      aspect: 'positive',
      yaml: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: wide, namespace: platform}
spec: {hosts: ["*.example.com"], http: [{route: [{destination: {host: web}}]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: narrow, namespace: shop}
spec: {hosts: [api.example.com], exportTo: ["."], http: [{route: [{destination: {host: web}}]}]}
`,
      expect: [
        { resource: 'VirtualService platform/wide' },
        { resource: 'VirtualService shop/narrow' },
      ],
    },
    {
      title: 'the same short name in two namespaces, two private ones, and one at a gateway',
      aspect: 'negative',
      yaml: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec: {hosts: [web], http: [{route: [{destination: {host: web}}]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: blog}
spec: {hosts: [web], http: [{route: [{destination: {host: web}}]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: own, namespace: shop}
spec: {hosts: [api.example.com], exportTo: ["."], http: [{route: [{destination: {host: web}}]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: own, namespace: blog}
spec: {hosts: [api.example.com], exportTo: ["."], http: [{route: [{destination: {host: web}}]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: edge, namespace: shop}
spec: {hosts: [web], gateways: [main], http: [{route: [{destination: {host: web}}]}]}
`,
      expect: [],
    },
  ],
});
