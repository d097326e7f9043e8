import { gatewayServicePorts, workloadNamespace } from '../../istio/gateway-workloads.ts';
import { defineRule } from '../../rule.ts';
import { selectorPairs, selectorText } from '../../selector.ts';

export const gatewayPortNotOnService = defineRule({
  id: 'IST0162/gateway',
  code: 'IST0162',
  severity: 'warning',
  title: 'Gateway port is not on the Service of its workload',
  explanation:
    'A server of a Gateway listens on a port to which no TCP port of a Service leads that selects the gateway’s pods, neither as `port` nor as `targetPort`.',
  howToFix: 'Add the port to the Service of the gateway, or let the server use one that is there.',
  cause: 'No Service that selects the gateway’s pods has this port.',
  consequence: 'The port is not reachable through the Service of the gateway.',
  kinds: ['Gateway'],
  reads: ['Pod', 'Service'],
  check: (subject, view, report) => {
    const { selector, servers = [] } = subject.spec;
    if (workloadNamespace(view, selector) === undefined) return;
    const ports = gatewayServicePorts(view, selector);
    for (const [index, { port }] of servers.entries()) {
      const number = port?.number ?? 0;
      if (!port || ports.includes(number)) continue;
      report({
        message: `No Service of the pods with ${selectorText(selector) || 'any labels'} has port ${number}`,
        istioText: String(number),
        path: ['spec', 'servers', index, 'port'],
        istioPath: ['spec', 'selector', selectorPairs(selector)[0]?.[0] ?? ''],
      });
    }
  },
  examples: [
    {
      title: 'a port that the Service does not offer',
      aspect: 'positive',
      yaml: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: main, namespace: edge}
spec:
  selector: {istio: ingress}
  servers:
  - {port: {number: 8443, name: https, protocol: HTTPS}, hosts: ["*"], tls: {mode: PASSTHROUGH}}
---
apiVersion: v1
kind: Pod
metadata: {name: ingress-1, namespace: edge, labels: {istio: ingress}}
---
apiVersion: v1
kind: Service
metadata: {name: ingress, namespace: edge}
spec: {selector: {istio: ingress}, ports: [{port: 80, protocol: TCP, name: http}]}
`,
      expect: [{ resource: 'Gateway edge/main', path: 'spec.servers[0].port' }],
    },
    {
      title: 'the port of the Service and that of the container',
      aspect: 'negative',
      yaml: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: main, namespace: edge}
spec:
  selector: {istio: ingress}
  servers:
  - {port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}
  - {port: {number: 8080, name: http-alt, protocol: HTTP}, hosts: ["*"]}
---
apiVersion: v1
kind: Pod
metadata: {name: ingress-1, namespace: edge, labels: {istio: ingress}}
---
apiVersion: v1
kind: Service
metadata: {name: ingress, namespace: edge}
spec: {selector: {istio: ingress}, ports: [{port: 80, targetPort: 8080, protocol: TCP, name: http}]}
`,
      expect: [],
    },
    {
      title:
        'a Service as people write it: without protocol, and with the name of a port of the pod',
      aspect: 'negative',
      yaml: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: main, namespace: edge}
spec:
  selector: {istio: ingress}
  servers:
  - {port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}
  - {port: {number: 8443, name: https, protocol: HTTPS}, hosts: ["*"], tls: {mode: PASSTHROUGH}}
---
apiVersion: v1
kind: Pod
metadata: {name: ingress-1, namespace: edge, labels: {istio: ingress}}
spec: {containers: [{name: istio-proxy, ports: [{name: tls, containerPort: 8443}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: ingress, namespace: edge}
spec: {selector: {istio: ingress}, ports: [{port: 80, name: http}, {port: 443, name: https, targetPort: tls}]}
`,
      expect: [],
    },
    {
      title: 'a port of the container that has no name, and that no targetPort leads to',
      aspect: 'positive',
      yaml: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: main, namespace: edge}
spec:
  selector: {istio: ingress}
  servers:
  - {port: {number: 8443, name: https, protocol: HTTPS}, hosts: ["*"], tls: {mode: PASSTHROUGH}}
---
apiVersion: v1
kind: Pod
metadata: {name: ingress-1, namespace: edge, labels: {istio: ingress}}
spec: {containers: [{name: istio-proxy, ports: [{containerPort: 8443}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: ingress, namespace: edge}
spec: {selector: {istio: ingress}, ports: [{port: 80, name: http}]}
`,
      expect: [{ resource: 'Gateway edge/main', path: 'spec.servers[0].port' }],
    },
  ],
});
