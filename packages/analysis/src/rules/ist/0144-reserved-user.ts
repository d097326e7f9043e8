import { isControlPlane } from '../../istio/ownership.ts';
import { proxyContainer } from '../../istio/in-mesh.ts';
import type { PodSpec } from '../../kubernetes.ts';
import { defineRule } from '../../rule.ts';
import type { Path } from '../../resource.ts';

const reserved = 1337;

const nowhere: readonly Path[] = [];

function places({ securityContext, containers = [] }: PodSpec): readonly Path[] {
  let found: Path[] | undefined;
  if (securityContext?.runAsUser === reserved) found = [['securityContext', 'runAsUser']];
  for (let at = 0; at < containers.length; at += 1) {
    const container = containers[at];
    if (container?.securityContext?.runAsUser !== reserved) continue;
    if (container.name === proxyContainer || container.name === 'istio-operator') continue;
    (found ??= []).push(['containers', at, 'securityContext', 'runAsUser']);
  }
  return found ?? nowhere;
}

export const reservedUser = defineRule({
  id: 'IST0144/workload',
  code: 'IST0144',
  severity: 'warning',
  title: "Application runs as the sidecar's user",
  explanation:
    'Traffic of user 1337 is that of the sidecar, and is not redirected, so that it does not come back to it. An application that runs as that user is taken for the sidecar.',
  howToFix: 'Run the application as any other user.',
  cause: 'runAsUser is 1337, which is reserved for the sidecar.',
  consequence:
    "The application's traffic bypasses the sidecar: no mTLS, no policies, no telemetry.",
  kinds: ['Pod', 'Deployment'],
  reads: [],
  check: (subject, _view, report) => {
    const isPod = subject.kind === 'Pod';
    const found = places(isPod ? subject.spec : (subject.spec.template?.spec ?? {}));
    if (found.length === 0 || isControlPlane(subject.labels)) return;
    const root: Path = isPod ? ['spec'] : ['spec', 'template', 'spec'];
    for (const place of found) {
      report({
        message: `${subject.kind} ${subject.name} runs an application as user ${reserved}, which is the sidecar's`,
        istioText: '',
        path: [...root, ...place],
      });
    }
  },
  examples: [
    {
      title: 'a Pod by its security context, a Deployment by that of a container',
      aspect: 'positive',
      yaml: `
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  securityContext:
    runAsUser: 1337
  containers: [{name: web, image: web}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {spec: {containers: [{name: web, securityContext: {runAsUser: 1337}}]}}}
`,
      expect: [
        { resource: 'Pod shop/web', path: 'spec.securityContext.runAsUser', line: 7 },
        {
          resource: 'Deployment shop/web',
          path: 'spec.template.spec.containers[0].securityContext.runAsUser',
        },
      ],
    },
    {
      title: 'the sidecar itself, and a part of Istio',
      aspect: 'negative',
      yaml: `
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  containers:
  - {name: web, image: web, securityContext: {runAsUser: 1000}}
  - {name: istio-proxy, image: proxyv2, securityContext: {runAsUser: 1337}}
---
apiVersion: v1
kind: Pod
metadata: {name: gateway, namespace: istio-system, labels: {istio: ingressgateway}}
spec: {securityContext: {runAsUser: 1337}, containers: [{name: proxy}]}
`,
      expect: [],
    },
  ],
});
