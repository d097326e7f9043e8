import * as languages from './pool-languages.ts';
import * as pools from './pools.ts';
import { repeated } from './sweep.ts';
import type { Sweep } from './sweep.ts';

const route = { route: [{ destination: { host: 'b' } }] };
const http = (more: object): Record<string, unknown> => ({
  hosts: ['a'],
  http: [{ ...route, ...more }],
});
export const routeSweeps: Sweep[] = [
  {
    kind: 'VirtualService',
    language: 'regex',
    values: languages.regexes,
    spec: (v) => http({ match: [{ uri: { regex: v } }] }),
  },
  {
    kind: 'VirtualService',
    language: 'header',
    values: languages.headerValues,
    spec: (v) => http({ headers: { request: { set: { a: v } } } }),
  },
  {
    kind: 'VirtualService',
    language: 'label',
    values: pools.headers,
    spec: (v) =>
      http({ headers: { request: { add: { [String(v)]: 'x' } }, response: { remove: [v] } } }),
  },
  {
    kind: 'VirtualService',
    values: pools.headers,
    spec: (v) => http({ match: [{ headers: { [String(v)]: { exact: 'x' } } }] }),
  },
  {
    kind: 'VirtualService',
    values: pools.headers,
    spec: (v) => http({ corsPolicy: { allowHeaders: [v], exposeHeaders: [v] } }),
  },
  {
    kind: 'VirtualService',
    language: 'host',
    values: pools.hosts,
    spec: (v) => ({ ...http({}), hosts: [v] }),
  },
  {
    kind: 'VirtualService',
    language: 'host',
    values: pools.hosts,
    spec: (v) => ({ ...http({}), hosts: [v, '*.example.com'], gateways: ['g'] }),
  },
  {
    kind: 'VirtualService',
    language: 'host',
    values: pools.hosts,
    spec: (v) => ({
      hosts: ['*.example.com', 'mesh'],
      tls: [{ ...route, match: [{ sniHosts: [v] }] }],
    }),
  },
  {
    kind: 'VirtualService',
    language: 'host',
    values: pools.hosts,
    spec: (v) => ({
      hosts: ['*.example.com'],
      gateways: ['mesh'],
      tls: [{ ...route, match: [{ sniHosts: [v] }] }],
    }),
  },
  {
    kind: 'VirtualService',
    language: 'host',
    values: [...pools.names, ...pools.hosts],
    spec: (v) => ({ ...http({}), gateways: [v, 'x/y'] }),
  },
  {
    kind: 'VirtualService',
    language: 'host',
    values: pools.hosts,
    spec: (v) => ({ hosts: ['a'], http: [{ route: [{ destination: { host: v, subset: v } }] }] }),
  },
  {
    kind: 'VirtualService',
    language: 'duration',
    values: pools.durations,
    spec: (v) => http({ timeout: v, corsPolicy: { maxAge: v } }),
  },
  {
    kind: 'VirtualService',
    values: pools.policies,
    spec: (v) => http({ retries: { attempts: 1, retryOn: v } }),
  },
  {
    kind: 'VirtualService',
    values: pools.numbers,
    spec: (v) => http({ directResponse: { status: v } }),
  },
  {
    kind: 'VirtualService',
    values: pools.numbers,
    spec: (v) => http({ fault: { abort: { httpStatus: v, percentage: { value: v } } } }),
  },
  {
    kind: 'VirtualService',
    values: repeated([102_400, 102_401, 1_048_576, 1_048_577]),
    spec: (v) => ({
      hosts: ['a'],
      http: [{ directResponse: { status: 200, body: { string: v } } }],
    }),
  },
  {
    kind: 'VirtualService',
    values: [':authority', 'host', 'Host', 'x'],
    spec: (v) =>
      http({
        rewrite: { authority: 'a' },
        headers: { request: { set: { [String(v)]: 'b' }, add: { host: 'c' } } },
      }),
  },
];
