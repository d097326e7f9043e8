import { servicesWithSeveralPorts, targetPortOf } from '../../istio/services-of-deployment.ts';
import { defineRule } from '../../rule.ts';
import { fullName } from '../../resource.ts';

export const servicesWithConflictingPorts = defineRule({
  id: 'IST0137/deployment',
  code: 'IST0137',
  severity: 'warning',
  title: 'Services send different ports to one port of a Deployment',
  explanation:
    'Services that select the pods of this Deployment forward different ports of theirs to one target port. A sidecar has one inbound listener for the target port, and takes the settings of one of the Services for it.',
  howToFix:
    'Let the Services use the same port for the target port, or give each a target port of its own.',
  cause: 'Several service ports lead to one target port.',
  consequence: 'The sidecar takes the settings of one Service for the traffic of all.',
  kinds: ['Deployment'],
  reads: ['Service', 'Namespace'],
  check: (subject, view, report) => {
    const services = servicesWithSeveralPorts(subject, view);
    if (services.length === 0) return;
    const byTarget = new Map<string, Map<number, string>>();
    for (const service of services) {
      for (const port of service.spec.ports ?? []) {
        const target = targetPortOf(port);
        const names = byTarget.get(target) ?? new Map<number, string>();
        byTarget.set(target, names.set(port.port ?? 0, fullName(service)));
      }
    }
    for (const [target, names] of byTarget) {
      if (names.size < 2) continue;
      const list = [...names].map(([port, name]) => `${port} of ${name}`).join(', ');
      report({
        message: `Target port ${target} of Deployment ${fullName(subject)} is reached by ports ${list}`,
        istioText: target,
        key: target,
        istioPath: ['metadata', 'name'],
      });
    }
  },
  examples: [
    {
      title: 'ports 80 and 8080 of two Services lead to one target port',
      aspect: 'positive',
      yaml: `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {metadata: {labels: {app: web, sidecar.istio.io/inject: "true"}}}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, name: http, targetPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: web-direct, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 8080, name: http}]}
`,
      expect: [{ resource: 'Deployment shop/web', message: 'Target port 8080' }],
    },
    {
      title: 'each port has its own target',
      aspect: 'negative',
      yaml: `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {metadata: {labels: {app: web, sidecar.istio.io/inject: "true"}}}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, name: http, targetPort: web}]}
---
apiVersion: v1
kind: Service
metadata: {name: web-direct, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 8080, name: http}]}
`,
      expect: [],
    },
    {
      title: 'a waypoint, and pods without a sidecar',
      aspect: 'ambient',
      yaml: `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio.io/dataplane-mode: ambient}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: waypoint, namespace: shop, labels: {gateway.istio.io/managed: istio.io-mesh-controller}}
spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: istio-proxy, image: proxyv2}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, name: http, targetPort: 8080}, {port: 8080, name: http-b}]}
`,
      expect: [],
    },
  ],
});
