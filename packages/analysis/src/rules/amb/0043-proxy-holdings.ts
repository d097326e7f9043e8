import { isAmbient } from '../../facts/ambient.ts';
import { hasSidecar, isGateway } from '../../facts/workloads.ts';
import { isPodInAmbient, redirection } from '../../istio/ambient.ts';
import type { ProxyFault } from '../../observed.ts';
import { fullName, type Resource } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { defineIndex, type View } from '../../view.ts';
import { ambient, ambientNamespace, docs, negative, positive } from '../shared/example.ts';

const nodeKey = (cluster: string, node: string): string => `${cluster} node ${node}`;
const podKey = (cluster: string, namespace: string, name: string): string =>
  `${cluster} pod ${namespace}/${name}`;

/** Faults of proxies: of a ztunnel by its node, of a sidecar by its pod. */
const faults = defineIndex({
  name: 'faults of proxies by node or pod',
  kinds: ['ProxyFault'],
  keys: ({ spec }) => [
    spec.of === 'ztunnel'
      ? nodeKey(spec.cluster, spec.node)
      : podKey(spec.cluster, spec.namespace, spec.pod),
  ],
});

const faultsOf = (view: View, key: string): ProxyFault[] =>
  view.lookup(faults, key).map(({ spec }) => spec);

const isCarried = (view: View, pod: Resource<'Pod'>): boolean =>
  isPodInAmbient(pod) && isAmbient(view, pod.namespace, pod.labels);

const cluster = 'east';
const app = (name: string, more = '', containers = '{name: app, image: app}'): string =>
  `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop${more}}
spec: {nodeName: one, serviceAccountName: ${name}, containers: [${containers}]}
`;
const redirected = `, annotations: {${redirection}: enabled}`;
const isAmbientShop = ambientNamespace('shop');
const inEast = (...documents: string[]) => ({ yamlOfClusters: { [cluster]: docs(...documents) } });
const ztunnel = (more: Partial<ProxyFault>): ProxyFault => ({
  of: 'ztunnel',
  cluster,
  namespace: 'istio-system',
  pod: 'ztunnel-1',
  node: 'one',
  misses: [],
  expired: [],
  ...more,
});
const ended = {
  identity: 'spiffe://cluster.local/ns/shop/sa/web',
  expiresAt: Date.UTC(2026, 0, 1),
};
const sidecar = ztunnel({
  of: 'sidecar',
  namespace: 'shop',
  pod: 'web',
  expired: [ended],
});
const proxied = '{name: app, image: app}, {name: istio-proxy, image: "istio/proxyv2:1.31.0"}';

/** A pod that istio-cni redirected, and that the ztunnel of its node does not know. */
export const notCarried = defineRule({
  id: 'AMB0043',
  code: 'AMB0043',
  severity: 'error',
  title: 'ztunnel does not carry the pod',
  explanation:
    'The traffic of the pod is redirected, and the ztunnel of its node, asked twice in a row, does not have it among the workloads it carries: istio-cni and ztunnel do not agree about it. It is told only where the agent reads the admin interface of ztunnel.',
  howToFix:
    'Restart the pod; Ambit does by the button Repair on the page Enrolment (`npx ambit enrolment repair`). If it is missed again, look at the logs of istio-cni and ztunnel of its node.',
  cause: 'The ztunnel of its node does not know the pod, though istio-cni redirected it.',
  consequence: 'It is in the mesh by its labels alone: connections fail, or pass without mTLS.',
  kinds: ['Pod'],
  reads: ['Namespace', 'ProxyFault'],
  parity: 'never',
  check: (subject, view, report) => {
    if (hasSidecar(subject) || isGateway(subject)) return;
    const key = nodeKey(subject.cluster, subject.spec.nodeName ?? '');
    const name = fullName(subject);
    const fault = faultsOf(view, key).find(({ misses }) => misses.includes(name));
    if (!fault || !isCarried(view, subject)) return;
    report({
      message: `Pod ${name} is redirected, and ${fault.pod} of node ${fault.node} does not carry it`,
    });
  },
  examples: [
    positive('two looks did not find it', isAmbientShop, ['Pod shop/web'], {
      ...inEast(app('web', redirected), app('other', redirected)),
      faults: [ztunnel({ misses: ['shop/web'] })],
    }),
    negative('nothing is known against it', isAmbientShop, [], inEast(app('web', redirected))),
    negative('a ztunnel of the same node name in another cluster', isAmbientShop, [], {
      ...inEast(app('web', redirected)),
      faults: [ztunnel({ cluster: 'west', misses: ['shop/web'] })],
    }),
    ambient('a pod that left ambient mode meanwhile', isAmbientShop, [], {
      ...inEast(app('web', `${redirected}, labels: {istio.io/dataplane-mode: none}`)),
      faults: [ztunnel({ misses: ['shop/web'] })],
    }),
  ],
});

/** A pod whose proxy, or the ztunnel of its node, holds a certificate of it that has ended. */
export const workloadCertificateExpired = defineRule({
  id: 'AMB0044',
  code: 'AMB0044',
  severity: 'error',
  title: 'The certificate of the workload has ended',
  explanation:
    'Proxies renew the certificates of workloads long before they end. The sidecar of the pod, or the ztunnel of its node, showed one that was over when it was read: it was not renewed. It is told only where the agent reads the admin interface of proxies.',
  howToFix:
    'See whether the proxy reaches istiod and whether istiod signs (its log, the CA of the mesh). A sidecar is helped by a restart of its pod (`npx ambit enrolment repair`); ztunnel asks again by itself once istiod signs.',
  cause: 'The proxy did not get a new certificate in time.',
  consequence: 'Whoever demands mTLS refuses the connections of the pod.',
  kinds: ['Pod'],
  reads: ['Namespace', 'ProxyFault'],
  parity: 'never',
  check: (subject, view, report) => {
    const { cluster: of, namespace, name, spec } = subject;
    const own = hasSidecar(subject) || isGateway(subject);
    const key = own ? podKey(of, namespace, name) : nodeKey(of, spec.nodeName ?? '');
    const identity = `/ns/${namespace}/sa/${spec.serviceAccountName ?? 'default'}`;
    for (const fault of faultsOf(view, key)) {
      const found = fault.expired.find((one) => one.identity.endsWith(identity));
      if (!found || (!own && !isCarried(view, subject))) continue;
      const at = new Date(found.expiresAt).toISOString();
      report({
        message: `The certificate of Pod ${fullName(subject)} that ${fault.pod} holds ended on ${at}`,
      });
      return;
    }
  },
  examples: [
    positive('of a sidecar', isAmbientShop, ['Pod shop/web'], {
      ...inEast(app('web', '', proxied), app('other', '', proxied)),
      faults: [sidecar],
    }),
    negative('no proxy shows one that is over', isAmbientShop, [], inEast(app('web', redirected))),
    positive('of a ztunnel, for one of two identities', isAmbientShop, ['Pod shop/web'], {
      ...inEast(app('web', redirected), app('other', redirected)),
      faults: [ztunnel({ expired: [ended] })],
    }),
    ambient('a pod on that node that is not redirected', isAmbientShop, [], {
      ...inEast(app('web')),
      faults: [ztunnel({ expired: [ended] })],
    }),
  ],
});
