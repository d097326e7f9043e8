import { fqdnOf } from '../../istio/hosts.ts';
import { isExportedToAll } from '../../istio/export-to.ts';
import { rivalsOf } from '../../facts/virtual-hosts.ts';
import type { Resource } from '../../resource.ts';
import { fullName, resourceName } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { defineIndex } from '../../view.ts';
import { doc, docs, negative, positive, sameInAmbient } from '../shared/example.ts';

/** ServiceEntries of one host, by host. */
const entriesByHost = defineIndex({
  name: 'service entries by host',
  kinds: ['ServiceEntry'],
  keys: ({ spec }) => spec.hosts ?? [],
});

const summary = (names: string[]): string =>
  names.length > 3
    ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`
    : names.join(', ');

const virtualService = (name: string, host = 'shop.example.com'): string =>
  doc(
    `VirtualService ${name}`,
    `spec: {hosts: [${host}], gateways: [edge/main], http: [{route: [{destination: {host: web}}]}]}`,
  );
const entry = (name: string, more = ''): string =>
  doc(
    `ServiceEntry ${name}`,
    `spec: {hosts: [api.example.com],${more} ports: [{number: 443, name: tls, protocol: TLS}], resolution: DNS}`,
  );

export const hostOfTwoNamespaces = defineRule({
  id: 'AMB0017',
  code: 'AMB0017',
  severity: 'warning',
  title: 'Two namespaces claim one host',
  explanation:
    'A VirtualService on the same gateway, or a ServiceEntry that is exported, of another namespace has the host too. Neither team sees the other’s object, and which of them is used depends on their age.',
  howToFix:
    'Let one namespace own the host: delegate routes, or keep entries for yourself with `exportTo: ["."]`.',
  cause: 'Objects of different namespaces have this host.',
  consequence: 'A change in one namespace changes the traffic of the other.',
  kinds: ['VirtualService', 'ServiceEntry'],
  reads: ['VirtualService', 'ServiceEntry'],
  sameAs: ['IST0109'],
  check: (subject, view, report) => {
    for (const [index, host] of (subject.spec.hosts ?? []).entries()) {
      const rivals: Resource<'VirtualService' | 'ServiceEntry'>[] =
        subject.kind === 'VirtualService'
          ? rivalsOf(view, subject, host)
          : view
              .lookup(entriesByHost, host)
              .filter(
                ({ id, cluster, spec }) =>
                  id !== subject.id &&
                  cluster === subject.cluster &&
                  isExportedToAll(spec.exportTo) &&
                  isExportedToAll(subject.spec.exportTo),
              );
      const others = rivals
        .filter(({ namespace }) => namespace !== subject.namespace)
        .map(fullName);
      if (others.length === 0) continue;
      report({
        message: `Host ${host} is also claimed by ${summary(others)}, of another namespace`,
        path: ['spec', 'hosts', index],
      });
    }
  },
  examples: sameInAmbient('shop front', [
    positive(
      'one host on one gateway',
      docs(virtualService('shop/web'), virtualService('front/web')),
      ['VirtualService shop/web spec.hosts[0]', 'VirtualService front/web spec.hosts[0]'],
    ),
    positive('one external host, exported twice', docs(entry('shop/api'), entry('front/api')), [
      'ServiceEntry shop/api spec.hosts[0]',
      'ServiceEntry front/api spec.hosts[0]',
    ]),
    negative(
      'other hosts, the same namespace, entries that are not exported',
      docs(
        virtualService('shop/web'),
        virtualService('shop/web2'),
        virtualService('front/web', 'front.example.com'),
        entry('shop/api'),
        entry('front/api', ' exportTo: ["."],'),
      ),
    ),
  ]),
});

type ClusterKind = 'VirtualService' | 'DestinationRule' | 'ServiceEntry';

const hostsOf = (resource: Resource<ClusterKind>): string[] =>
  (resource.kind === 'DestinationRule'
    ? [resource.spec.host ?? '']
    : (resource.spec.hosts ?? [])
  ).map((host) => fqdnOf(resource.namespace, host));

/** Objects that were seen in a member cluster, by kind, namespace and host. */
const byHostInClusters = defineIndex({
  name: 'objects of member clusters by host',
  kinds: ['VirtualService', 'DestinationRule', 'ServiceEntry'],
  keys: (resource) =>
    resource.cluster === ''
      ? []
      : hostsOf(resource).map((host) => `${resource.kind}|${resource.namespace}|${host}`),
});

const specText = ({ object }: Resource): string => JSON.stringify(object['spec'] ?? null);

const rule = (balancer: string): string =>
  doc(
    'DestinationRule shop/web',
    `spec: {host: web, trafficPolicy: {loadBalancer: {simple: ${balancer}}}}`,
  );

export const hostDiffersAcrossClusters = defineRule({
  id: 'AMB0018',
  code: 'AMB0018',
  severity: 'warning',
  title: 'A host is configured differently across clusters',
  explanation:
    'Two clusters of the mesh have objects of one kind and namespace for one host that differ. Each control plane reads the objects of its own cluster, so that the traffic of a caller depends on where it runs.',
  howToFix: 'Keep the object in the mesh, from where all clusters get the same.',
  cause: 'The clusters have different objects for this host.',
  consequence: 'Callers of different clusters are routed differently.',
  kinds: ['VirtualService', 'DestinationRule', 'ServiceEntry'],
  reads: ['VirtualService', 'DestinationRule', 'ServiceEntry'],
  check: (subject, view, report) => {
    if (subject.cluster === '') return;
    const clusters = new Set<string>();
    let text: string | undefined;
    for (const host of hostsOf(subject)) {
      const key = `${subject.kind}|${subject.namespace}|${host}`;
      for (const other of view.lookup(byHostInClusters, key)) {
        if (other.cluster === subject.cluster) continue;
        text ??= specText(subject);
        if (specText(other) !== text) clusters.add(other.cluster);
      }
    }
    if (clusters.size === 0) return;
    report({
      message: `${resourceName(subject)} differs from what ${[...clusters].sort().join(', ')} has for the host`,
      path: ['spec'],
    });
  },
  examples: sameInAmbient('shop', [
    positive(
      'different load balancers',
      '',
      ['DestinationRule shop/web spec', 'DestinationRule shop/web spec'],
      {
        yamlOfClusters: { east: rule('RANDOM'), west: rule('ROUND_ROBIN') },
      },
    ),
    negative('the same in both', '', [], {
      yamlOfClusters: { east: rule('RANDOM'), west: rule('RANDOM') },
    }),
  ]),
});
