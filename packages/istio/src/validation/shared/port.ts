import { isDnsLabel } from './host.ts';
import { show } from './json.ts';

export function portProblem(port: number | undefined): string | undefined {
  const number = port ?? 0;
  return number >= 1 && number <= 65535 ? undefined : `${number} is no port: it must be 1 to 65535`;
}

export function portNameProblem(name: string | undefined): string | undefined {
  if (isDnsLabel(name ?? '')) return undefined;
  return name ? `${show(name)} is no port name: a DNS label is needed` : 'a port name is needed';
}

const http = ['http', 'http2', 'http_proxy', 'grpc', 'grpc-web'];
const tls = ['https', 'tls'];
const known = new Set([...http, ...tls, 'tcp', 'udp', 'mongo', 'redis', 'mysql']);

export type Protocol = {
  name: string;
  isKnown: boolean;
  isHttp: boolean;
  isTls: boolean;
  isTcp: boolean;
};

/** The protocol of a port as Istio reads it; upper and lower case are the same. */
export function parseProtocol(text: string | undefined): Protocol {
  const name = (text ?? '').toLowerCase();
  return {
    name,
    isKnown: known.has(name),
    isHttp: http.includes(name),
    isTls: tls.includes(name),
    isTcp: ['tcp', 'https', 'tls', 'mongo', 'redis', 'mysql'].includes(name),
  };
}

/** An unknown protocol; none at all means that Istio detects it. */
export function protocolProblem(text: string | undefined): string | undefined {
  if (!text || parseProtocol(text).isKnown) return undefined;
  return `${show(text)} is no protocol that Istio knows; use HTTP, HTTPS, HTTP2, GRPC, GRPC-WEB, TLS, TCP, MONGO, MYSQL or REDIS`;
}

/** A socket path: absolute, or abstract ("@name"). */
export function unixAddressProblem(address: string): string | undefined {
  if (address === '') return 'a path is needed after unix://';
  if (address.startsWith('@')) return undefined;
  return address.startsWith('/') && !address.endsWith('/')
    ? undefined
    : `${show(address)} is no absolute path of a socket`;
}

export const unixPrefix = 'unix://';
