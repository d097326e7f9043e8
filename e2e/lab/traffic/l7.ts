import assert from 'node:assert/strict';
import { countBy, echoed, type Outcome } from '@ambit/lab/testing/caller';
import { echoPort } from '@ambit/lab/testing/workloads';
import { logsOf, namespace, urlOf, waypoint, type Traffic } from './ground.ts';
import { tokenIssuer } from './token.ts';

/** One thing that a waypoint does, the objects that ask for it, and real requests that show it. */
export interface Feature {
  name: string;
  objects: object[];
  /** Throws until it works. */
  works: (traffic: Traffic) => Promise<void>;
}

const meta = (name: string) => ({ name, namespace });
const host = (name: string): string => `${name}.${namespace}.svc.cluster.local`;
const parentOf = (name: string) => [{ group: '', kind: 'Service', name, port: echoPort }];
const to = (name: string, weight?: number) => ({
  name,
  port: echoPort,
  ...(weight === undefined ? {} : { weight }),
});
const version = (outcome: Outcome): string =>
  echoed(outcome, 'ServiceVersion') ?? `${outcome.status}`;

const httpRoute = (name: string, rules: object[]) => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata: meta(name),
  spec: { parentRefs: parentOf(name), rules },
});

const virtualService = (name: string, http: object) => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: meta(name),
  spec: {
    hosts: [host(name)],
    http: [{ route: [{ destination: { host: host(name), port: { number: echoPort } } }], ...http }],
  },
});

const destinationRule = (name: string, trafficPolicy: object) => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'DestinationRule',
  metadata: meta(name),
  spec: { host: host(name), trafficPolicy },
});

const authorizationPolicy = (name: string, rules: object[]) => ({
  apiVersion: 'security.istio.io/v1',
  kind: 'AuthorizationPolicy',
  metadata: meta(name),
  spec: { targetRefs: [{ group: '', kind: 'Service', name }], action: 'ALLOW', rules },
});

const routing: Feature = {
  name: 'header and path routing, and a weight split',
  objects: [
    httpRoute('routed', [
      { matches: [{ headers: [{ name: 'x-want', value: 'v2' }] }], backendRefs: [to('v2')] },
      {
        matches: [{ path: { type: 'PathPrefix', value: '/second' } }],
        backendRefs: [to('v2')],
      },
      { backendRefs: [to('v1', 80), to('v2', 20)] },
    ]),
  ],
  works: async ({ client }) => {
    const byHeader = await client.send({ url: urlOf('routed'), headers: { 'x-want': 'v2' } }, 10);
    assert.deepEqual(countBy(byHeader, version), { v2: 10 });
    const byPath = await client.send({ url: urlOf('routed', '/second/page') }, 10);
    assert.deepEqual(countBy(byPath, version), { v2: 10 });
    const { v1 = 0, v2 = 0 } = countBy(
      await client.send({ url: urlOf('routed') }, 300, 4),
      version,
    );
    assert.equal(v1 + v2, 300);
    assert.ok(v2 > 30 && v2 < 95, `20 % of 300 were asked for, ${v2} came`);
  },
};

const retry: Feature = {
  name: 'retry',
  objects: [
    virtualService('retried', { retries: { attempts: 4, perTryTimeout: '2s', retryOn: '5xx' } }),
  ],
  works: async ({ client }) => {
    const good = async (name: string): Promise<number> => {
      const outcomes = await client.send({ url: urlOf(name, '/?codes=503:50,200:50') }, 60, 4);
      return outcomes.filter(({ status }) => status === 200).length;
    };
    const [without, retried] = [await good('plain'), await good('retried')];
    assert.ok(without < 48, `half of the answers fail, and ${without} of 60 came back well`);
    assert.ok(retried > 48, `with retries ${retried} of 60 came back well`);
  },
};

const timeout: Feature = {
  name: 'timeout',
  objects: [httpRoute('hurried', [{ timeouts: { request: '300ms' }, backendRefs: [to('v1')] }])],
  works: async ({ client }) => {
    const late = await client.one({ url: urlOf('hurried', '/?delay=5s') });
    assert.equal(late.status, 504);
    assert.ok(late.ms < 4_000, `it took ${late.ms} ms`);
    assert.equal((await client.one({ url: urlOf('hurried') })).status, 200);
  },
};

const fault: Feature = {
  name: 'fault injection',
  objects: [
    virtualService('faulty', {
      fault: {
        abort: { httpStatus: 418, percentage: { value: 100 } },
        delay: { fixedDelay: '400ms', percentage: { value: 100 } },
      },
    }),
  ],
  works: async ({ client }) => {
    const outcome = await client.one({ url: urlOf('faulty') });
    assert.equal(outcome.status, 418);
    assert.ok(outcome.ms >= 400, `it took ${outcome.ms} ms`);
  },
};

const mirror: Feature = {
  name: 'mirror',
  objects: [
    httpRoute('mirrored', [
      {
        filters: [{ type: 'RequestMirror', requestMirror: { backendRef: to('v2') } }],
        backendRefs: [to('v1')],
      },
    ]),
  ],
  works: async ({ client, kubectl }) => {
    const path = `/seen-twice-${Date.now()}`;
    const outcomes = await client.send({ url: urlOf('mirrored', path) }, 3);
    assert.deepEqual(countBy(outcomes, version), { v1: 3 });
    assert.ok((await logsOf(kubectl, 'echo-v2')).includes(path), 'v2 saw no copy');
  },
};

const headerEdits: Feature = {
  name: 'header edits',
  objects: [
    httpRoute('edited', [
      {
        filters: [
          {
            type: 'RequestHeaderModifier',
            requestHeaderModifier: {
              set: [{ name: 'x-set', value: 'by-waypoint' }],
              remove: ['x-gone'],
            },
          },
          {
            type: 'ResponseHeaderModifier',
            responseHeaderModifier: { add: [{ name: 'x-added', value: 'by-waypoint' }] },
          },
        ],
        backendRefs: [to('v1')],
      },
    ]),
  ],
  works: async ({ client }) => {
    const { body = '', headers } = await client.one({
      url: urlOf('edited'),
      headers: { 'x-gone': 'yes', 'x-kept': 'yes' },
    });
    assert.match(body, /RequestHeader=X-Set:by-waypoint/);
    assert.match(body, /RequestHeader=X-Kept:yes/);
    assert.doesNotMatch(body, /X-Gone/);
    assert.deepEqual(headers?.['X-Added'], ['by-waypoint']);
  },
};

const issuer = tokenIssuer('https://tokens.lab');
const stranger = tokenIssuer(issuer.issuer);

const jwt: Feature = {
  name: 'JWT',
  objects: [
    {
      apiVersion: 'security.istio.io/v1',
      kind: 'RequestAuthentication',
      metadata: meta('signed'),
      spec: {
        targetRefs: [{ group: '', kind: 'Service', name: 'signed' }],
        jwtRules: [{ issuer: issuer.issuer, jwks: issuer.jwks }],
      },
    },
    authorizationPolicy('signed', [
      { from: [{ source: { requestPrincipals: [`${issuer.issuer}/*`] } }] },
    ]),
  ],
  works: async ({ client }) => {
    const status = async (token?: string): Promise<number> =>
      (
        await client.one({
          url: urlOf('signed'),
          headers: token ? { authorization: `Bearer ${token}` } : {},
        })
      ).status;
    assert.equal(await status(), 403);
    assert.equal(await status(stranger.token('a stranger')), 401);
    assert.equal(await status(issuer.token('a customer')), 200);
  },
};

const authorization: Feature = {
  name: 'L7 authorization by principal',
  objects: [
    authorizationPolicy('guarded', [
      {
        from: [{ source: { principals: [`cluster.local/ns/${namespace}/sa/client`] } }],
        to: [{ operation: { methods: ['GET'] } }],
      },
    ]),
  ],
  works: async ({ client, other }) => {
    assert.equal((await client.one({ url: urlOf('guarded') })).status, 200);
    assert.equal((await client.one({ url: urlOf('guarded'), method: 'POST' })).status, 403);
    assert.equal((await other.one({ url: urlOf('guarded') })).status, 403);
  },
};

const circuitBreaking: Feature = {
  name: 'circuit breaking',
  objects: [
    destinationRule('narrow', {
      connectionPool: {
        tcp: { maxConnections: 1 },
        http: { http1MaxPendingRequests: 1, http2MaxRequests: 1 },
      },
    }),
  ],
  works: async ({ client }) => {
    const outcomes = await client.send({ url: urlOf('narrow', '/?delay=500ms') }, 16, 16);
    const counts = countBy(outcomes, ({ status, headers }) =>
      headers?.['X-Envoy-Overloaded'] ? 'overloaded' : `${status}`,
    );
    assert.ok((counts['overloaded'] ?? 0) > 0 && (counts['200'] ?? 0) > 0, JSON.stringify(counts));
  },
};

const outlierEjection: Feature = {
  name: 'outlier ejection',
  objects: [
    destinationRule('mixed', {
      outlierDetection: {
        consecutive5xxErrors: 2,
        interval: '500ms',
        baseEjectionTime: '180s',
        maxEjectionPercent: 50,
      },
    }),
  ],
  works: async ({ client }) => {
    const outcomes = await client.send({ url: urlOf('mixed') }, 30, 2);
    assert.deepEqual(countBy(outcomes, version), { whole: 30 });
  },
};

const allOf = { default_value: { numerator: 100, denominator: 'HUNDRED' } };
const bucket = (tokens: number, seconds: number) => ({
  max_tokens: tokens,
  tokens_per_fill: tokens,
  fill_interval: `${seconds}s`,
});

const rateLimit: Feature = {
  name: 'local rate limit',
  objects: [
    {
      apiVersion: 'networking.istio.io/v1alpha3',
      kind: 'EnvoyFilter',
      metadata: meta('limited'),
      spec: {
        targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: waypoint }],
        configPatches: [
          {
            applyTo: 'HTTP_FILTER',
            match: {
              context: 'SIDECAR_INBOUND',
              listener: {
                filterChain: {
                  filter: {
                    name: 'envoy.filters.network.http_connection_manager',
                    subFilter: { name: 'envoy.filters.http.router' },
                  },
                },
              },
            },
            patch: {
              operation: 'INSERT_BEFORE',
              value: {
                name: 'envoy.filters.http.local_ratelimit',
                typed_config: {
                  '@type':
                    'type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit',
                  stat_prefix: 'limited',
                  token_bucket: bucket(1_000_000, 1),
                  filter_enabled: allOf,
                  filter_enforced: allOf,
                  descriptors: [
                    {
                      entries: [{ key: 'header_match', value: 'limited' }],
                      token_bucket: bucket(5, 600),
                    },
                  ],
                  rate_limits: [
                    {
                      actions: [
                        {
                          header_value_match: {
                            descriptor_value: 'limited',
                            headers: [{ name: ':authority', string_match: { prefix: 'limited' } }],
                          },
                        },
                      ],
                    },
                  ],
                },
              },
            },
          },
        ],
      },
    },
  ],
  works: async ({ client }) => {
    const limited = countBy(
      await client.send({ url: urlOf('limited') }, 20),
      (each) => `${each.status}`,
    );
    assert.ok((limited['429'] ?? 0) >= 15, JSON.stringify(limited));
    assert.equal((await client.one({ url: urlOf('logged') })).status, 200);
  },
};

const accessLog: Feature = {
  name: 'access log',
  objects: [
    {
      apiVersion: 'telemetry.istio.io/v1',
      kind: 'Telemetry',
      metadata: meta('logged'),
      spec: {
        targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: waypoint }],
        accessLogging: [{ providers: [{ name: 'envoy' }] }],
      },
    },
  ],
  works: async ({ client, kubectl }) => {
    const path = `/logged-${Date.now()}`;
    assert.equal((await client.one({ url: urlOf('logged', path) })).status, 200);
    await untilLogged(kubectl, path);
  },
};

/** Envoy writes its access log once a second. */
async function untilLogged(kubectl: Traffic['kubectl'], path: string): Promise<void> {
  let line: string | undefined;
  for (let looks = 0; looks < 10 && !line; looks++) {
    const text = await logsOf(kubectl, waypoint);
    line = text.split('\n').find((each) => each.includes(path));
  }
  assert.match(line ?? 'the waypoint logged no such request', /"GET \/logged-\d+ HTTP\/1.1" 200/);
}

/** Every L7 feature that the product promises through a waypoint. */
export const features: Feature[] = [
  routing,
  retry,
  timeout,
  fault,
  mirror,
  headerEdits,
  jwt,
  authorization,
  circuitBreaking,
  outlierEjection,
  rateLimit,
  accessLog,
];
