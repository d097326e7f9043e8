import type { KindName } from '../../kinds.ts';
import { isAmbientNamespace } from '../../facts/ambient.ts';
import {
  clientMode,
  isAutoMtls,
  isMeshWideHost,
  isMutual,
  isNamespaceWide,
  meshMode,
  modeOf,
  mtlsKinds,
  namespaceMode,
  wideNamespaceOf,
} from '../../facts/mtls.ts';
import { rootNamespaceOf } from '../../facts/policies.ts';
import { fullName } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { defineIndex } from '../../view.ts';
import {
  ambient,
  ambientNamespace,
  doc,
  docs,
  negative,
  positive,
  sameInAmbient,
} from '../shared/example.ts';

const off = { meshConfig: 'enableAutoMtls: false' };
const modePath = ['spec', 'trafficPolicy', 'tls', 'mode'];
const reads = [...mtlsKinds, 'Namespace'] as const satisfies KindName[];

/** DestinationRules for all services of the mesh (`*`) or of a namespace. */
const wideRules = defineIndex({
  name: 'wide destination rules',
  kinds: ['DestinationRule'],
  keys: ({ spec }) => {
    const host = spec.host ?? '';
    return isMeshWideHost(host) ? ['*'] : [wideNamespaceOf(host) ?? []].flat();
  },
});

const meshRule = (mode: string): string =>
  doc(
    'DestinationRule istio-system/all',
    `spec: {host: "*.local", trafficPolicy: {tls: {mode: ${mode}}}}`,
  );
const shopRule = (mode: string): string =>
  doc(
    'DestinationRule shop/all',
    `spec: {host: "*.shop.svc.cluster.local", trafficPolicy: {tls: {mode: ${mode}}}}`,
  );
const peer = (namespace: string, mode: string): string =>
  doc(`PeerAuthentication ${namespace}/default`, `spec: {mtls: {mode: ${mode}}}`);

export const meshPolicyMissing = defineRule({
  id: 'KIA0205',
  code: 'KIA0205',
  severity: 'error',
  title: 'Mesh-wide PeerAuthentication is missing',
  explanation:
    'A DestinationRule makes all callers use mutual TLS, and no PeerAuthentication of the root namespace makes servers take it. With auto mTLS, which is on by default, servers take both, so that it is told only where auto mTLS is off.',
  howToFix: 'Add a PeerAuthentication to the root namespace, with mode STRICT or PERMISSIVE.',
  cause: 'The root namespace has no PeerAuthentication that turns mutual TLS on.',
  consequence: 'Whether servers take mutual TLS is left to chance.',
  kinds: ['DestinationRule'],
  reads,
  check: (subject, view, report) => {
    const { spec } = subject;
    if (!isMeshWideHost(spec.host ?? '') || !isMutual(clientMode(spec)) || isAutoMtls(view)) return;
    const { by, mode } = meshMode(view);
    if (by && mode !== 'DISABLE') return;
    report({
      message: `All callers use mutual TLS, and no PeerAuthentication of ${rootNamespaceOf(view)} makes servers take it`,
      path: modePath,
    });
  },
  examples: sameInAmbient('istio-system', [
    positive(
      'no PeerAuthentication',
      meshRule('ISTIO_MUTUAL'),
      ['DestinationRule istio-system/all spec.trafficPolicy.tls.mode'],
      off,
    ),
    negative(
      'there is one',
      docs(meshRule('ISTIO_MUTUAL'), peer('istio-system', 'STRICT')),
      [],
      off,
    ),
    negative('auto mTLS', meshRule('ISTIO_MUTUAL')),
  ]),
});

export const namespacePolicyMissing = defineRule({
  id: 'KIA0206',
  code: 'KIA0206',
  severity: 'error',
  title: 'PeerAuthentication of the namespace is missing',
  explanation:
    'A DestinationRule makes callers of a whole namespace use mutual TLS, and no PeerAuthentication of it, or of the mesh, makes servers take it. It is told only where auto mTLS is off.',
  howToFix: 'Add a PeerAuthentication to the namespace, with mode STRICT or PERMISSIVE.',
  cause: 'Neither the namespace nor the mesh has a PeerAuthentication that turns mutual TLS on.',
  consequence: 'Whether servers take mutual TLS is left to chance.',
  kinds: ['DestinationRule'],
  reads,
  check: (subject, view, report) => {
    const namespace = wideNamespaceOf(subject.spec.host ?? '');
    if (namespace === undefined || !isMutual(clientMode(subject.spec)) || isAutoMtls(view)) return;
    const { by, mode } = namespaceMode(view, namespace);
    if (by && mode !== 'DISABLE') return;
    report({
      message: `Callers of namespace ${namespace} use mutual TLS, and no PeerAuthentication makes its servers take it`,
      path: modePath,
    });
  },
  examples: sameInAmbient('shop', [
    positive(
      'no PeerAuthentication',
      shopRule('ISTIO_MUTUAL'),
      ['DestinationRule shop/all spec.trafficPolicy.tls.mode'],
      off,
    ),
    negative(
      'one of the mesh',
      docs(shopRule('ISTIO_MUTUAL'), peer('istio-system', 'STRICT')),
      [],
      off,
    ),
    negative('auto mTLS', shopRule('ISTIO_MUTUAL')),
  ]),
});

export const strictButDisabled = defineRule({
  id: 'KIA0207',
  code: 'KIA0207',
  severity: 'error',
  title: 'Callers use no mutual TLS, and the namespace demands it',
  explanation:
    'A DestinationRule turns TLS off for a whole namespace (`DISABLE`), and a PeerAuthentication of that namespace is STRICT.',
  howToFix:
    'Use ISTIO_MUTUAL in the DestinationRule (or remove it), or PERMISSIVE in the PeerAuthentication.',
  cause: 'Callers send plain text, and servers take mutual TLS alone.',
  consequence: 'Calls to this namespace fail: the connection is reset.',
  kinds: ['DestinationRule'],
  reads,
  sameAs: ['AMB0012'],
  check: (subject, view, report) => {
    const namespace = wideNamespaceOf(subject.spec.host ?? '');
    if (namespace === undefined || clientMode(subject.spec) !== 'DISABLE') return;
    const { by, mode } = namespaceMode(view, namespace);
    if (!by || by.namespace !== namespace || mode !== 'STRICT') return;
    report({
      message: `TLS is off for callers of namespace ${namespace}, where PeerAuthentication ${fullName(by)} is STRICT`,
      path: modePath,
      fix: {
        title: 'Use mutual TLS',
        patch: [{ op: 'replace', path: '/spec/trafficPolicy/tls/mode', value: 'ISTIO_MUTUAL' }],
      },
    });
  },
  examples: [
    positive('STRICT', docs(shopRule('DISABLE'), peer('shop', 'STRICT')), [
      'DestinationRule shop/all spec.trafficPolicy.tls.mode',
    ]),
    negative('PERMISSIVE', docs(shopRule('DISABLE'), peer('shop', 'PERMISSIVE'))),
    ambient(
      'mutual TLS, in ambient mode',
      docs(ambientNamespace('shop'), shopRule('ISTIO_MUTUAL'), peer('shop', 'STRICT')),
    ),
  ],
});

export const strictMeshButDisabled = defineRule({
  id: 'KIA0208',
  code: 'KIA0208',
  severity: 'error',
  title: 'Callers use no mutual TLS, and the mesh demands it',
  explanation:
    'A DestinationRule turns TLS off (`DISABLE`) for all services of the mesh or of a namespace without a PeerAuthentication of its own, and the PeerAuthentication of the mesh is STRICT.',
  howToFix:
    'Use ISTIO_MUTUAL in the DestinationRule (or remove it), or PERMISSIVE in the PeerAuthentication.',
  cause: 'Callers send plain text, and servers take mutual TLS alone.',
  consequence: 'These calls fail: the connection is reset.',
  kinds: ['DestinationRule'],
  reads,
  sameAs: ['AMB0012'],
  check: (subject, view, report) => {
    const { host = '' } = subject.spec;
    if (clientMode(subject.spec) !== 'DISABLE') return;
    const namespace = wideNamespaceOf(host);
    if (namespace === undefined && !isMeshWideHost(host)) return;
    const { by, mode } = namespace === undefined ? meshMode(view) : namespaceMode(view, namespace);
    if (!by || by.namespace !== rootNamespaceOf(view) || mode !== 'STRICT') return;
    if (namespace === by.namespace) return;
    report({
      message: `TLS is off for callers of ${host}, and PeerAuthentication ${fullName(by)} is STRICT for the mesh`,
      path: modePath,
      fix: {
        title: 'Use mutual TLS',
        patch: [{ op: 'replace', path: '/spec/trafficPolicy/tls/mode', value: 'ISTIO_MUTUAL' }],
      },
    });
  },
  examples: sameInAmbient('istio-system', [
    positive('the whole mesh', docs(meshRule('DISABLE'), peer('istio-system', 'STRICT')), [
      'DestinationRule istio-system/all spec.trafficPolicy.tls.mode',
    ]),
    negative(
      'a namespace with a policy of its own',
      docs(shopRule('DISABLE'), peer('istio-system', 'STRICT'), peer('shop', 'PERMISSIVE')),
    ),
  ]),
});

type Words = {
  code: string;
  title: string;
  scope: 'mesh' | 'namespace';
  wants: 'mutual' | 'disabled';
};

/** A PeerAuthentication whose DestinationRule is missing or says the opposite. */
function pairRule({ code, title, scope, wants }: Words) {
  const isMesh = scope === 'mesh';
  const name = isMesh ? 'istio-system' : 'shop';
  const ruleOf = isMesh ? meshRule : shopRule;
  const subjectName = `PeerAuthentication ${name}/default`;
  const isMutualWanted = wants === 'mutual';
  return defineRule({
    id: code,
    code,
    severity: 'error',
    title,
    explanation: isMutualWanted
      ? `A PeerAuthentication for the whole ${scope} is STRICT, and no DestinationRule for it makes callers use mutual TLS. It is told only where auto mTLS is off: with it callers choose mutual TLS by themselves.`
      : `A PeerAuthentication turns mutual TLS off for the whole ${scope}, and a DestinationRule makes its callers use it. In ambient mode \`DISABLE\` means PERMISSIVE, so nothing is told there.`,
    howToFix: isMutualWanted
      ? 'Add the DestinationRule (mode ISTIO_MUTUAL), or turn auto mTLS on.'
      : 'Set the DestinationRule to DISABLE, or remove both.',
    cause: isMutualWanted
      ? 'Servers take mutual TLS alone, and callers are not told to use it.'
      : 'Callers use mutual TLS, and servers take plain text alone.',
    consequence: `Calls in the ${scope} fail: the connection is reset.`,
    kinds: ['PeerAuthentication'],
    reads,
    check: (subject, view, report) => {
      const { namespace } = subject;
      if (!isNamespaceWide(subject) || (namespace === rootNamespaceOf(view)) !== isMesh) return;
      if (isAmbientNamespace(view, namespace)) return;
      const own = view.lookup(wideRules, isMesh ? '*' : namespace);
      const wide = isMesh ? [] : view.lookup(wideRules, '*');
      if (isMutualWanted) {
        if (modeOf(subject) !== 'STRICT' || isAutoMtls(view)) return;
        if ([...own, ...wide].some(({ spec }) => isMutual(clientMode(spec)))) return;
        report({
          message: `PeerAuthentication ${fullName(subject)} is STRICT, and no DestinationRule of the ${scope} uses mutual TLS`,
          path: ['spec', 'mtls'],
        });
        return;
      }
      if (modeOf(subject) !== 'DISABLE') return;
      if (own.some(({ spec }) => clientMode(spec) === 'DISABLE')) return;
      const [by] = [...own, ...wide].filter(({ spec }) => isMutual(clientMode(spec)));
      if (!by) return;
      report({
        message: `PeerAuthentication ${fullName(subject)} turns mutual TLS off, and DestinationRule ${fullName(by)} uses it`,
        path: ['spec', 'mtls'],
      });
    },
    examples: isMutualWanted
      ? [
          positive('no DestinationRule', peer(name, 'STRICT'), [`${subjectName} spec.mtls`], off),
          negative(
            'one that uses mutual TLS',
            docs(peer(name, 'STRICT'), ruleOf('ISTIO_MUTUAL')),
            [],
            off,
          ),
          negative('auto mTLS', peer(name, 'STRICT')),
          ambient(
            'ztunnel uses mutual TLS by itself',
            docs(ambientNamespace(name), peer(name, 'STRICT')),
            [],
            off,
          ),
        ]
      : [
          positive('callers use mutual TLS', docs(peer(name, 'DISABLE'), ruleOf('ISTIO_MUTUAL')), [
            `${subjectName} spec.mtls`,
          ]),
          negative('both are off', docs(peer(name, 'DISABLE'), ruleOf('DISABLE'))),
          ambient(
            'DISABLE does not turn ztunnel off',
            docs(ambientNamespace(name), peer(name, 'DISABLE'), ruleOf('ISTIO_MUTUAL')),
          ),
        ],
  });
}

export const meshPairMissing = pairRule({
  code: 'KIA0401',
  title: 'Mesh-wide DestinationRule with mutual TLS is missing',
  scope: 'mesh',
  wants: 'mutual',
});
export const namespacePairMissing = pairRule({
  code: 'KIA0501',
  title: 'DestinationRule with mutual TLS for the namespace is missing',
  scope: 'namespace',
  wants: 'mutual',
});
export const namespaceDisableMissing = pairRule({
  code: 'KIA0505',
  title: 'DestinationRule that turns mutual TLS off for the namespace is missing',
  scope: 'namespace',
  wants: 'disabled',
});
export const meshDisableMissing = pairRule({
  code: 'KIA0506',
  title: 'DestinationRule that turns mutual TLS off for the mesh is missing',
  scope: 'mesh',
  wants: 'disabled',
});
