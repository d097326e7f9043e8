import { hasSidecar, workloadKinds, workloads } from '../../facts/workloads.ts';
import { defaultIstioNamespace } from '../../snapshot.ts';
import type { Resource } from '../../resource.ts';
import { fullName } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { isEmptySelector } from '../../selector.ts';
import type { View } from '../../view.ts';
import { defineDerivation } from '../../view.ts';
import {
  ambient,
  ambientNamespace,
  doc,
  docs,
  negative,
  pod,
  positive,
  sameInAmbient,
} from '../shared/example.ts';

/** Protocols that Istio reads from a port's name or `appProtocol` (istio.io: "Protocol selection"). */
const protocols = new Set([
  'grpc',
  'grpc-web',
  'http',
  'http2',
  'https',
  'mongo',
  'mysql',
  'redis',
  'tcp',
  'tls',
  'udp',
  'hbone',
]);
const appProtocols = new Set([
  ...protocols,
  'kubernetes.io/h2c',
  'kubernetes.io/ws',
  'kubernetes.io/wss',
  'ws',
  'wss',
]);

const isNamedByProtocol = (name: string): boolean => {
  const [first = '', second] = name.split('-');
  return protocols.has(first) || (second !== undefined && protocols.has(`${first}-${second}`));
};

const sidecarBehind = defineDerivation({
  name: 'service has pods with sidecars',
  compute: (view, key) => {
    const [namespace = '', name = ''] = key.split('/');
    const selector = view.get('Service', namespace, name)?.spec.selector;
    return !isEmptySelector(selector) && view.pods(selector, namespace).some(hasSidecar);
  },
});

const hasSidecars = (view: View, { namespace, name }: Resource<'Service'>): boolean =>
  view.derive(sidecarBehind, `${namespace}/${name}`);

const web = (port: string): string =>
  doc('Service shop/web', `spec: {selector: {app: web}, ports: [${port}]}`);

const isUdp = (protocol: string | undefined): boolean => protocol?.toLowerCase() === 'udp';

export const portName = defineRule({
  id: 'KIA0601',
  code: 'KIA0601',
  severity: 'error',
  title: 'Name of a port tells no protocol',
  explanation:
    'A port of a Service with sidecars is named neither `<protocol>` nor `<protocol>-suffix`, and has no `appProtocol`. Istio then guesses the protocol of each connection. Services without sidecars are not told: ztunnel needs no protocol.',
  howToFix: 'Name the port by its protocol (`http-web`), or set `appProtocol`.',
  cause: 'Neither the name nor appProtocol tells the protocol.',
  consequence: 'The protocol is guessed from the first bytes; server-first protocols are delayed.',
  kinds: ['Service'],
  reads: ['Service', 'Pod'],
  sameAs: ['IST0118'],
  check: (subject, view, report) => {
    const ports = subject.spec.ports ?? [];
    const odd = (index: number): boolean => {
      const { name = '', appProtocol, protocol } = ports[index] ?? {};
      return appProtocol === undefined && !isUdp(protocol) && !isNamedByProtocol(name);
    };
    const found = [...ports.keys()].filter(odd);
    if (found.length === 0 || !hasSidecars(view, subject)) return;
    for (const index of found) {
      const { name, port } = ports[index] ?? {};
      report({
        message: `Port ${port} is ${name === undefined ? 'not named' : `named "${name}"`}, which tells no protocol`,
        path: ['spec', 'ports', index],
      });
    }
  },
  examples: [
    positive('a name of its own', docs(web('{name: web, port: 80}'), pod('shop/web', {}, true)), [
      'Service shop/web spec.ports[0]',
    ]),
    negative(
      'a protocol with a suffix, an appProtocol, UDP',
      docs(
        doc(
          'Service shop/web',
          'spec: {selector: {app: web}, ports: [{name: grpc-web-x, port: 1}, {name: x, port: 2, appProtocol: tcp}, {name: dns, port: 53, protocol: UDP}]}',
        ),
        pod('shop/web', {}, true),
      ),
    ),
    ambient(
      'pods in ambient mode',
      docs(ambientNamespace('shop'), web('{name: web, port: 80}'), pod('shop/web')),
    ),
  ],
});

export const appProtocol = defineRule({
  id: 'KIA0602',
  code: 'KIA0602',
  severity: 'error',
  title: 'appProtocol that Istio does not know',
  explanation:
    'A port of a Service with sidecars has an `appProtocol` that Istio does not know. It then treats the port as TCP.',
  howToFix:
    'Use a protocol that Istio knows: http, http2, https, grpc, grpc-web, tcp, tls, mongo, mysql, redis.',
  cause: 'The protocol is unknown to Istio.',
  consequence: 'HTTP routes, retries and metrics do not apply to the port.',
  kinds: ['Service'],
  reads: ['Service', 'Pod'],
  check: (subject, view, report) => {
    for (const [index, port] of (subject.spec.ports ?? []).entries()) {
      if (port.appProtocol === undefined || isUdp(port.protocol)) continue;
      if (appProtocols.has(port.appProtocol.toLowerCase()) || !hasSidecars(view, subject)) continue;
      report({
        message: `Istio knows no appProtocol "${port.appProtocol}"`,
        path: ['spec', 'ports', index],
      });
    }
  },
  examples: [
    positive(
      'an unknown protocol',
      docs(web('{name: x, port: 80, appProtocol: thrift}'), pod('shop/web', {}, true)),
      ['Service shop/web spec.ports[0]'],
    ),
    negative(
      'HTTP/2 by its Kubernetes name',
      docs(web('{name: x, port: 80, appProtocol: kubernetes.io/h2c}'), pod('shop/web', {}, true)),
    ),
    ambient(
      'pods in ambient mode',
      docs(
        ambientNamespace('shop'),
        web('{name: x, port: 80, appProtocol: thrift}'),
        pod('shop/web'),
      ),
    ),
  ],
});

export const deploymentPort = defineRule({
  id: 'KIA0701',
  code: 'KIA0701',
  severity: 'warning',
  title: 'No container of the Deployment has the port of the Service',
  explanation:
    'The Deployment that a Service selects declares ports, and none of them is the target of a port of the Service. A Deployment whose containers declare no ports says nothing, so nothing is told of it.',
  howToFix: 'Correct `targetPort`, or declare the port in the container.',
  cause: 'The target port is not among the ports of the containers.',
  consequence:
    'Connections to this port are refused, unless a container listens without saying so.',
  kinds: ['Service'],
  reads: workloadKinds,
  check: (subject, view, report) => {
    const { namespace, spec } = subject;
    if (namespace === defaultIstioNamespace || isEmptySelector(spec.selector)) return;
    const found = workloads(view, spec.selector, namespace).find(
      ({ kind }) => kind === 'Deployment',
    );
    if (found?.kind !== 'Deployment') return;
    const containers = found.spec.template?.spec?.containers ?? [];
    const ports = containers.flatMap((container) => container.ports ?? []);
    if (ports.length === 0) return;
    for (const [index, { port, targetPort = port }] of (spec.ports ?? []).entries()) {
      const wanted = String(targetPort);
      const isThere = ports.some(
        ({ name, containerPort }) => name === wanted || String(containerPort) === wanted,
      );
      if (isThere) continue;
      report({
        message: `Port ${port} leads to ${wanted}, which no container of Deployment ${fullName(found)} declares`,
        path: ['spec', 'ports', index],
      });
    }
  },
  examples: sameInAmbient('shop', [
    positive(
      'another port',
      docs(
        web('{name: http, port: 80, targetPort: 8080}'),
        doc(
          'Deployment shop/web',
          'spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: app, ports: [{containerPort: 9090}]}]}}}',
        ),
      ),
      ['Service shop/web spec.ports[0]'],
    ),
    negative(
      'by name and by number, and a Deployment that declares none',
      docs(
        doc(
          'Service shop/web',
          'spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: web}, {name: grpc, port: 9090}]}',
        ),
        doc(
          'Deployment shop/web',
          'spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: app, ports: [{name: web, containerPort: 8080}, {containerPort: 9090}]}]}}}',
        ),
        doc('Service shop/db', 'spec: {selector: {app: db}, ports: [{port: 5432}]}'),
        doc(
          'Deployment shop/db',
          'spec: {template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db}]}}}',
        ),
      ),
    ),
  ]),
});
