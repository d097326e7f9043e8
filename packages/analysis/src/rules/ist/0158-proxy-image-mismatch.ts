import { proxyContainer } from '../../istio/in-mesh.ts';
import { hasInjector, injectedImage, injectionKey, revisionKey } from '../../istio/injection.ts';
import { imageType } from '../../istio/image-type.ts';
import { defineRule } from '../../rule.ts';

const shown = 5;

export const proxyImageMismatch = defineRule({
  id: 'IST0158/namespace',
  code: 'IST0158',
  severity: 'warning',
  title: 'Sidecars with another image than the injector gives',
  explanation:
    "Pods of the namespace run a proxy of another image than the injector's configuration says: they were made before the last upgrade. Pods that name an image themselves are left out, and variants (`-distroless`) that a ProxyConfig, an annotation or the mesh asks for are right.",
  howToFix:
    'Restart the workloads of the namespace (`kubectl rollout restart deployment -n NAMESPACE`).',
  cause: 'The pods are older than the configuration of the injector.',
  consequence:
    'Proxies of an older version serve traffic: fixes of the new version are missing there.',
  kinds: ['Namespace'],
  reads: ['Pod', 'ConfigMap', 'MeshConfig', 'ProxyConfig'],
  check: (subject, view, report) => {
    const { name, labels } = subject;
    const revision =
      labels[revisionKey] ?? (labels[injectionKey] === 'enabled' ? 'default' : undefined);
    if (revision === undefined || !hasInjector(view)) return;
    const image = view.derive(injectedImage, revision);
    if (image === undefined) return;
    const pods: string[] = [];
    for (const pod of view.inNamespace('Pod', name)) {
      if (pod.annotations['sidecar.istio.io/proxyImage']) continue;
      const { containers = [], initContainers = [] } = pod.spec;
      const proxies = [...containers, ...initContainers].filter(
        (container) => container.name === proxyContainer,
      );
      if (proxies.length === 0) continue;
      const variant = `${image}-${imageType(pod, view)}`;
      for (const proxy of proxies) {
        if ((proxy.image ?? '') !== image && proxy.image !== variant) pods.push(pod.name);
      }
    }
    if (pods.length === 0) return;
    const names = pods.sort().slice(0, shown).join(', ');
    const more = pods.length > shown ? ` and ${pods.length - shown} more` : '';
    report({
      message: `Pods of namespace ${name} have another proxy than ${image}: ${names}${more}`,
    });
  },
  examples: [
    {
      title: 'a pod from before the upgrade',
      aspect: 'positive',
      yaml: `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: istio-sidecar-injector, namespace: istio-system}
data:
  values: '{"global": {"hub": "docker.io/istio", "tag": "1.31.0", "proxy": {"image": "proxyv2"}}}'
---
apiVersion: v1
kind: Pod
metadata: {name: old, namespace: shop}
spec: {containers: [{name: istio-proxy, image: "docker.io/istio/proxyv2:1.30.0"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: new, namespace: shop}
spec: {containers: [{name: istio-proxy, image: "docker.io/istio/proxyv2:1.31.0"}]}
`,
      expect: [{ resource: 'Namespace shop', message: ': old' }],
    },
    {
      title: 'a variant that a ProxyConfig asks for, and a pod with an image of its own',
      aspect: 'negative',
      yaml: `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio.io/rev: canary}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: istio-sidecar-injector-canary, namespace: istio-system}
data:
  values: '{"global": {"hub": "docker.io/istio", "tag": "1.31.0", "proxy": {"image": "proxyv2"}}}'
---
apiVersion: networking.istio.io/v1beta1
kind: ProxyConfig
metadata: {name: small, namespace: shop}
spec: {image: {imageType: distroless}}
---
apiVersion: v1
kind: Pod
metadata: {name: small, namespace: shop}
spec: {containers: [{name: istio-proxy, image: "docker.io/istio/proxyv2:1.31.0-distroless"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: own, namespace: shop, annotations: {sidecar.istio.io/proxyImage: mine}}
spec: {containers: [{name: istio-proxy, image: mine}]}
`,
      expect: [],
    },
  ],
});
