import { exportScopes } from '../../istio/export-to.ts';
import { fullName } from '../../resource.ts';
import type { Resource } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { defineIndex } from '../../view.ts';

type ServiceEntry = Resource<'ServiceEntry'>;

const byHostPort = defineIndex({
  name: 'service entries by host and port',
  kinds: ['ServiceEntry'],
  keys: ({ spec }) =>
    (spec.hosts ?? []).flatMap((host) =>
      (spec.ports ?? []).map(({ number }) => `${host}:${number ?? 0}`),
    ),
});

/** Protocols that the ServiceEntries give the port, in upper case. */
function protocolsOf(entries: readonly ServiceEntry[], port: number): Set<string> {
  return new Set(
    entries.flatMap(({ spec }) =>
      (spec.ports ?? [])
        .filter(({ number }) => (number ?? 0) === port)
        .map(({ protocol }) => (protocol ?? '').toUpperCase()),
    ),
  );
}

export const conflictingProtocols = defineRule({
  id: 'IST0177/service-entry',
  code: 'IST0177',
  severity: 'warning',
  title: 'ServiceEntries give one port several protocols',
  explanation:
    'Several ServiceEntries that one namespace sees have the same host and port, with different protocols. Istio builds one listener for the port, by the rules of one of them.',
  howToFix: 'Give the port the same protocol everywhere, or limit where each is seen (`exportTo`).',
  cause: 'Another ServiceEntry has this host and port with another protocol.',
  consequence: 'Traffic to the port is handled by either protocol, whichever came first.',
  kinds: ['ServiceEntry'],
  reads: [],
  check: (subject, view, report) => {
    const own = exportScopes(subject.spec.exportTo, subject.namespace);
    for (const [index, host] of (subject.spec.hosts ?? []).entries()) {
      for (const { number: port = 0 } of subject.spec.ports ?? []) {
        const entries = view.lookup(byHostPort, `${host}:${port}`);
        const seen = entries.map((entry) => ({
          entry,
          scopes: exportScopes(entry.spec.exportTo, entry.namespace),
        }));
        const scopes = own[0] === '*' ? seen.flatMap((known) => known.scopes) : own;
        for (const scope of new Set(scopes)) {
          const visible = seen
            .filter((known) => known.scopes.includes(scope) || known.scopes.includes('*'))
            .map(({ entry }) => entry);
          const protocols = protocolsOf(visible, port);
          if (protocols.size < 2) continue;
          const others = visible.filter(({ id }) => id !== subject.id).map(fullName);
          report({
            message: `${host}:${port} is ${[...protocols].sort().join(' and ')}${others.length > 0 ? `, together with ServiceEntry ${others.join(', ')}` : ''}`,
            istioText: '',
            path: ['spec', 'hosts', index],
            istioPath: ['metadata', 'name'],
          });
          // Istio reports each ServiceEntry once.
          return;
        }
      }
    }
  },
  examples: [
    {
      title: 'TCP for all, and TLS for one namespace',
      aspect: 'positive',
      yaml: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: a, namespace: data}
spec: {hosts: [db.example.com], ports: [{number: 443, name: tcp, protocol: tcp}]}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: b, namespace: shop}
spec: {hosts: [db.example.com], exportTo: ["."], ports: [{number: 443, name: tls, protocol: TLS}]}
`,
      expect: [
        { resource: 'ServiceEntry data/a', message: 'TCP and TLS' },
        { resource: 'ServiceEntry shop/b', message: 'data/a' },
      ],
    },
    {
      title: 'different ports, and namespaces that do not see each other',
      aspect: 'negative',
      yaml: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: a, namespace: data}
spec: {hosts: [db.example.com], exportTo: ["."], ports: [{number: 443, name: tcp, protocol: TCP}]}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: b, namespace: shop}
spec: {hosts: [db.example.com], exportTo: ["."], ports: [{number: 443, name: tls, protocol: TLS}]}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: c, namespace: blog}
spec: {hosts: [db.example.com], ports: [{number: 80, name: http, protocol: HTTP}]}
`,
      expect: [],
    },
  ],
});
