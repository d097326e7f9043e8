import type { Gateway } from '@ambit/istio/validation/generated/types';
import { gatewayOf } from '../../istio/gateway-names.ts';
import { hostsOverlap } from '../../istio/hosts.ts';
import { fullName } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { isInternalGateway } from './0165-internal-gateway.ts';

/** Hosts of a Gateway's server with `.` and `*` before the slash resolved, as Istio's analysis does. */
function serverHosts(hosts: readonly string[], namespace: string): string[] {
  const found: string[] = [];
  for (const host of hosts) {
    const [scope, name = ''] = host.split('/');
    if (!host.includes('/')) found.push(host);
    else if (scope === '.') found.push(`${namespace}/${name}`);
    else if (scope === '*' && name === '*') return ['*'];
    else if (scope === '*') found.push(name);
    else found.push(host);
  }
  return found;
}

/** The hosts of a Gateway that VirtualServices of the namespace may use. */
function hostsFor(gateway: Gateway, gatewayNamespace: string, namespace: string): string[] {
  return (gateway.servers ?? [])
    .flatMap(({ hosts }) => serverHosts(hosts ?? [], gatewayNamespace))
    .flatMap((host) => {
      const slash = host.indexOf('/');
      if (slash < 0) return [host];
      const scope = host.slice(0, slash);
      return scope === namespace || scope === '*' ? [host.slice(slash + 1)] : [];
    });
}

export const hostNotOnGateway = defineRule({
  id: 'IST0132/virtual-service',
  code: 'IST0132',
  severity: 'warning',
  title: 'Gateway does not serve the hosts of the VirtualService',
  explanation:
    'A VirtualService is bound to a Gateway of which no server has any of its hosts for its namespace. A host of a server may be limited to a namespace, `shop/*.example.com`.',
  howToFix:
    'Add the host to a server of the Gateway, or let the VirtualService have a host that the Gateway serves.',
  cause: 'No server of the Gateway has a host that overlaps those of the VirtualService.',
  consequence: 'The routes are not applied at that gateway: requests to it get 404.',
  kinds: ['VirtualService'],
  reads: ['Gateway'],
  check: (subject, view, report) => {
    const { spec, namespace } = subject;
    for (const [index, name] of (spec.gateways ?? []).entries()) {
      if (name === 'mesh' || isInternalGateway(name)) continue;
      const wanted = gatewayOf(namespace, name);
      const gateway = view.get('Gateway', wanted.namespace, wanted.name);
      // A Gateway that does not exist has no hosts either; istioctl says both.
      if (!gateway && !view.parity) continue;
      const served = gateway ? hostsFor(gateway.spec, gateway.namespace, namespace) : [];
      const hosts = spec.hosts ?? [];
      if (served.some((host) => hosts.some((own) => hostsOverlap(host, own)))) continue;
      const path = ['spec', 'gateways', index];
      const has = served.length === 0 ? 'none' : served.join(', ');
      report({
        message: `Gateway ${fullName(wanted)} serves none of the hosts ${hosts.join(', ')} to namespace "${namespace}"; it serves ${has}`,
        istioText: fullName(wanted),
        path,
        istioPath: path,
      });
    }
  },
  examples: [
    {
      title: 'a server that is limited to another namespace',
      aspect: 'positive',
      yaml: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [shop.example.com]
  gateways: [edge/main]
  http: [{route: [{destination: {host: web}}]}]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: main, namespace: edge}
spec:
  selector: {istio: ingress}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["./*.example.com", "blog/shop.example.com"]}]
`,
      expect: [
        {
          resource: 'VirtualService shop/web',
          path: 'spec.gateways[0]',
          message: 'it serves none',
        },
      ],
    },
    {
      title: 'a wildcard for every namespace',
      aspect: 'negative',
      yaml: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [shop.example.com]
  gateways: [edge/main, mesh, not/there]
  http: [{route: [{destination: {host: web}}]}]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: main, namespace: edge}
spec:
  selector: {istio: ingress}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*/*.example.com"]}]
`,
      expect: [],
    },
  ],
});
