import { isAmbient, isInjectedNamespace } from '../../facts/ambient.ts';
import { hostKinds, serviceOf } from '../../facts/hosts.ts';
import { knows } from '../../facts/known.ts';
import type { ClientMode, PeerDecision } from '../../facts/mtls.ts';
import {
  clientMode,
  isMeshWideHost,
  meshMode,
  mtlsKinds,
  namespaceMode,
  wideNamespaceOf,
  workloadMode,
} from '../../facts/mtls.ts';
import {
  hasSidecar,
  isGateway,
  podLabels,
  workloadKinds,
  workloads,
} from '../../facts/workloads.ts';
import type { PatchOperation } from '../../finding.ts';
import type { Resource } from '../../resource.ts';
import { fullName } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { isEmptySelector } from '../../selector.ts';
import type { View } from '../../view.ts';
import {
  ambient,
  ambientNamespace,
  doc,
  docs,
  negative,
  pod,
  positive,
  service,
  sidecarNamespace,
} from '../shared/example.ts';

const path = ['spec', 'trafficPolicy', 'tls', 'mode'];
const patch: PatchOperation[] = [
  { op: 'replace', path: '/spec/trafficPolicy/tls/mode', value: 'ISTIO_MUTUAL' },
];

/** What servers of the host take, and whether ztunnel answers for them; undefined where nothing is known. */
type Servers = {
  peer: PeerDecision;
  isAmbient: boolean;
  hasProxy: boolean | undefined;
  what: string;
};

function serversOf(view: View, target: Resource<'Service'>): Servers | undefined {
  const { namespace, spec } = target;
  if (isEmptySelector(spec.selector)) return undefined;
  const found = workloads(view, spec.selector, namespace);
  const labels = found[0] ? podLabels(found[0]) : (spec.selector ?? {});
  const pods = view.pods(spec.selector, namespace);
  const isAmbientHere = isAmbient(view, namespace, labels);
  const isKnown = pods.length > 0 && knows(view, 'Pod');
  return {
    peer: workloadMode(view, namespace, labels),
    isAmbient: isAmbientHere,
    hasProxy: isKnown
      ? isAmbientHere ||
        pods.some((one) => hasSidecar(one) || isGateway(one)) ||
        isInjectedNamespace(view, namespace)
      : undefined,
    what: `Service ${fullName(target)}`,
  };
}

function wideServers(view: View, host: string): Servers | undefined {
  const namespace = wideNamespaceOf(host);
  if (namespace !== undefined) {
    const peer = namespaceMode(view, namespace);
    const isAmbientHere = isAmbient(view, namespace, {});
    return { peer, isAmbient: isAmbientHere, hasProxy: undefined, what: `namespace ${namespace}` };
  }
  if (!isMeshWideHost(host)) return undefined;
  return { peer: meshMode(view), isAmbient: false, hasProxy: undefined, what: 'the mesh' };
}

function problemOf(mode: ClientMode, { peer, isAmbient: isHere, hasProxy, what }: Servers) {
  const hasPorts = (peer.by?.spec.portLevelMtls?.size ?? 0) > 0;
  const by = peer.by ? `PeerAuthentication ${fullName(peer.by)}` : 'the default';
  if (
    (mode === 'DISABLE' || mode === 'SIMPLE') &&
    peer.mode === 'STRICT' &&
    hasProxy !== false &&
    !hasPorts
  ) {
    return {
      message: `Callers use ${mode === 'DISABLE' ? 'no TLS' : 'TLS without a certificate'}, and ${what} demands mutual TLS (${by})`,
      fix: { title: 'Use mutual TLS', patch },
    };
  }
  if (mode === 'ISTIO_MUTUAL' && peer.mode === 'DISABLE' && !isHere) {
    return { message: `Callers use mutual TLS, and ${what} takes none (${by} is DISABLE)` };
  }
  if (mode === 'ISTIO_MUTUAL' && hasProxy === false) {
    return { message: `Callers use mutual TLS, and no pod of ${what} has a proxy that takes it` };
  }
  return undefined;
}

const rule = (mode: string, host = 'web'): string =>
  doc('DestinationRule shop/web', `spec: {host: "${host}", trafficPolicy: {tls: {mode: ${mode}}}}`);
const peer = (mode: string): string =>
  doc('PeerAuthentication shop/default', `spec: {mtls: {mode: ${mode}}}`);

export const mtlsCutsTraffic = defineRule({
  id: 'AMB0012',
  code: 'AMB0012',
  severity: 'error',
  title: 'mTLS modes cut the traffic',
  explanation:
    'What the DestinationRule makes callers do and what servers take do not fit: plain text to STRICT servers, mutual TLS to servers that turn it off or have no proxy. In ambient mode `DISABLE` of a PeerAuthentication means PERMISSIVE, so that only the first can happen.',
  howToFix:
    'Leave `tls` out (auto mTLS then chooses what the server takes), use ISTIO_MUTUAL, or set the PeerAuthentication to PERMISSIVE.',
  cause: 'The TLS mode of the callers is one that the servers refuse.',
  consequence: 'Calls to this host fail: the connection is reset (503).',
  kinds: ['DestinationRule'],
  reads: [...mtlsKinds, ...hostKinds, ...workloadKinds],
  check: (subject, view, report) => {
    const { spec, namespace } = subject;
    const mode = clientMode(spec);
    if (mode === undefined) return;
    const { host = '' } = spec;
    const target = host.startsWith('*') ? undefined : serviceOf(view, namespace, host);
    const servers = target ? serversOf(view, target) : wideServers(view, host);
    const problem = servers && problemOf(mode, servers);
    if (problem) report({ ...problem, path });
  },
  examples: [
    positive(
      'plain text to STRICT servers',
      docs(
        sidecarNamespace('shop'),
        service('shop/web'),
        pod('shop/web', {}, true),
        rule('DISABLE'),
        peer('STRICT'),
      ),
      ['DestinationRule shop/web spec.trafficPolicy.tls.mode'],
    ),
    positive(
      'mutual TLS to pods without a proxy',
      docs(doc('Namespace shop'), service('shop/web'), pod('shop/web'), rule('ISTIO_MUTUAL')),
      ['DestinationRule shop/web spec.trafficPolicy.tls.mode'],
    ),
    positive(
      'plain text to a whole STRICT namespace',
      docs(rule('DISABLE', '*.shop.svc.cluster.local'), peer('STRICT')),
      ['DestinationRule shop/web spec.trafficPolicy.tls.mode'],
    ),
    negative(
      'mutual TLS to sidecars, plain text where both are taken',
      docs(
        sidecarNamespace('shop'),
        service('shop/web'),
        pod('shop/web', {}, true),
        rule('ISTIO_MUTUAL'),
        peer('STRICT'),
        service('data/db'),
        doc('DestinationRule data/db', 'spec: {host: db, trafficPolicy: {tls: {mode: DISABLE}}}'),
      ),
    ),
    negative(
      'a policy with exceptions by port',
      docs(
        sidecarNamespace('shop'),
        service('shop/web'),
        pod('shop/web', {}, true),
        rule('DISABLE'),
        doc(
          'PeerAuthentication shop/web',
          'spec: {selector: {matchLabels: {app: web}}, mtls: {mode: STRICT}, portLevelMtls: {"80": {mode: PERMISSIVE}}}',
        ),
      ),
    ),
    negative('nothing is known of pods', docs(service('shop/web'), rule('ISTIO_MUTUAL'))),
    ambient(
      'ztunnel takes mutual TLS whatever the mode',
      docs(
        ambientNamespace('shop'),
        service('shop/web'),
        pod('shop/web'),
        rule('ISTIO_MUTUAL'),
        peer('DISABLE'),
      ),
    ),
  ],
});
