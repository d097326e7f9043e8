import type { Server } from '@ambit/istio/validation/generated/types';
import { sharePod } from '../../istio/gateway-workloads.ts';
import type { Gateway } from '../../istio/gateway-workloads.ts';
import { fullName } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { selectorText } from '../../selector.ts';
import { defineIndex } from '../../view.ts';
import type { View } from '../../view.ts';

const portOf = (server: Server): number => server.port?.number ?? 0;

/** Of several servers on a port istioctl compares the last one only. */
function serverOn(gateway: Gateway, port: number): Server | undefined {
  return gateway.spec.servers?.findLast((server) => portOf(server) === port);
}

const hostKey = (port: number, bind: string | undefined, host: string): string =>
  `${port} ${bind ?? ''} ${host}`;

const byPortAndHost = defineIndex({
  name: 'gateways by port and host',
  kinds: ['Gateway'],
  keys: (gateway) => {
    const ports = new Set((gateway.spec.servers ?? []).map(portOf));
    return [...ports].flatMap((port) => {
      const server = serverOn(gateway, port);
      return (server?.hosts ?? []).map((host) => hostKey(port, server?.bind, host));
    });
  },
});

/** Whether two gateways are on one workload: the same selector, or one within the other and a pod for both. */
function onOneWorkload(view: View, a: Gateway, b: Gateway): boolean {
  const [textA, textB] = [selectorText(a.spec.selector), selectorText(b.spec.selector)];
  if (textA === textB) return true;
  if (!textA.includes(textB) && !textB.includes(textA)) return false;
  return sharePod(view, a.spec.selector, b.spec.selector);
}

const byPort = defineIndex({
  name: 'gateways by port',
  kinds: ['Gateway'],
  keys: ({ spec }) => (spec.servers ?? []).map((server) => String(portOf(server))),
});

/**
 * Hosts of the server that istioctl takes for hosts of every other gateway on its port too: it adds a server's hosts
 * to those it compares with, and the next server of the same gateway finds them there.
 */
function repeats(servers: Server[], index: number): boolean {
  const server = servers[index] as Server;
  return servers
    .slice(0, index)
    .some(
      (earlier) =>
        portOf(earlier) === portOf(server) &&
        (earlier.bind ?? '') === (server.bind ?? '') &&
        earlier.hosts?.some((host) => server.hosts?.includes(host)),
    );
}

export const conflictingGateways = defineRule({
  id: 'IST0145/gateway',
  code: 'IST0145',
  severity: 'error',
  title: 'Gateways claim the same host and port',
  explanation:
    'Several Gateways on one workload have a server on the same port (and bind address) with the same host.',
  howToFix: 'Merge the servers into one Gateway, or give each its own host, port or workload.',
  cause: 'Another Gateway on the same workload has this host on this port.',
  consequence: 'Which Gateway’s settings apply to the host is undefined; the others are left out.',
  kinds: ['Gateway'],
  reads: ['Pod'],
  check: (subject, view, report) => {
    const servers = subject.spec.servers ?? [];
    for (const [index, server] of servers.entries()) {
      const port = portOf(server);
      const others = new Map<string, Gateway>();
      const candidates =
        view.parity && repeats(servers, index)
          ? view.lookup(byPort, String(port))
          : (server.hosts ?? []).flatMap((host) =>
              view.lookup(byPortAndHost, hostKey(port, server.bind, host)),
            );
      for (const other of candidates) {
        if (other.id !== subject.id && onOneWorkload(view, subject, other)) {
          others.set(fullName(other), other);
        }
      }
      if (others.size === 0) continue;
      const names = [...others.keys()].sort().join(', ');
      report({
        message: `Port ${port} with ${(server.hosts ?? []).join(', ')} is also that of Gateway ${names}`,
        istioText: `${names} ${port} ${(server.hosts ?? []).join(',')}`,
        path: ['spec', 'servers', index],
      });
    }
  },
  examples: [
    {
      title: 'one host in two Gateways, of which one selects more narrowly',
      aspect: 'positive',
      yaml: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: a, namespace: shop}
spec:
  selector: {istio: ingress}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [x.example.com, a.example.com]}]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: b, namespace: blog}
spec:
  selector: {istio: ingress, team: edge}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [x.example.com]}]
---
apiVersion: v1
kind: Pod
metadata: {name: ingress-1, namespace: edge, labels: {istio: ingress, team: edge}}
`,
      expect: [
        { resource: 'Gateway shop/a', path: 'spec.servers[0]', message: 'blog/b' },
        { resource: 'Gateway blog/b', message: 'shop/a' },
      ],
    },
    {
      title: 'another port, another host, another workload',
      aspect: 'negative',
      yaml: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: a, namespace: shop}
spec:
  selector: {istio: ingress}
  servers:
  - {port: {number: 80, name: http, protocol: HTTP}, hosts: [a.example.com]}
  - {port: {number: 8080, name: http-2, protocol: HTTP}, hosts: [b.example.com]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: b, namespace: blog}
spec:
  selector: {istio: ingress}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [b.example.com]}]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: c, namespace: blog}
spec:
  selector: {istio: internal}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [a.example.com]}]
`,
      expect: [],
    },
  ],
});
