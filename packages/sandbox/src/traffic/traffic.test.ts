import { describe, expect, test } from 'vitest';
import type { Cache } from '../client/cache.ts';
import { boundCondition } from '../istio/waypoint-binding.ts';
import type { KindId, KindMap } from '../kinds.ts';
import type { Pod } from '../objects.ts';
import { shopServices } from '../shop/services.ts';
import { made, readyPod, viewOf } from '../testing/world.ts';
import { isAllowed, isStrict, valueMatches, type Access } from './authorization.ts';
import { durationMs, hostOf, routeRequest, type RequestFacts } from './routing.ts';
import { createTraffic } from './traffic.ts';
import type { Peer, WorldFaults } from './world.ts';

const faultless: WorldFaults = {
  isBroken: () => false,
  isExpired: () => false,
  isSlow: () => false,
  isFailing: () => false,
};
type Mode = 'none' | 'sidecar' | 'ambient';

/** The shop with every pod ready, enrolled in a way, under some policies. */
function shop(
  mode: Mode,
  more: Partial<{ [K in KindId]: KindMap[K][] }> = {},
  waypoint = false,
): Cache {
  const enrol = {
    sidecar: mode === 'sidecar',
    ...(mode === 'ambient' ? { annotations: { 'ambient.istio.io/redirection': 'enabled' } } : {}),
  };
  const pods: Pod[] = [
    readyPod('visitors-0', { labels: { app: 'visitors' }, account: 'visitors', ...enrol }),
  ];
  const bound = [{ type: boundCondition, status: 'True' as const, reason: 'WaypointAccepted' }];
  const services = shopServices.map(({ name, port, protocol }) =>
    made('services', {
      metadata: { name, labels: waypoint ? { 'istio.io/use-waypoint': 'waypoint' } : {} },
      spec: { selector: { app: name }, ports: [{ name: protocol, port }] },
      ...(waypoint ? { status: { conditions: bound } } : {}),
    }),
  );
  let last = 1;
  for (const { name, versions } of shopServices) {
    for (const { version } of versions) {
      last++;
      const labels = { app: name, version };
      pods.push(
        readyPod(`${name}-${version}`, { labels, account: name, ip: `10.244.1.${last}`, ...enrol }),
      );
    }
  }
  if (mode === 'ambient') {
    pods.push(readyPod('ztunnel-0', { namespace: 'istio-system', labels: { app: 'ztunnel' } }));
  }
  if (waypoint) {
    const labels = { 'gateway.networking.k8s.io/gateway-name': 'waypoint' };
    pods.push(readyPod('waypoint-0', { labels, account: 'waypoint' }));
  }
  return viewOf({ ...more, pods: [...pods, ...(more.pods ?? [])], services });
}

function simulate(view: Cache, seconds = 30, faults = faultless, seed = 7) {
  const traffic = createTraffic({ view: () => view, faults, seed, everyMs: 1e9, now: () => 0 });
  const outcomes = traffic.simulate(seconds);
  const text = traffic.metrics(null);
  traffic.close();
  return { outcomes, text, failed: outcomes.filter(({ code }) => code >= 400).length };
}

/** The sum of a counter over the series that hold all of some texts. */
const count = (text: string, name: string, ...having: string[]): number =>
  text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) && having.every((part) => line.includes(part)))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
const requests = (text: string, ...having: string[]) =>
  count(text, 'istio_requests_total', ...having);

const to = (name: string) => `destination_service_name="${name}"`;
const spec = <K extends KindId>(
  kind: K,
  name: string,
  body: object,
  namespace = 'shop',
): KindMap[K] => made(kind, { metadata: { name, namespace }, spec: body });

describe('telemetry', () => {
  test('pods outside of the mesh tell nothing', () => {
    const { outcomes, text } = simulate(shop('none'));
    expect(outcomes).toHaveLength(240);
    expect(text).not.toContain('istio_');
  });

  test('the same seed gives the same numbers, another one gives others', () => {
    const [one, two] = [shop('sidecar'), shop('sidecar')];
    expect(simulate(one).text).toBe(simulate(two).text);
    expect(simulate(one, 30, faultless, 8).text).not.toBe(simulate(two).text);
  });

  test("sidecars count a request at both ends, with Istio's labels", () => {
    const { text } = simulate(shop('sidecar'));
    const source = requests(text, 'reporter="source"', to('catalogue'));
    expect(source).toBeGreaterThan(200);
    expect(requests(text, 'reporter="destination"', to('catalogue'))).toBe(source);
    expect(
      requests(
        text,
        'connection_security_policy="mutual_tls"',
        'source_principal="spiffe://cluster.local/ns/shop/sa/front"',
      ),
    ).toBeGreaterThan(0);
    expect(
      requests(text, 'request_protocol="grpc"', 'grpc_response_status="0"', to('currency')),
    ).toBeGreaterThan(0);
    expect(count(text, 'istio_tcp_connections_opened_total', to('orders-db'))).toBeGreaterThan(0);
    expect(
      count(
        text,
        'istio_request_duration_milliseconds_count',
        to('catalogue'),
        'reporter="source"',
      ),
    ).toBe(source);
  });

  test('histograms grow from bucket to bucket', () => {
    const { text } = simulate(shop('sidecar'), 5);
    const buckets = text
      .split('\n')
      .filter(
        (line) =>
          line.startsWith('istio_request_duration_milliseconds_bucket') &&
          line.includes(to('payment')) &&
          line.includes('"source"') &&
          line.includes('response_code="200"'),
      );
    const values = buckets.map((line) => Number(line.split(' ').at(-1)));
    expect(values).toHaveLength(20);
    expect(values).toEqual([...values].sort((a, b) => a - b));
  });

  test('payment fails about three in a hundred', () => {
    const { text } = simulate(shop('sidecar'), 600);
    const all = requests(text, 'reporter="destination"', to('payment'));
    const share =
      requests(text, 'reporter="destination"', to('payment'), 'response_code="500"') / all;
    expect(share).toBeGreaterThan(0.01);
    expect(share).toBeLessThan(0.06);
  });

  test('ambient L4 counts connections at ztunnel, and no requests', () => {
    const { text } = simulate(shop('ambient'));
    expect(requests(text)).toBe(0);
    expect(
      count(text, 'istio_tcp_sent_bytes_total', 'reporter="source"', 'pod="ztunnel-0"'),
    ).toBeGreaterThan(0);
  });

  test('a waypoint times requests, and apart from that what it waited for servers', () => {
    const { text } = simulate(shop('ambient', {}, true));
    const took = (part: string) => count(text, `envoy_http_downstream_rq_time_${part}`);
    const waited = (part: string) => count(text, `envoy_cluster_external_upstream_rq_time_${part}`);
    expect(took('count')).toBeGreaterThan(0);
    expect(took('count')).toBe(requests(text, 'reporter="waypoint"'));
    expect(waited('count')).toBeLessThanOrEqual(took('count'));
    expect((took('sum') - waited('sum')) / took('count')).toBeCloseTo(1.2, 1);
  });

  test('a waypoint counts requests, and without its pod nothing passes', () => {
    const { text, failed } = simulate(shop('ambient', {}, true));
    expect(
      requests(text, 'reporter="waypoint"', 'pod="waypoint-0"', to('catalogue')),
    ).toBeGreaterThan(0);
    expect(failed).toBeLessThan(20);
    const view = shop('ambient', {}, true);
    view.remove('pods', view.get('pods', 'shop', 'waypoint-0')!);
    const without = simulate(view);
    expect(without.failed).toBe(without.outcomes.length);
    expect(
      count(without.text, 'istio_tcp_connections_opened_total', 'response_flags="CONNECT"'),
    ).toBeGreaterThan(0);
  });
});

describe('rules', () => {
  const subsets = spec('destinationrules.networking.istio.io', 'catalogue', {
    host: 'catalogue',
    subsets: ['v1', 'v2'].map((version) => ({ name: version, labels: { version } })),
  });
  const virtual = (http: object[]) =>
    spec('virtualservices.networking.istio.io', 'catalogue', { hosts: ['catalogue'], http });
  const route = (subset: string, weight = 100) => ({
    destination: { host: 'catalogue', subset },
    weight,
  });
  const withRules = (http: object[]) =>
    simulate(
      shop('sidecar', {
        'virtualservices.networking.istio.io': [virtual(http)],
        'destinationrules.networking.istio.io': [subsets],
      }),
      60,
    );
  const version = (name: string) => `destination_version="${name}"`;

  test('weights of a VirtualService', () => {
    const { text } = withRules([{ route: [route('v1', 90), route('v2', 10)] }]);
    const share =
      requests(text, 'reporter="source"', to('catalogue'), version('v2')) /
      requests(text, 'reporter="source"', to('catalogue'));
    expect(share).toBeGreaterThan(0.06);
    expect(share).toBeLessThan(0.14);
  });

  test('a header sends only some', () => {
    const { text } = withRules([
      { match: [{ headers: { 'end-user': { exact: 'jason' } } }], route: [route('v2')] },
      { route: [route('v1')] },
    ]);
    const second = requests(text, 'reporter="source"', to('catalogue'), version('v2'));
    expect(second).toBeGreaterThan(10);
    expect(second).toBeLessThan(0.2 * requests(text, 'reporter="source"', to('catalogue')));
  });

  test('faults abort and delay', () => {
    const { text } = withRules([
      { fault: { abort: { httpStatus: 418, percentage: { value: 50 } } }, route: [route('v1')] },
    ]);
    const aborted = requests(text, to('catalogue'), 'response_code="418"', 'response_flags="FI"');
    expect(aborted).toBeGreaterThan(100);
    expect(requests(text, 'reporter="destination"', to('catalogue'), 'response_code="418"')).toBe(
      0,
    );
    const slow = withRules([{ fault: { delay: { fixedDelay: '2s' } }, route: [route('v1')] }]);
    expect(requests(slow.text, to('catalogue'), 'response_flags="DI"')).toBeGreaterThan(100);
    expect(Math.min(...slow.outcomes.map(({ ms }) => ms))).toBeGreaterThan(2_000);
  });

  test('a timeout ends what takes too long', () => {
    const { text } = withRules([{ timeout: '1ms', route: [route('v1')] }]);
    expect(
      requests(text, to('catalogue'), 'response_code="504"', 'response_flags="UT"'),
    ).toBeGreaterThan(100);
  });

  test('a subset that is not defined, or has no pod, gives 503', () => {
    const { text } = withRules([{ route: [route('v3')] }]);
    expect(
      requests(
        text,
        'reporter="source"',
        to('catalogue'),
        'response_flags="NC,URX"',
        'response_code="503"',
      ),
    ).toBeGreaterThan(100);
  });

  test('retries hide failures when they cover them', () => {
    const payment = (retries: object) =>
      spec('virtualservices.networking.istio.io', 'payment', {
        hosts: ['payment'],
        http: [{ retries, route: [{ destination: { host: 'payment' } }] }],
      });
    const failing = (retries: object) => {
      const { text } = simulate(
        shop('sidecar', { 'virtualservices.networking.istio.io': [payment(retries)] }),
        300,
      );
      return requests(text, 'reporter="source"', to('payment'), 'response_code="500"');
    };
    expect(failing({ attempts: 0 })).toBeGreaterThan(0);
    expect(failing({ attempts: 3, retryOn: '5xx' })).toBe(0);
  });

  test('an HTTPRoute splits through a waypoint, and a sidecarless pod without one does not see it', () => {
    const split = spec('httproutes.gateway.networking.k8s.io', 'recommendations', {
      parentRefs: [{ group: '', kind: 'Service', name: 'recommendations' }],
      rules: [
        {
          backendRefs: [
            { name: 'mail', port: 8080, weight: 1 },
            { name: 'recommendations', port: 8080, weight: 0 },
          ],
        },
      ],
    });
    const more = { 'httproutes.gateway.networking.k8s.io': [split] };
    const through = simulate(shop('ambient', more, true)).text;
    expect(requests(through, 'reporter="waypoint"', to('recommendations'))).toBe(0);
    const past = simulate(shop('ambient', more)).text;
    expect(
      count(
        past,
        'istio_tcp_connections_opened_total',
        'reporter="destination"',
        to('recommendations'),
      ),
    ).toBeGreaterThan(0);
  });

  test('STRICT cuts callers in plain text, and only them', () => {
    const strict = {
      'peerauthentications.security.istio.io': [
        spec('peerauthentications.security.istio.io', 'default', { mtls: { mode: 'STRICT' } }),
      ],
    };
    expect(simulate(shop('sidecar', strict)).failed).toBeLessThan(20);
    const view = shop('sidecar', strict);
    view.remove('pods', view.get('pods', 'shop', 'visitors-0')!);
    view.put('pods', readyPod('visitors-1', { labels: { app: 'visitors' } }));
    const { failed, outcomes } = simulate(view);
    expect(failed).toBe(outcomes.length);
  });

  test('a policy that denies answers 403 at a sidecar, and closes the connection at ztunnel', () => {
    const deny = {
      'authorizationpolicies.security.istio.io': [
        spec('authorizationpolicies.security.istio.io', 'no-front', {
          action: 'DENY',
          selector: { matchLabels: { app: 'catalogue' } },
          rules: [{ from: [{ source: { principals: ['cluster.local/ns/shop/sa/front'] } }] }],
        }),
      ],
    };
    const { text } = simulate(shop('sidecar', deny));
    expect(
      requests(
        text,
        'reporter="destination"',
        to('catalogue'),
        'response_code="403"',
        'source_workload="front-v1"',
      ),
    ).toBeGreaterThan(50);
    const ambient = simulate(shop('ambient', deny)).text;
    expect(
      count(
        ambient,
        'istio_tcp_connections_opened_total',
        to('catalogue'),
        'response_flags="DENY"',
      ),
    ).toBeGreaterThan(50);
  });

  test('an expired certificate and a broken node cut their connections', () => {
    const expired = { ...faultless, isExpired: (target: string) => target === 'shop/cart' };
    const { text } = simulate(shop('sidecar'), 30, expired);
    expect(
      requests(text, 'reporter="source"', to('cart'), 'response_flags="UF,URX"'),
    ).toBeGreaterThan(10);
    expect(requests(text, 'reporter="destination"', to('cart'))).toBe(0);
    const broken = simulate(shop('sidecar'), 5, { ...faultless, isBroken: () => true });
    expect(broken.outcomes).toEqual([]);
  });

  test('a slow service takes its callers along, a failing one fails half', () => {
    const one = (target: string) => target === 'shop/catalogue';
    const usual = simulate(shop('sidecar'), 20).outcomes;
    const slow = simulate(shop('sidecar'), 20, { ...faultless, isSlow: one }).outcomes;
    const most = (outcomes: typeof usual) => Math.max(...outcomes.map(({ ms }) => ms));
    expect(most(slow)).toBeGreaterThan(most(usual) + 1_500);
    const { text } = simulate(shop('sidecar'), 30, { ...faultless, isFailing: one });
    const told = (code: string) =>
      requests(text, 'reporter="destination"', to('catalogue'), `response_code="${code}"`);
    const share = told('500') / (told('500') + told('200'));
    expect(share).toBeGreaterThan(0.4);
    expect(share).toBeLessThan(0.6);
  });
});

describe('routing', () => {
  const request = (more: Partial<RequestFacts> = {}): RequestFacts => ({
    method: 'GET',
    path: '/products/1',
    headers: {},
    sourceLabels: {},
    port: 8080,
    ...more,
  });
  const service = { namespace: 'shop', name: 'web' };

  test.each([
    ['1.5s', 1500],
    ['200ms', 200],
    ['1m30s', 90_000],
    ['0s', undefined],
    [undefined, undefined],
  ])('a duration of %s is %s ms', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  test.each([
    ['web', 'shop'],
    ['web.shop', 'shop'],
    ['web.other.svc.cluster.local', 'other'],
  ])('host %s is of %s', (host, namespace) => {
    expect(hostOf(host, 'shop')).toEqual({ name: 'web', namespace });
  });

  test.each([
    [{ path: { type: 'PathPrefix', value: '/products' } }, true],
    [{ path: { type: 'PathPrefix', value: '/prod' } }, false],
    [{ path: { type: 'Exact', value: '/products/1' } }, true],
    [{ path: { type: 'RegularExpression', value: '/products/[0-9]+' } }, true],
    [{ path: { type: 'RegularExpression', value: '(' } }, false],
    [{ method: 'POST' }, false],
    [{ headers: [{ name: 'X-Beta', value: '1' }] }, false],
  ])('an HTTPRoute match of %j: %s', (match, fits) => {
    const route = spec('httproutes.gateway.networking.k8s.io', 'r', {
      parentRefs: [{ kind: 'Service', name: 'web' }],
      rules: [{ matches: [match], backendRefs: [{ name: 'other' }] }],
    });
    const decision = routeRequest(service, request(), { routes: [route], virtualServices: [] });
    expect(decision.respond).toBe(fits ? undefined : 404);
  });

  test('a VirtualService for gateways alone does not touch the mesh', () => {
    const one = spec('virtualservices.networking.istio.io', 'v', {
      hosts: ['web'],
      gateways: ['ingress'],
      http: [{ directResponse: { status: 503 } }],
    });
    const decision = routeRequest(service, request(), { routes: [], virtualServices: [one] });
    expect(decision.respond).toBeUndefined();
  });
});

describe('authorization', () => {
  const access = (more: Partial<Access> = {}): Access => ({
    principal: 'cluster.local/ns/shop/sa/front',
    sourceNamespace: 'shop',
    http: { method: 'GET', path: '/products' },
    port: 8080,
    ...more,
  });
  const policy = (body: object) => spec('authorizationpolicies.security.istio.io', 'p', body);

  test.each([
    ['*', 'a', true],
    ['*', '', false],
    ['a*', 'ab', true],
    ['*b', 'ab', true],
    ['a', 'ab', false],
  ])('%s matches %s: %s', (pattern, value, is) => {
    expect(valueMatches(pattern, value)).toBe(is);
  });

  test.each([
    ['nothing', [], {}, true],
    ['ALLOW that fits', [{ rules: [{ from: [{ source: { namespaces: ['shop'] } }] }] }], {}, true],
    [
      'ALLOW that does not',
      [{ rules: [{ from: [{ source: { namespaces: ['x'] } }] }] }],
      {},
      false,
    ],
    ['an empty ALLOW', [{}], {}, false],
    ['DENY wins over ALLOW', [{ rules: [{}] }, { action: 'DENY', rules: [{}] }], {}, false],
    ['a method', [{ rules: [{ to: [{ operation: { methods: ['POST'] } }] }] }], {}, false],
    [
      'ALLOW on HTTP, without HTTP',
      [{ rules: [{ to: [{ operation: { methods: ['GET'] } }] }] }],
      { http: undefined },
      false,
    ],
    [
      'DENY on HTTP, without HTTP',
      [{ action: 'DENY', rules: [{ to: [{ operation: { methods: ['POST'] } }] }] }],
      { http: undefined },
      false,
    ],
    ['a port', [{ rules: [{ to: [{ operation: { ports: ['8080'] } }] }] }], {}, true],
    [
      'not a principal',
      [{ rules: [{ from: [{ source: { notPrincipals: ['*/sa/front'] } }] }] }],
      {},
      false,
    ],
  ])('%s', (_what, specs, more, allowed) => {
    expect(isAllowed(specs.map(policy), access(more))).toBe(allowed);
  });

  test('the nearest PeerAuthentication decides', () => {
    const peer = { namespace: 'shop', labels: { app: 'cart' } } as unknown as Peer;
    const one = (body: object, namespace = 'shop') =>
      spec('peerauthentications.security.istio.io', 'p', body, namespace);
    const mesh = one({ mtls: { mode: 'STRICT' } }, 'istio-system');
    const around = one({ mtls: { mode: 'PERMISSIVE' } });
    const own = one({
      selector: { matchLabels: { app: 'cart' } },
      mtls: { mode: 'STRICT' },
      portLevelMtls: { 9090: { mode: 'DISABLE' } },
    });
    expect(isStrict(peer, 8080, [mesh])).toBe(true);
    expect(isStrict(peer, 8080, [mesh, around])).toBe(false);
    expect(isStrict(peer, 8080, [mesh, around, own])).toBe(true);
    expect(isStrict(peer, 9090, [mesh, around, own])).toBe(false);
  });
});
