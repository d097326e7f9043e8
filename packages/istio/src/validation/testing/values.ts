import type { Field, Schema } from '../decode/schema.ts';
import { fuzzed } from './fuzz.ts';
import type { Language } from './fuzz.ts';
import * as languages from './pool-languages.ts';
import * as pools from './pools.ts';

/** A stream of decisions; each call takes the next number below `limit`. */
export type Dice = (limit: number) => number;

export const pick = <Value>(dice: Dice, values: readonly Value[]): Value =>
  values[dice(values.length)] as Value;

const byName: [RegExp, readonly unknown[]][] = [
  [/^(hosts?|sniHosts|notHosts|authority|domains?)$/i, pools.hosts],
  [/^(targetHost|address)$/, [...pools.hosts, ...pools.addresses]],
  [
    /(addresses|subnets|ipBlocks|bind|defaultEndpoint)$/i,
    [
      ...pools.addresses,
      '127.0.0.1:80',
      ':80',
      '[::1]:80',
      '0.0.0.0:0',
      '10.1.1.1:80',
      'x:80',
      '127.0.0.1',
      '[::]:99999',
      '::1:80',
      '127.0.0.1:x',
      '127.0.0.1:+80',
    ],
  ],
  [/^(regex|proxyVersion)$/, languages.regexes],
  [/^(match)$/, languages.regexes],
  [/^protocol$/, pools.protocols],
  [/^(url|jwksUri)$/, languages.urls],
  [/^expression$/, languages.expressions],
  [/^jwks$/, languages.jwks],
  [/^retryOn$/, pools.policies],
  [/^key$/, pools.conditions],
  [/(principals|serviceAccounts|trustDomains|namespaces)$/i, pools.principals],
  [/paths$/i, pools.paths],
  [/ports$/i, ['80', '0', '65536', 'x', '', '-1', '007']],
  [/^cipherSuites$/, pools.ciphers],
  [/^(from|to|failoverPriority|locality)$/, pools.localities],
  [/^(exportTo|gateways)$/, [...pools.names, 'foo.bar.svc.cluster.local', 'ns/gw', '.']],
  [/headers?$/i, pools.headers],
  [/^remove$/, pools.headers],
  [/methods$/i, ['GET', 'POST', 'get', '*', '', 'NOPE']],
  [/^(scheme)$/, ['http', 'https', 'HTTP', 'HTTPS', '', 'ftp']],
  [/^grpcStatus$/, ['UNAVAILABLE', 'nope', '', 'OK', 'unavailable']],
  [
    /^credentialName$/,
    [
      'cert',
      'configmap://default/x',
      'configmap://other/x',
      'configmap://x',
      '',
      'kubernetes://x',
      'configmap:///x',
      'configmap://default/',
    ],
  ],
  [/^sha256$/, ['a'.repeat(64), 'A'.repeat(64), 'a'.repeat(63), '']],
  [/^kind$/, ['Gateway', 'Service', 'ServiceEntry', 'GatewayClass', 'Pod', '']],
  [/^group$/, ['gateway.networking.k8s.io', 'networking.istio.io', 'core', '', 'apps']],
  [
    /^(audiences|fromParams|fromCookies|values|notValues)$/,
    ['x', '', '10.0.0.1', '10.0.0.0/8', '80', 'ns/sa', 'a*b'],
  ],
];

const languageOf: [RegExp, Language][] = [
  [/^(regex|proxyVersion|match)$/, 'regex'],
  [/^(hosts?|sniHosts|targetHost|gateways)$/, 'host'],
  [/^(url|jwksUri)$/, 'url'],
  [/^expression$/, 'cel'],
  [/^(address|addresses|destinationSubnets|ipBlocks|bind)$/, 'ip'],
  [/paths$/i, 'path'],
];

function text(dice: Dice, name: string): unknown {
  const language = languageOf.find(([pattern]) => pattern.test(name))?.[1];
  if (language && dice(3) === 0) return fuzzed(dice, language);
  const known = byName.find(([pattern]) => pattern.test(name))?.[1];
  return pick(dice, known && dice(8) > 0 ? known : [...pools.names, ...pools.labels]);
}

function mapKey(dice: Dice, field: Field): string {
  if (field.mapKey === 'u') return String(pick(dice, [80, 0, 65536, 'x', '-1', ' 8', 443]));
  if (/headers|^(set|add)$/i.test(field.name)) return pick(dice, pools.headers);
  if (field.name === 'ports') return pick(dice, ['http', 'https', 'tcp', 'Bad_', '']);
  if (dice(6) === 0) return fuzzed(dice, 'label');
  return field.name === 'to' ? pick(dice, pools.localities) : pick(dice, pools.labels);
}

function scalar(schema: Schema, dice: Dice, field: Field, depth: number): unknown {
  switch (field.kind) {
    case 'm':
      return message(schema, dice, field.type, depth - 1, field.name);
    case 'e': {
      const values = [...schema.enum(field.type).byName.keys()];
      return dice(12) === 0 ? pick(dice, ['NOPE', 0, 3, 99, '1', true]) : pick(dice, values);
    }
    case 's':
      return /^(set|add)$/.test(field.name)
        ? dice(2) === 0
          ? fuzzed(dice, 'header')
          : pick(dice, languages.headerValues)
        : text(dice, field.name);
    case 'b':
      return dice(15) === 0 ? 'true' : dice(2) === 0;
    case 'y':
      return pick(dice, ['AAAA', 'AA==', '', 'x', [1, 2], [300]]);
    default:
      return pick(
        dice,
        /port|number/i.test(field.name) ? [80, 443, 0, 65535, 65536, 8080] : pools.numbers,
      );
  }
}

/** A value for a field as the table describes it; not often a valid one, but never far from it. */
export function fieldValue(schema: Schema, dice: Dice, field: Field, depth: number): unknown {
  if (field.shape === 'list') {
    return Array.from({ length: dice(3) + (dice(6) === 0 ? 0 : 1) }, () =>
      scalar(schema, dice, field, depth),
    );
  }
  if (field.shape === 'one') return scalar(schema, dice, field, depth);
  const entries = Array.from({ length: dice(3) }, (): [string, unknown] => [
    mapKey(dice, field),
    scalar(schema, dice, field, depth),
  ]);
  return Object.fromEntries(entries);
}

/** A value for a message of the table, `depth` levels deep. */
export function message(
  schema: Schema,
  dice: Dice,
  type: number,
  depth: number,
  name: string,
): unknown {
  const { name: full, ordered } = schema.message(type);
  if (full === 'google.protobuf.Duration') {
    return dice(4) === 0 ? fuzzed(dice, 'duration') : pick(dice, pools.durations);
  }
  if (full.startsWith('google.protobuf.') && ordered[0] && full.endsWith('Value')) {
    return full === 'google.protobuf.Value'
      ? 1
      : scalar(schema, dice, { ...ordered[0], name }, depth);
  }
  if (full === 'google.protobuf.Struct')
    return pick(dice, [
      {},
      { a: 1 },
      { name: 'x' },
      { name: 'x', bogus: 1 },
      { typed_config: { '@type': 'x' } },
      null,
    ]);
  if (full === 'google.protobuf.Any') return anyValue(schema, dice, depth);
  if (depth <= 0) return {};
  const fields = ordered.filter(() => dice(Math.max(2, ordered.length >> 1)) === 0);
  return Object.fromEntries(
    fields.map((field) => [field.name, fieldValue(schema, dice, field, depth)]),
  );
}

const anyTypes = [
  'envoy.extensions.filters.http.lua.v3.Lua',
  'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy',
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
  'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
  'google.protobuf.Duration',
  'google.protobuf.Struct',
  'envoy.config.filter.http.lua.v2.Lua',
  'stats.PluginConfig',
  'xds.type.v3.TypedStruct',
  'udpa.type.v1.TypedStruct',
  'envoy.api.v2.Cluster',
  'nope.Nope',
];

function anyValue(schema: Schema, dice: Dice, depth: number): unknown {
  const name = pick(dice, anyTypes);
  const type = schema.find(name);
  const inner = type === undefined ? {} : message(schema, dice, type, depth - 1, 'value');
  const body =
    typeof inner === 'object' && inner !== null && !name.startsWith('google.')
      ? inner
      : { value: inner };
  return { '@type': `${pick(dice, ['type.googleapis.com/', '', 'x/y/'])}${name}`, ...body };
}
