import type { ServicePort, ServiceSpec } from '../../kubernetes.ts';
import { defineRule } from '../../rule.ts';
import { fullName } from '../../resource.ts';
import { defineIndex } from '../../view.ts';

const byFullName = defineIndex({
  name: 'services of all clusters by full name',
  kinds: ['Service'],
  keys: (service) => (service.cluster === '' ? [] : [fullName(service)]),
});

const portText = (port: ServicePort): string =>
  JSON.stringify([
    port.name ?? '',
    port.protocol ?? '',
    port.appProtocol ?? null,
    port.port ?? 0,
    port.targetPort ?? 0,
    port.nodePort ?? 0,
  ]);

const portsText = (spec: ServiceSpec): string =>
  (spec.ports ?? [])
    .toSorted((a, b) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1))
    .map(portText)
    .join();

const isHeadless = ({ clusterIP }: ServiceSpec): boolean => clusterIP === 'None';

function differences(a: ServiceSpec, b: ServiceSpec): string[] {
  return [
    ...(isHeadless(a) === isHeadless(b) ? [] : ['one is headless']),
    ...((a.type ?? '') === (b.type ?? '') ? [] : ['types']),
    ...(portsText(a) === portsText(b) ? [] : ['ports']),
  ];
}

export const inconsistentService = defineRule({
  id: 'IST0170/service',
  code: 'IST0170',
  severity: 'warning',
  title: 'Service that differs between clusters',
  explanation:
    'Services of the same name and namespace in several clusters are one service to the mesh. This one has different ports, types, or is headless in one cluster only.',
  howToFix:
    'Make the Services the same in all clusters, or give what is another service another name.',
  cause: 'The Service is not the same in all clusters.',
  consequence:
    'Which ports and which load balancing callers get depends on the cluster that they run in.',
  kinds: ['Service'],
  reads: [],
  check: (subject, view, report) => {
    if (subject.cluster === '') return;
    const same = view.lookup(byFullName, fullName(subject));
    const [first] = same;
    if (same.length < 2 || !first || first.id !== subject.id) return;
    const found = same
      .slice(1)
      .map((other) => ({ other, what: differences(first.spec, other.spec) }))
      .filter(({ what }) => what.length > 0);
    if (found.length === 0) return;
    const list = found.map(({ other, what }) => `${other.cluster} (${what.join(', ')})`).join(', ');
    report({
      message: `Service ${fullName(subject)} of cluster ${first.cluster} differs from that of ${list}`,
      path: ['spec'],
    });
  },
  examples: [
    {
      title: 'a port that one cluster has and the other has not',
      aspect: 'positive',
      yaml: '',
      yamlOfClusters: {
        east: `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {ports: [{port: 80, name: http}]}
`,
        west: `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {ports: [{port: 80, name: http}, {port: 443, name: https}]}
`,
      },
      expect: [{ resource: 'Service shop/web', path: 'spec', message: 'west (ports)' }],
    },
    {
      title: 'the same ports in another order, and a Service of one cluster only',
      aspect: 'negative',
      yaml: '',
      yamlOfClusters: {
        east: `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {ports: [{port: 443, name: https}, {port: 80, name: http}]}
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: {clusterIP: None, ports: [{port: 5432, name: tcp}]}
`,
        west: `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {ports: [{port: 80, name: http}, {port: 443, name: https}]}
`,
      },
      expect: [],
    },
    {
      title: 'one cluster: nothing to compare',
      aspect: 'negative',
      yaml: `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {ports: [{port: 80, name: http}]}
`,
      expect: [],
    },
  ],
});
