import * as fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { builtInCrds } from '@ambit/istio/validation/crd/built-in';

const group = 'gateway.networking.k8s.io';
const text = `
kind: Gateway
spec:
  gatewayClassName: istio
  listeners:
  - {name: http, port: 80, protocol: HTTP, hostname: '*.example.com', allowedRoutes: {namespaces: {from: All}}}
  - {name: https, port: 443, protocol: HTTPS, tls: {mode: Terminate, certificateRefs: [{name: cert}]}}
  - {name: tls, port: 8443, protocol: TLS, tls: {mode: Passthrough}}
  addresses: [{type: IPAddress, value: 10.0.0.1}]
---
kind: HTTPRoute
spec:
  parentRefs: [{name: gateway}, {group: '', kind: Service, name: reviews, port: 80}]
  hostnames: [a.example.com]
  rules:
  - matches:
    - path: {type: PathPrefix, value: /a}
      headers: [{name: x-a, value: b}]
      queryParams: [{name: q, value: c, type: RegularExpression}]
      method: GET
    filters:
    - {type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: a, value: b}], add: [{name: c, value: d}], remove: [e]}}
    - {type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /b}}}
    backendRefs: [{name: b, port: 80, weight: 1}, {name: c, port: 80, weight: 2, filters: [{type: RequestMirror, requestMirror: {backendRef: {name: m, port: 1}}}]}]
    timeouts: {request: 10s, backendRequest: 5s}
  - matches: [{path: {type: Exact, value: /x}}]
    filters: [{type: RequestRedirect, requestRedirect: {scheme: https, statusCode: 301, path: {type: ReplaceFullPath, replaceFullPath: /y}}}]
---
kind: GRPCRoute
spec:
  parentRefs: [{name: gateway, sectionName: https}]
  rules:
  - matches: [{method: {service: a.B, method: C}, headers: [{name: x, value: y}]}]
    backendRefs: [{name: b, port: 80}]
---
kind: TLSRoute
spec:
  hostnames: [a.example.com]
  rules: [{backendRefs: [{name: b, port: 443}]}]
---
kind: TCPRoute
spec:
  parentRefs: [{name: gateway}]
  rules: [{backendRefs: [{name: b, port: 443}]}]
---
kind: ReferenceGrant
spec: {from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: a}], to: [{group: '', kind: Secret, name: x}]}
---
kind: BackendTLSPolicy
spec:
  targetRefs: [{group: '', kind: Service, name: a}]
  validation: {hostname: a.example.com, caCertificateRefs: [{group: '', kind: ConfigMap, name: c}]}
`;
const seeds = parseAllDocuments(text).map(
  (document) => document.toJS() as { kind: string; spec: Json },
);

type Json = { [key: string]: unknown };
type Dice = (limit: number) => number;

const texts = [
  '',
  'a',
  'A_b',
  'a.b',
  '*.a',
  '/x',
  '10s',
  '10.0.0.1',
  'x'.repeat(300),
  'HTTP',
  'Exact',
  'https',
  '5x',
];
const others: unknown[] = [null, 0, -1, 1.5, 65536, true, [], {}, 'x'];
const record = (value: unknown): Json =>
  typeof value === 'object' && value ? (value as Json) : {};

function valueFor(schema: Json, dice: Dice, depth: number): unknown {
  if (dice(15) === 0) return others[dice(others.length)];
  if (Array.isArray(schema['enum']) && dice(6) > 0)
    return schema['enum'][dice(schema['enum'].length)];
  switch (schema['type']) {
    case 'string':
      return texts[dice(texts.length)];
    case 'integer':
      return [0, 1, 80, 301, 65535, 65536, -1][dice(7)];
    case 'boolean':
      return dice(2) === 0;
    case 'array':
      return Array.from({ length: dice(3) }, () =>
        valueFor(record(schema['items']), dice, depth - 1),
      );
    default: {
      const properties = Object.entries(record(schema['properties']));
      const chosen = depth <= 0 ? [] : properties.filter(() => dice(3) === 0);
      return Object.fromEntries(
        chosen.map(([key, inner]) => [key, valueFor(record(inner), dice, depth - 1)]),
      );
    }
  }
}

type Spot = { holder: Json; key: string; schema: Json };

function spots(value: unknown, schema: Json): Spot[] {
  if (Array.isArray(value)) {
    const items = record(schema['items']);
    return value.flatMap((item, index) => [
      { holder: value as unknown as Json, key: String(index), schema: items },
      ...spots(item, items),
    ]);
  }
  if (typeof value !== 'object' || value === null) return [];
  const properties = record(schema['properties']);
  return Object.keys(value).flatMap((key) => [
    { holder: value as Json, key, schema: record(properties[key]) },
    ...spots((value as Json)[key], record(properties[key])),
  ]);
}

function mutate(spec: Json, schema: Json, dice: Dice): void {
  const all = spots(spec, schema);
  const spot = all[dice(Math.max(all.length, 1))];
  if (!spot) return;
  const { holder, key } = spot;
  const choice = dice(8);
  const inner = record(holder[key]);
  const properties = Object.entries(record(spot.schema['properties']));
  if (choice < 3 && properties.length > 0 && !Array.isArray(holder[key])) {
    const [name, next] = properties[dice(properties.length)] ?? ['x', {}];
    inner[name] = valueFor(record(next), dice, 3);
  } else if (choice < 6) holder[key] = valueFor(spot.schema, dice, 3);
  else if (choice === 6) Reflect.deleteProperty(holder, key);
  else if (Array.isArray(holder)) holder.push(structuredClone(holder[Number(key)]));
}

/** Gateway API objects: valid ones with up to three things changed. */
export const gatewayDocuments = fc
  .tuple(
    fc.nat(),
    fc.integer({ min: 0, max: 3 }),
    fc.array(fc.nat(), { minLength: 40, maxLength: 40 }),
  )
  .map(([index, mutations, numbers]) => {
    const seed = seeds[index % seeds.length] as (typeof seeds)[number];
    const crd = builtInCrds.find((entry) => entry.kind === seed.kind && entry.group === group);
    const spec = structuredClone(seed.spec);
    let at = 0;
    const dice: Dice = (limit) => (numbers[at++ % numbers.length] ?? 0) % limit;
    const schema = record(record(crd?.schema['properties'])['spec']);
    for (let count = 0; count < mutations; count += 1) mutate(spec, schema, dice);
    const compact = JSON.parse(JSON.stringify(spec), (_, item: unknown) =>
      Array.isArray(item) ? item.filter((entry) => entry !== undefined) : item,
    ) as Json;
    return {
      apiVersion: `${group}/${crd?.versions[0]}`,
      kind: seed.kind,
      metadata: { name: 't0' },
      spec: compact,
    };
  });
