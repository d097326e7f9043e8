import { isAmbientNamespace } from '../../facts/ambient.ts';
import { coveringWildcards, hostKinds, hostServices, withoutPort } from '../../facts/hosts.ts';
import { isMissingNamespace, knows } from '../../facts/known.ts';
import { isAutoMtls, mtlsKinds, workloadMode } from '../../facts/mtls.ts';
import type { Path, Resource } from '../../resource.ts';
import { fullName } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import type { View } from '../../view.ts';
import { defineIndex } from '../../view.ts';
import {
  ambient,
  ambientNamespace,
  doc,
  docs,
  negative,
  positive,
  sameInAmbient,
  service,
} from '../shared/example.ts';

type Policy = Resource<'AuthorizationPolicy'>;

/** Values of a list in `from[].source` of any rule, with their places. */
export function sources(
  { spec }: Policy,
  field: 'namespaces' | 'principals' | 'notPrincipals' | 'notNamespaces',
): [string, Path][] {
  return (spec.rules ?? []).flatMap(({ from }, rule) =>
    (from ?? []).flatMap(({ source }, at) =>
      (source?.[field] ?? []).map((value, index): [string, Path] => [
        value,
        ['spec', 'rules', rule, 'from', at, 'source', field, index],
      ]),
    ),
  );
}

function operations({ spec }: Policy, field: 'hosts' | 'methods'): [string, Path][] {
  return (spec.rules ?? []).flatMap(({ to }, rule) =>
    (to ?? []).flatMap(({ operation }, at) =>
      (operation?.[field] ?? []).map((value, index): [string, Path] => [
        value,
        ['spec', 'rules', rule, 'to', at, 'operation', field, index],
      ]),
    ),
  );
}

export const policy = (rules: string, name = 'shop/web'): string =>
  doc(`AuthorizationPolicy ${name}`, `spec:\n  rules: ${rules}`);

export const sourceNamespaceMissing = defineRule({
  id: 'KIA0101',
  code: 'KIA0101',
  severity: 'warning',
  title: 'Source namespace does not exist',
  explanation: 'A rule names a namespace as source that is not there.',
  howToFix: 'Correct the name; `team-*` and `*-prod` match several.',
  cause: 'There is no namespace of this name.',
  consequence: 'No request matches by this entry.',
  kinds: ['AuthorizationPolicy'],
  reads: ['Namespace'],
  sameAs: ['IST0101'],
  check: (subject, view, report) => {
    for (const [name, path] of sources(subject, 'namespaces')) {
      if (name.includes('*') || !isMissingNamespace(view, name)) continue;
      report({ message: `Source namespace ${name} does not exist`, path });
    }
  },
  examples: sameInAmbient('shop', [
    positive(
      'a namespace that is not there',
      docs(doc('Namespace shop'), policy('[{from: [{source: {namespaces: [frnt, shop]}}]}]')),
      ['AuthorizationPolicy shop/web spec.rules[0].from[0].source.namespaces[0]'],
    ),
    negative(
      'a pattern, and namespaces of which nothing is known',
      policy('[{from: [{source: {namespaces: ["team-*", front]}}]}]'),
    ),
  ]),
});

const httpMethods = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
];

function isMethod(method: string): boolean {
  if (method === '*') return true;
  if (method.startsWith('*')) return httpMethods.some((known) => known.endsWith(method.slice(1)));
  if (method.endsWith('*')) {
    return httpMethods.some((known) => known.startsWith(method.slice(0, -1)));
  }
  return httpMethods.includes(method);
}

export const wrongMethod = defineRule({
  id: 'KIA0102',
  code: 'KIA0102',
  severity: 'warning',
  title: 'No HTTP method',
  explanation:
    'A method of a rule is none of HTTP (GET, HEAD, POST, PUT, PATCH, DELETE, CONNECT, OPTIONS, TRACE), or is not written in capitals, as requests have it. The name of a gRPC method stands in `paths`: every gRPC request is a POST.',
  howToFix: 'Correct the method; write gRPC methods as paths: `/package.Service/Method`.',
  cause: 'No client sends a request with this method.',
  consequence: 'No request matches by this entry.',
  kinds: ['AuthorizationPolicy'],
  reads: [],
  check: (subject, _view, report) => {
    for (const [method, path] of operations(subject, 'methods')) {
      if (isMethod(method)) continue;
      const upper = method.trim().toUpperCase();
      report({
        message: `"${method}" is no HTTP method`,
        path,
        ...(isMethod(upper)
          ? {
              fix: {
                title: `Write ${upper}`,
                patch: [{ op: 'replace', path: `/${path.join('/')}`, value: upper }],
              },
            }
          : {}),
      });
    }
  },
  examples: sameInAmbient('shop', [
    positive(
      'a misspelt method, a gRPC name, small letters',
      policy('[{to: [{operation: {methods: [GTE, /shop.Cart/Add, get]}}]}]'),
      [
        'AuthorizationPolicy shop/web spec.rules[0].to[0].operation.methods[2]',
        'AuthorizationPolicy shop/web spec.rules[0].to[0].operation.methods[0]',
        'AuthorizationPolicy shop/web spec.rules[0].to[0].operation.methods[1]',
      ],
    ),
    negative('methods and patterns', policy('[{to: [{operation: {methods: [GET, "P*", "*"]}}]}]')),
  ]),
});

/** Hosts that gateways and routes serve, by name. */
const servedHosts = defineIndex({
  name: 'hosts of gateways and routes',
  kinds: ['VirtualService', 'Gateway', 'KubernetesGateway', 'HTTPRoute', 'GRPCRoute'],
  keys: (resource) => {
    switch (resource.kind) {
      case 'VirtualService':
        return resource.spec.hosts ?? [];
      case 'Gateway':
        return (resource.spec.servers ?? []).flatMap(({ hosts }) =>
          (hosts ?? []).map((host) => host.slice(host.indexOf('/') + 1)),
        );
      case 'KubernetesGateway':
        return (resource.spec.listeners ?? []).flatMap(({ hostname }) => hostname ?? []);
      default:
        return resource.spec.hostnames ?? [];
    }
  },
});

function isServed(view: View, { namespace }: Policy, host: string): boolean {
  if (hostServices(view, namespace, host).length > 0) return true;
  const names = [host, ...coveringWildcards(host)];
  return names.some((name) => view.lookup(servedHosts, name).length > 0);
}

export const operationHostMissing = defineRule({
  id: 'KIA0104',
  code: 'KIA0104',
  severity: 'error',
  title: 'Host of a rule is not in the registry',
  explanation:
    'A host in `to[].operation.hosts` is that of no Service, ServiceEntry, VirtualService, Gateway or HTTPRoute. Patterns and ports (`shop.example.com:8443`) are taken as Istio does.',
  howToFix:
    'Correct the host; requests are matched by their Host header, with the port where clients send it.',
  cause: 'Nothing of the mesh serves this host.',
  consequence: 'No request matches by this entry.',
  kinds: ['AuthorizationPolicy'],
  reads: [...hostKinds, 'VirtualService', 'Gateway', 'KubernetesGateway', 'HTTPRoute', 'GRPCRoute'],
  check: (subject, view, report) => {
    if (!knows(view, 'Service')) return;
    for (const [written, path] of operations(subject, 'hosts')) {
      const host = withoutPort(written);
      if (host.includes('*') || isServed(view, subject, host)) continue;
      report({ message: `No service, gateway or route has the host ${host}`, path });
    }
  },
  examples: sameInAmbient('shop', [
    positive(
      'a misspelt service',
      docs(
        service('shop/web'),
        policy('[{to: [{operation: {hosts: [wbe.shop.svc.cluster.local]}}]}]'),
      ),
      ['AuthorizationPolicy shop/web spec.rules[0].to[0].operation.hosts[0]'],
    ),
    negative(
      'a service, a host of a gateway, a pattern',
      docs(
        service('shop/web'),
        doc(
          'Gateway shop/edge',
          'spec: {servers: [{port: {number: 443, name: https, protocol: HTTPS}, hosts: ["*.example.com"]}]}',
        ),
        policy(
          '[{to: [{operation: {hosts: [web.shop.svc.cluster.local, "shop.example.com:8443", "*.test"]}}]}]',
        ),
      ),
    ),
    negative('nothing is known of services', policy('[{to: [{operation: {hosts: [web]}}]}]')),
  ]),
});

const identityConditions = ['source.namespace', 'source.principal', 'connection.sni'];

export const needsMtls = defineRule({
  id: 'KIA0105',
  code: 'KIA0105',
  severity: 'error',
  title: 'The rule needs mutual TLS, which is off',
  explanation:
    'Principals, namespaces and the SNI of a connection are known only with mutual TLS. The PeerAuthentication of these workloads turns it off (`DISABLE`), or the mesh has auto mTLS off and nothing turns it on. In ambient mode ztunnel uses mutual TLS in any case.',
  howToFix:
    'Set the PeerAuthentication to PERMISSIVE or STRICT, or use what needs no identity (`ipBlocks`).',
  cause: 'Connections to these workloads are not mutual TLS, so callers have no identity.',
  consequence: 'An ALLOW rule allows nobody by this field, a DENY rule refuses nobody.',
  kinds: ['AuthorizationPolicy'],
  reads: [...mtlsKinds, 'Namespace'],
  check: (subject, view, report) => {
    const { namespace, spec } = subject;
    if (isAmbientNamespace(view, namespace)) return;
    const labels = Object.fromEntries(spec.selector?.matchLabels ?? []);
    const { mode, by } = workloadMode(view, namespace, labels);
    const isOff = mode === 'DISABLE' || (!isAutoMtls(view) && by === undefined);
    if (!isOff) return;
    const why = by ? `PeerAuthentication ${fullName(by)}` : 'the mesh (enableAutoMtls: false)';
    const fields = ['principals', 'notPrincipals', 'namespaces', 'notNamespaces'] as const;
    const paths = new Map<string, Path>();
    for (const field of fields) {
      for (const [, path] of sources(subject, field)) {
        const list = path.slice(0, -1);
        paths.set(list.join('/'), list);
      }
    }
    for (const [rule, { when }] of (spec.rules ?? []).entries()) {
      for (const [at, { key = '' }] of (when ?? []).entries()) {
        const path = ['spec', 'rules', rule, 'when', at];
        if (identityConditions.includes(key)) paths.set(path.join('/'), path);
      }
    }
    for (const path of paths.values()) {
      report({ message: `This needs mutual TLS, which ${why} turns off`, path });
    }
  },
  examples: [
    positive(
      'mutual TLS is off for the namespace',
      docs(
        doc('PeerAuthentication shop/plain', 'spec: {mtls: {mode: DISABLE}}'),
        policy(
          '[{from: [{source: {principals: ["*"]}}], when: [{key: source.namespace, values: [a]}]}]',
        ),
      ),
      [
        'AuthorizationPolicy shop/web spec.rules[0].from[0].source.principals',
        'AuthorizationPolicy shop/web spec.rules[0].when[0]',
      ],
    ),
    negative('auto mTLS', policy('[{from: [{source: {principals: ["*"]}}]}]')),
    ambient(
      'ztunnel encrypts in any case',
      docs(
        ambientNamespace('shop'),
        doc('PeerAuthentication shop/plain', 'spec: {mtls: {mode: DISABLE}}'),
        policy('[{from: [{source: {principals: ["*"]}}]}]'),
      ),
    ),
  ],
});
