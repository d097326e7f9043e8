import { mayHavePod, workloadKinds } from '../../facts/workloads.ts';
import { sharePod, workloadNamespace } from '../../istio/gateway-workloads.ts';
import type { Gateway } from '../../istio/gateway-workloads.ts';
import { defineRule } from '../../rule.ts';
import { selectorPairs, selectorText } from '../../selector.ts';
import type { View } from '../../view.ts';

/**
 * istioctl looks for gateways on the same workload among those that have servers, itself too, and takes a Gateway
 * without servers that shares no workload with others for one that selects nothing.
 */
function hasNoFellow(gateway: Gateway, view: View): boolean {
  const { servers = [], selector } = gateway.spec;
  const own = selectorText(selector);
  if (servers.length > 0 || own === '') return false;
  return !view.list('Gateway').some(({ spec }) => {
    if ((spec.servers ?? []).length === 0) return false;
    const other = selectorText(spec.selector);
    if (other === own) return true;
    return (other.includes(own) || own.includes(other)) && sharePod(view, selector, spec.selector);
  });
}

/** A file may leave the namespace of pods open: istioctl then takes it that no pod was found. */
function findsNoWorkload(gateway: Gateway, view: View): boolean {
  const namespace = workloadNamespace(view, gateway.spec.selector);
  if (namespace === undefined) return !mayHavePod(view, gateway.spec.selector);
  return view.parity && (namespace === '' || hasNoFellow(gateway, view));
}

export const gatewaySelector = defineRule({
  id: 'IST0101/gateway-selector',
  code: 'IST0101',
  severity: 'error',
  title: 'Gateway selects no workload',
  explanation:
    'No pod has the labels of a Gateway’s selector. The selector is matched in all namespaces.',
  howToFix:
    'Correct the selector (`kubectl get pods -A -l istio=ingressgateway` shows the labels of the usual gateway), or deploy the gateway.',
  cause: 'No pod in any namespace has the labels of spec.selector.',
  consequence: 'The Gateway is configured nowhere: its hosts are not served.',
  kinds: ['Gateway'],
  reads: ['Gateway', ...workloadKinds],
  check: (subject, view, report) => {
    if (!findsNoWorkload(subject, view)) return;
    const text = selectorText(subject.spec.selector);
    const [first] = selectorPairs(subject.spec.selector);
    report({
      message: text === '' ? 'There is no pod for the Gateway' : `No pod has the labels ${text}`,
      istioText: '',
      path: ['spec', 'selector'],
      istioPath: ['spec', 'selector', first?.[0] ?? ''],
    });
  },
  examples: [
    {
      title: 'a label that no pod has',
      aspect: 'positive',
      yaml: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: main, namespace: edge}
spec:
  selector: {istio: ingres}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]
---
apiVersion: v1
kind: Pod
metadata: {name: ingress-1, namespace: edge, labels: {istio: ingress}}
`,
      expect: [{ resource: 'Gateway edge/main', path: 'spec.selector', line: 6 }],
    },
    {
      title: 'a pod in another namespace',
      aspect: 'negative',
      yaml: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: main, namespace: shop}
spec:
  selector: {istio: ingress}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]
---
apiVersion: v1
kind: Pod
metadata: {name: ingress-1, namespace: edge, labels: {istio: ingress, app: gateway}}
`,
      expect: [],
    },
  ],
});
