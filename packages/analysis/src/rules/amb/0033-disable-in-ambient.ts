import { ambientKinds, isAmbient, isAmbientNamespace } from '../../facts/ambient.ts';
import { modeOf } from '../../facts/mtls.ts';
import { podLabels, workloadKinds, workloads } from '../../facts/workloads.ts';
import { fullName } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { isEmptySelector } from '../../selector.ts';
import {
  ambient,
  ambientNamespace,
  doc,
  docs,
  negative,
  pod,
  positive,
  sidecarNamespace,
} from '../shared/example.ts';

const off = (selector = ''): string =>
  doc('PeerAuthentication shop/plain', `spec: {${selector}mtls: {mode: DISABLE}}`);

export const disableInAmbient = defineRule({
  id: 'AMB0033',
  code: 'AMB0033',
  severity: 'warning',
  title: 'Mutual TLS cannot be turned off in ambient mode',
  explanation:
    'ztunnel takes mutual TLS from other members of the mesh in any case. `DISABLE` of a PeerAuthentication means PERMISSIVE there; Istio’s guide for the move to ambient asks to remove it.',
  howToFix: 'Remove the policy, or write PERMISSIVE.',
  cause: 'The pods are in ambient mode, where the mode DISABLE is not known.',
  consequence:
    'Connections between members of the mesh stay encrypted, and plain text is taken as well.',
  kinds: ['PeerAuthentication'],
  reads: [...ambientKinds, ...workloadKinds],
  check: (subject, view, report) => {
    if (modeOf(subject) !== 'DISABLE') return;
    const { namespace } = subject;
    const labels = subject.spec.selector?.matchLabels;
    const found = isEmptySelector(labels) ? [] : workloads(view, labels, namespace);
    const isHere =
      found.length === 0
        ? isAmbientNamespace(view, namespace)
        : found.some((workload) => isAmbient(view, namespace, podLabels(workload)));
    if (!isHere) return;
    report({
      message: `PeerAuthentication ${fullName(subject)} turns mutual TLS off for pods in ambient mode, where it means PERMISSIVE`,
      path: ['spec', 'mtls', 'mode'],
      fix: {
        title: 'Write PERMISSIVE',
        patch: [{ op: 'replace', path: '/spec/mtls/mode', value: 'PERMISSIVE' }],
      },
    });
  },
  examples: [
    positive('for an ambient namespace', docs(ambientNamespace('shop'), off()), [
      'PeerAuthentication shop/plain spec.mtls.mode',
    ]),
    negative('for a namespace with sidecars', docs(sidecarNamespace('shop'), off())),
    ambient(
      'for pods that are not in ambient mode',
      docs(
        ambientNamespace('shop'),
        pod('shop/web', { 'istio.io/dataplane-mode': 'none' }),
        off('selector: {matchLabels: {app: web}}, '),
      ),
    ),
  ],
});
