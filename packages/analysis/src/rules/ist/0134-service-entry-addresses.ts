import { defineRule } from '../../rule.ts';
import type { View } from '../../view.ts';

/** Whether proxies give addresses to ServiceEntries themselves, by the mesh's default proxy settings. */
function isAutoAllocated(view: View): boolean {
  const metadata = view.mesh().defaultConfig?.proxyMetadata ?? {};
  if (metadata['ISTIO_META_DNS_CAPTURE'] !== 'true') return false;
  return (
    metadata['ISTIO_META_DNS_AUTO_ALLOCATE'] === 'true' ||
    metadata['PILOT_ENABLE_IP_AUTOALLOCATE'] === 'true'
  );
}

function hasStatusAddresses(status: unknown): boolean {
  const addresses = (status as { addresses?: unknown } | undefined)?.addresses;
  return Array.isArray(addresses) && addresses.length > 0;
}

export const serviceEntryAddresses = defineRule({
  id: 'IST0134/service-entry',
  code: 'IST0134',
  severity: 'warning',
  title: 'TCP port of a ServiceEntry without addresses',
  explanation:
    'TCP carries no host name, so Istio can tell a TCP service by its address alone. This ServiceEntry has a TCP port (or one without a protocol), no `addresses`, and none was allocated.',
  howToFix:
    'Set `spec.addresses`, declare what is really spoken (TLS, HTTP), or let Istio allocate addresses (DNS capture).',
  cause: 'The port is TCP and the ServiceEntry has no address to tell its traffic by.',
  consequence: 'The port takes all TCP traffic to its number, whatever host was meant.',
  kinds: ['ServiceEntry'],
  reads: ['MeshConfig'],
  check: (subject, view, report) => {
    const { spec, status } = subject;
    if (spec.addresses !== undefined || hasStatusAddresses(status) || isAutoAllocated(view)) return;
    for (const [index, { protocol = '', number, name }] of (spec.ports ?? []).entries()) {
      if (protocol !== '' && protocol.toUpperCase() !== 'TCP') continue;
      report({
        message: `Port ${number ?? 0}${name ? ` (${name})` : ''} is ${protocol === '' ? 'without protocol' : 'TCP'}, and the ServiceEntry has no addresses`,
        istioText: '',
        path: ['spec', 'ports', index],
        istioPath: ['spec', 'ports', index, 'name'],
      });
    }
  },
  examples: [
    {
      title: 'a database by name only',
      aspect: 'positive',
      yaml: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: db, namespace: data}
spec:
  hosts: [db.example.com]
  ports:
  - number: 5432
    name: tcp-db
    protocol: TCP
  - {number: 443, name: tls, protocol: TLS}
`,
      expect: [{ resource: 'ServiceEntry data/db', path: 'spec.ports[0]' }],
    },
    {
      title: 'addresses that are given, that are allocated, and that the mesh allocates',
      aspect: 'negative',
      meshConfig:
        'defaultConfig: {proxyMetadata: {ISTIO_META_DNS_CAPTURE: "true", ISTIO_META_DNS_AUTO_ALLOCATE: "true"}}',
      yaml: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: db, namespace: data}
spec: {hosts: [db.example.com], ports: [{number: 5432, name: tcp-db, protocol: TCP}]}
`,
      expect: [],
    },
    {
      title: 'an address of its own',
      aspect: 'negative',
      yaml: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: db, namespace: data}
spec: {hosts: [db.example.com], addresses: [10.1.2.3], ports: [{number: 5432, name: tcp-db, protocol: TCP}]}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: db2, namespace: data}
spec: {hosts: [db2.example.com], ports: [{number: 5432, name: tcp-db, protocol: TCP}]}
status: {addresses: [{value: 240.240.0.1, host: db2.example.com}]}
`,
      expect: [],
    },
  ],
});
