import { decodeMesh } from '@ambit/istio/validation/mesh';
import { fqdnProblem } from '@ambit/istio/validation/shared/host';
import { isIpAddress } from '@ambit/istio/validation/shared/ip';
import { isPlainObject } from '@ambit/istio/validation/shared/json';
import { parseOne } from '../sources/document.ts';

type Fields = Record<string, unknown>;

type Decoded = { fields: Fields; written: Fields } | { problem: string };

function decode(text: string): Decoded {
  const parsed = parseOne(text);
  if ('problem' in parsed) return { problem: parsed.problem };
  const { value } = parsed;
  if (value !== null && !isPlainObject(value)) return { problem: 'it is no map of settings' };
  const { value: fields, errors } = decodeMesh('ProxyConfig', value);
  const [first] = errors;
  if (first) return { problem: `${first.path.replace(/^\./, '')}: ${first.message}` };
  return { fields, written: value ?? {} };
}

/** What the annotation `proxy.istio.io/config` says that matters elsewhere; undefined when it cannot be read. */
export function readProxyConfig(text: string): { imageType: string } | undefined {
  const decoded = decode(text);
  if ('problem' in decoded) return undefined;
  const { image } = decoded.fields as { image?: { imageType?: string } };
  return { imageType: image?.imageType ?? '' };
}

function addressProblem(address: string): string | undefined {
  const colon = address.lastIndexOf(':');
  const [written, port] = [address.slice(0, Math.max(colon, 0)), address.slice(colon + 1)];
  const host = /^\[(.*)\]$/.exec(written)?.[1] ?? written;
  const isSplit = colon >= 0 && (host !== written || !written.includes(':'));
  if (!isSplit) return `"${address}" is no host and port like collector.example.com:9411`;
  if (!/^\+?\d+$/.test(port) || Number(port) < 1 || Number(port) > 65_535) {
    return `the port of "${address}" is none from 1 to 65535`;
  }
  if (fqdnProblem(host) === undefined || isIpAddress(host)) return undefined;
  return `"${host}" is neither a host name nor an IP address`;
}

/** Fields that hold the defaults unless they are written, and must not be emptied. */
const needed = ['configPath', 'binaryPath', 'serviceCluster', 'discoveryAddress'] as const;

const snake = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const isWritten = (written: Fields, name: string): boolean =>
  (written[name] ?? written[snake(name)] ?? null) !== null;

function* addresses(fields: Fields): Generator<[string, string]> {
  const { discoveryAddress, statsdUdpAddress, envoyMetricsServiceAddress, tracing } = fields as {
    discoveryAddress?: string;
    statsdUdpAddress?: string;
    envoyMetricsServiceAddress?: string;
    tracing?: Record<'zipkin' | 'lightstep' | 'datadog', { address?: string } | undefined>;
  };
  if (discoveryAddress) yield ['discoveryAddress', discoveryAddress];
  for (const name of ['zipkin', 'lightstep', 'datadog'] as const) {
    const tracer = tracing?.[name];
    if (!tracer) continue;
    const address = tracer.address ?? '';
    yield [
      `tracing.${name}.address`,
      name === 'lightstep' ? address : address.replace('$(HOST_IP)', '127.0.0.1'),
    ];
  }
  if (statsdUdpAddress) yield ['statsdUdpAddress', statsdUdpAddress];
  if (envoyMetricsServiceAddress) yield ['envoyMetricsServiceAddress', envoyMetricsServiceAddress];
  for (const name of ['envoyMetricsService', 'envoyAccessLogService'] as const) {
    const { address } = (fields[name] ?? {}) as { address?: string };
    if (address) yield [`${name}.address`, address];
  }
}

const second = 1_000_000_000n;

function drainProblem(duration: unknown): string | undefined {
  if (typeof duration !== 'bigint') return undefined;
  if (duration < 1_000_000n) return 'drainDuration: at least 1ms is needed';
  return duration % second === 0n ? undefined : 'drainDuration: whole seconds are needed';
}

function keyProviderProblem(provider: unknown): string | undefined {
  if (!isPlainObject(provider)) return undefined;
  const { cryptomb, qat } = provider as Record<string, { pollDelay?: bigint } | undefined>;
  const chosen = cryptomb ?? qat;
  if (!chosen) return 'privateKeyProvider: cryptomb or qat is needed';
  return chosen.pollDelay ? undefined : 'privateKeyProvider: a pollDelay is needed';
}

/**
 * Why istiod refuses the text of the annotation `proxy.istio.io/config`; undefined when it takes it. As
 * `ValidateMeshConfigProxyConfig` of Istio, but for the TLS settings of tracing.
 */
export function proxyConfigProblem(text: string): string | undefined {
  const decoded = decode(text);
  if ('problem' in decoded) return decoded.problem;
  const { fields, written } = decoded;
  for (const name of needed) {
    if (isWritten(written, name) && fields[name] === undefined)
      return `${name}: it must not be empty`;
  }
  for (const name of ['proxyAdminPort', 'statusPort'] as const) {
    const port = Number(fields[name] ?? (isWritten(written, name) ? 0 : 1));
    if (port < 1 || port > 65_535) return `${name}: a port from 1 to 65535 is needed`;
  }
  for (const [name, address] of addresses(fields)) {
    const problem = addressProblem(address);
    if (problem !== undefined) return `${name}: ${problem}`;
  }
  const { tracing } = fields as { tracing?: { lightstep?: { accessToken?: string } } };
  if (tracing?.lightstep && !tracing.lightstep.accessToken) {
    return 'tracing.lightstep: an accessToken is needed';
  }
  return drainProblem(fields['drainDuration']) ?? keyProviderProblem(fields['privateKeyProvider']);
}
