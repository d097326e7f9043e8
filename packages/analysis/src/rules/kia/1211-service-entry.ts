import type { Resource } from '../../resource.ts';
import { fullName } from '../../resource.ts';
import { isExportedToAll } from '../../istio/export-to.ts';
import type { Rule } from '../../rule.ts';
import { defineRule } from '../../rule.ts';
import type { View } from '../../view.ts';
import { defineIndex } from '../../view.ts';
import { doc, docs, negative, positive, sameInAmbient } from '../shared/example.ts';

type ServiceEntry = Resource<'ServiceEntry'>;

/** ServiceEntries by host and port. */
const byHostAndPort = defineIndex({
  name: 'service entries by host and port',
  kinds: ['ServiceEntry'],
  keys: ({ spec }) =>
    (spec.hosts ?? []).flatMap((host) =>
      (spec.ports ?? []).map(({ number = 0 }) => `${host.toLowerCase()}|${number}`),
    ),
});

const meet = (a: ServiceEntry, b: ServiceEntry): boolean =>
  a.cluster === b.cluster &&
  (a.namespace === b.namespace ||
    (isExportedToAll(a.spec.exportTo) && isExportedToAll(b.spec.exportTo)));

const protocolOf = (entry: ServiceEntry, port: number): string =>
  (entry.spec.ports?.find(({ number }) => number === port)?.protocol ?? '').toUpperCase();

/** Others with a host and this port, and whether their protocols differ. */
function rivals(view: View, subject: ServiceEntry, port: number) {
  const others = new Map<string, ServiceEntry>();
  for (const host of subject.spec.hosts ?? []) {
    for (const other of view.lookup(byHostAndPort, `${host.toLowerCase()}|${port}`)) {
      if (other.id !== subject.id && meet(subject, other)) others.set(other.id, other);
    }
  }
  const found = [...others.values()];
  const own = protocolOf(subject, port);
  return { found, isConflict: found.some((other) => protocolOf(other, port) !== own) };
}

const entry = (name: string, protocol: string, host = 'api.example.com'): string =>
  doc(
    `ServiceEntry ${name}`,
    `spec: {hosts: [${host}], ports: [{number: 443, name: tls, protocol: ${protocol}}], resolution: DNS}`,
  );

const both = ['ServiceEntry shop/a spec.ports[0]', 'ServiceEntry front/b spec.ports[0]'];

function rule(
  wantsConflict: boolean,
  words: Pick<Rule, 'code' | 'title' | 'explanation' | 'consequence' | 'examples' | 'sameAs'>,
): Rule {
  return defineRule({
    ...words,
    id: words.code,
    severity: 'warning',
    howToFix: 'Merge them, or keep each in its namespace with `exportTo: ["."]`.',
    cause: 'Another ServiceEntry has the host and the port.',
    kinds: ['ServiceEntry'],
    reads: ['ServiceEntry'],
    check: (subject, view, report) => {
      for (const [index, { number = 0 }] of (subject.spec.ports ?? []).entries()) {
        const { found, isConflict } = rivals(view, subject, number);
        if (found.length === 0 || isConflict !== wantsConflict) continue;
        const names = found.slice(0, 3).map(fullName).join(', ');
        const more = found.length > 3 ? ` and ${found.length - 3} more` : '';
        report({
          message: wantsConflict
            ? `Port ${number} is ${protocolOf(subject, number)} here and another protocol in ${names}${more}`
            : `Port ${number} of the host is also that of ${names}${more}`,
          path: ['spec', 'ports', index],
        });
      }
    },
  });
}

export const duplicateEntry = rule(false, {
  code: 'KIA1211',
  title: 'Several ServiceEntries for one host and port',
  explanation: 'Two ServiceEntries that the same callers see have one host and port.',
  consequence: 'Which endpoints are used depends on the age of the entries.',
  examples: sameInAmbient('front shop', [
    positive('two for one host', docs(entry('shop/a', 'TLS'), entry('front/b', 'TLS')), both),
    negative(
      'other hosts, and one that stays in its namespace',
      docs(
        entry('shop/a', 'TLS'),
        entry('front/b', 'TLS', 'other.example.com'),
        doc(
          'ServiceEntry data/c',
          'spec: {hosts: [api.example.com], exportTo: ["."], ports: [{number: 443, name: tls, protocol: TLS}]}',
        ),
      ),
    ),
  ]),
  sameAs: ['AMB0017*'],
});

export const conflictingEntry = rule(true, {
  code: 'KIA1212',
  title: 'ServiceEntries for one host and port with different protocols',
  explanation:
    'Two ServiceEntries that the same callers see have one host and port, and different protocols.',
  consequence: 'One protocol is used for both; calls with the other fail or lose their routes.',
  examples: sameInAmbient('front shop', [
    positive('TLS and HTTP', docs(entry('shop/a', 'TLS'), entry('front/b', 'HTTP')), both),
    negative('the same protocol', docs(entry('shop/a', 'TLS'), entry('front/b', 'tls'))),
  ]),
  sameAs: ['IST0177*', 'AMB0017*'],
});
