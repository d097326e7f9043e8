import type { ServicePort } from '../kubernetes.ts';

const protocols = new Set(
  'tcp udp grpc grpc-web http http_proxy http2 https tls mongo redis mysql'.split(' '),
);

const ofKubernetes = new Set(['kubernetes.io/h2c', 'kubernetes.io/ws', 'kubernetes.io/wss']);

/** Ports whose servers speak first, so that Istio never guesses: SMTP, DNS, MySQL, MongoDB. */
const neverSniffed = new Set([25, 53, 3306, 27_017]);

/** Whether Istio knows the protocol of a Service's port without looking at the traffic. */
export function hasKnownProtocol(port: ServicePort): boolean {
  if (port.protocol === 'UDP') return true;
  const { appProtocol } = port;
  const declared = appProtocol ?? undefined;
  if (declared !== undefined && ofKubernetes.has(declared)) return true;
  const name = (declared ?? port.name ?? '').toLowerCase();
  if (name.startsWith('grpc-web')) return true;
  return protocols.has(name.split('-')[0] ?? '') || neverSniffed.has(port.port ?? 0);
}
