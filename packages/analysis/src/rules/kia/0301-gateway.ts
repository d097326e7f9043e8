import { hostsOverlap } from '../../istio/hosts.ts';
import { knowsWorkloads, workloadKinds, workloads } from '../../facts/workloads.ts';
import type { Resource } from '../../resource.ts';
import { fullName } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { isEmptySelector, selectorText } from '../../selector.ts';
import type { Selector, View } from '../../view.ts';
import { defineIndex } from '../../view.ts';
import { doc, docs, negative, pod, positive, sameInAmbient } from '../shared/example.ts';

const bare = (host: string): string => host.slice(host.indexOf('/') + 1).toLowerCase();

const slotKey = (selector: Selector, port: number | undefined): string =>
  `${selectorText(selector)}|${port ?? 0}`;

const isWild = (host: string): boolean => host.startsWith('*');

/** Gateways by selector, port and host; wildcards also under `*`, all under no host. */
const bySlot = defineIndex({
  name: 'gateways by selector, port and host',
  kinds: ['Gateway'],
  keys: ({ spec }) =>
    (spec.servers ?? []).flatMap(({ port, hosts }) => {
      const slot = slotKey(spec.selector, port?.number);
      const names = (hosts ?? []).map(bare);
      return [
        slot,
        ...names.map((name) => `${slot}|${name}`),
        ...(names.some(isWild) ? [`${slot}|*`] : []),
      ];
    }),
});

/** Gateways in the slot with a host that may overlap. */
function candidates(view: View, slot: string, host: string): readonly Resource<'Gateway'>[] {
  if (isWild(host)) return view.lookup(bySlot, slot);
  const found = view.lookup(bySlot, `${slot}|${host}`);
  const wild = view.lookup(bySlot, `${slot}|*`).filter((gateway) => !found.includes(gateway));
  return wild.length === 0 ? found : [...found, ...wild].sort((a, b) => (a.id < b.id ? -1 : 1));
}

type Other = { gateway: Resource<'Gateway'>; host: string };

export const sameHostAndPort = defineRule({
  id: 'KIA0301',
  code: 'KIA0301',
  severity: 'warning',
  title: 'Several Gateways for one host and port',
  explanation:
    'Two servers (of one Gateway or of two with the same selector) are for one port and for hosts that overlap. Istio puts both on one listener, and which of them answers depends on their age.',
  howToFix: 'Keep one server for the host, and bind the VirtualServices to that Gateway.',
  cause: 'Another server has the port and a host that overlaps.',
  consequence: 'TLS settings and routes of one of them have no effect.',
  kinds: ['Gateway'],
  reads: ['Gateway'],
  sameAs: ['IST0145'],
  check: (subject, view, report) => {
    const { spec } = subject;
    for (const [index, server] of (spec.servers ?? []).entries()) {
      const port = server.port?.number;
      for (const [at, written] of (server.hosts ?? []).entries()) {
        const host = bare(written);
        const found: Other[] = [];
        for (const gateway of candidates(view, slotKey(spec.selector, port), host)) {
          if (gateway.cluster !== subject.cluster) continue;
          for (const [otherIndex, other] of (gateway.spec.servers ?? []).entries()) {
            if (gateway.id === subject.id && otherIndex === index) continue;
            if (other.port?.number !== port) continue;
            const same = other.hosts?.find((name) => hostsOverlap(bare(name), host));
            if (same !== undefined) found.push({ gateway, host: same });
          }
        }
        const [first] = found;
        if (!first) continue;
        const more = found.length > 1 ? ` and ${found.length - 1} more` : '';
        report({
          message: `Port ${port} of host ${written} is also that of Gateway ${fullName(first.gateway)} (${first.host})${more}`,
          path: ['spec', 'servers', index, 'hosts', at],
        });
      }
    }
  },
  examples: sameInAmbient('edge', [
    positive(
      'a host, and a wildcard that has it',
      docs(
        doc(
          'Gateway edge/a',
          'spec: {selector: {app: edge}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [shop.example.com]}]}',
        ),
        doc(
          'Gateway edge/b',
          'spec: {selector: {app: edge}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*.example.com"]}]}',
        ),
      ),
      ['Gateway edge/a spec.servers[0].hosts[0]', 'Gateway edge/b spec.servers[0].hosts[0]'],
    ),
    negative(
      'another port, another host, other pods',
      docs(
        doc(
          'Gateway edge/a',
          `spec:
  selector: {app: edge}
  servers:
  - {port: {number: 80, name: http, protocol: HTTP}, hosts: [shop.example.com]}
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: [shop.example.com]}
  - {port: {number: 80, name: http-2, protocol: HTTP}, hosts: [api.example.com]}`,
        ),
        doc(
          'Gateway edge/b',
          'spec: {selector: {app: inner}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [shop.example.com]}]}',
        ),
      ),
    ),
  ]),
});

export const gatewaySelector = defineRule({
  id: 'KIA0302',
  code: 'KIA0302',
  severity: 'warning',
  title: 'Selector of the Gateway matches no workload',
  explanation:
    'No workload of the mesh has the labels of the selector. The labels of Istio’s own gateways (`istio: ingressgateway`, `istio: egressgateway`) are taken as there.',
  howToFix: 'Correct the selector, or install the gateway.',
  cause: 'No workload has all labels of the selector.',
  consequence: 'No proxy serves this Gateway.',
  kinds: ['Gateway'],
  reads: workloadKinds,
  sameAs: ['IST0101'],
  check: (subject, view, report) => {
    const { selector } = subject.spec;
    if (isEmptySelector(selector) || !knowsWorkloads(view)) return;
    if (['ingressgateway', 'egressgateway'].includes(selector?.get('istio') ?? '')) return;
    if (workloads(view, selector).length > 0) return;
    report({
      message: `Gateway ${fullName(subject)} selects ${selectorText(selector)}, which no workload has`,
      path: ['spec', 'selector'],
    });
  },
  examples: sameInAmbient('shop edge', [
    positive(
      'labels of no pod',
      docs(pod('shop/web'), doc('Gateway edge/main', 'spec: {selector: {app: edge}, servers: []}')),
      ['Gateway edge/main spec.selector'],
    ),
    negative(
      'a pod of another namespace, and Istio’s own',
      docs(
        pod('gateways/edge'),
        doc('Gateway edge/main', 'spec: {selector: {app: edge}, servers: []}'),
        doc('Gateway edge/old', 'spec: {selector: {istio: ingressgateway}, servers: []}'),
      ),
    ),
    negative(
      'nothing is known of workloads',
      doc('Gateway edge/main', 'spec: {selector: {app: edge}}'),
    ),
  ]),
});
