import { describe, expect, test } from 'vitest';
import { judge } from '../admission/verdict.ts';
import { createIncremental, type Change } from '../incremental.ts';
import type { Labels } from '../kubernetes.ts';
import { allRules } from '../rules/all.ts';
import { protectionFacts } from './facts.ts';
import {
  deploymentOf,
  getOnly,
  guardOf,
  kept,
  plain,
  podOf,
  put,
  remove,
  resourceOf,
  serviceOf,
  waypointOf,
  type Plain,
} from './testing.ts';

const now = Date.UTC(2026, 10, 1);
const ambient = { 'istio.io/dataplane-mode': 'ambient' };
const use = { 'istio.io/use-waypoint': 'waypoint' };

const denials = (world: readonly Plain[], changes: Change[]) => {
  const engine = createIncremental(
    { resources: world.map(resourceOf) },
    { rules: [...allRules, ...protectionFacts], now },
  );
  const { denied } = judge(engine, kept, changes, now);
  // Asked, nothing has changed: the same write is answered the same.
  expect(judge(engine, kept, changes, now).denied).toEqual(denied);
  return denied.map(({ code, message }) => `${code} ${message}`);
};

/** A mesh in which a policy holds, by what the policy hangs on and where the label is. */
interface Case {
  /** What uses the waypoint. */
  target: (labels?: Labels) => Plain;
  /** Where the label is. */
  on: 'target' | 'namespace';
  policy: (...refs: string[]) => Plain;
  refs: string[];
}

const web = (labels: Labels = use) => serviceOf('shop/web', labels);
const unlabelled = (labels: Labels = {}) => serviceOf('shop/web', labels);
const entry = (labels: Labels = use) =>
  plain(
    'ServiceEntry shop/web',
    { hosts: ['web.example.com'], ports: [{ name: 'http', number: 80, protocol: 'HTTP' }] },
    labels,
  );
const inShop = (...refs: string[]) => getOnly('shop/get-only', ...refs);
const inRoot = (...refs: string[]) => getOnly('istio-system/get-only', ...refs);

const cases: Record<string, Case> = {
  'a Service': { target: web, on: 'target', policy: inShop, refs: ['Service web'] },
  'a Service, by the label of its namespace': {
    target: unlabelled,
    on: 'namespace',
    policy: inShop,
    refs: ['Service web'],
  },
  'a ServiceEntry': { target: entry, on: 'target', policy: inShop, refs: ['ServiceEntry web'] },
  'the Gateway': { target: web, on: 'target', policy: inShop, refs: ['Gateway waypoint'] },
  'the Gateway, by the label of the namespace': {
    target: unlabelled,
    on: 'namespace',
    policy: inShop,
    refs: ['Gateway waypoint'],
  },
  'the Gateway, for a ServiceEntry': {
    target: entry,
    on: 'target',
    policy: inShop,
    refs: ['Gateway waypoint'],
  },
  'the GatewayClass': {
    target: web,
    on: 'target',
    policy: inRoot,
    refs: ['GatewayClass istio-waypoint'],
  },
  'the GatewayClass, by the label of the namespace': {
    target: unlabelled,
    on: 'namespace',
    policy: inRoot,
    refs: ['GatewayClass istio-waypoint'],
  },
};

const shop = ({ on }: Case, labels: Labels = use) =>
  plain('Namespace shop', undefined, { ...ambient, ...(on === 'namespace' ? labels : {}) });
const waypoint = waypointOf('shop/waypoint', { 'istio.io/waypoint-for': 'service' });
/** A waypoint of its own kind: no class has a policy on it. */
const other = { ...waypointOf('shop/other') };
(other.spec as { gatewayClassName: string }).gatewayClassName = 'acme-waypoint';

const strict = plain('PeerAuthentication shop/default', { mtls: { mode: 'STRICT' } });
const world = (one: Case): Plain[] => [
  strict,
  shop(one),
  plain('Namespace istio-system'),
  waypoint,
  other,
  one.target(one.on === 'target' ? use : {}),
  podOf('shop/web'),
  deploymentOf('shop/web'),
  one.policy(...one.refs),
];

const relabelled = (one: Case, labels: Labels): Change =>
  one.on === 'target' ? put(one.target(labels)) : put(shop(one, labels));

const isOnGateway = ({ refs }: Case) => refs.some((ref) => ref.startsWith('Gateway'));

const opening: Record<string, (one: Case) => Change[] | null> = {
  'the waypoint is deleted': () => [remove(waypoint)],
  'the label is taken away': (one) => [relabelled(one, {})],
  'the label says none': (one) => [relabelled(one, { 'istio.io/use-waypoint': 'none' })],
  'the label names a waypoint that is not there': (one) => [
    relabelled(one, { 'istio.io/use-waypoint': 'gone' }),
  ],
  'the label names another waypoint': (one) =>
    isOnGateway(one) ? [relabelled(one, { 'istio.io/use-waypoint': 'other' })] : null,
  'the label names a waypoint of another namespace': (one) => [
    relabelled(one, { ...use, 'istio.io/use-waypoint-namespace': 'infra' }),
  ],
  'the target itself opts out': (one) => [put(one.target({ 'istio.io/use-waypoint': 'none' }))],
  'the waypoint takes workloads alone': () => [
    put(waypointOf('shop/waypoint', { 'istio.io/waypoint-for': 'workload' })),
  ],
  'the waypoint takes nothing': () => [
    put(waypointOf('shop/waypoint', { 'istio.io/waypoint-for': 'none' })),
  ],
  'the policy hangs on nothing': (one) => [put(one.policy('Service nowhere'))],
  'the policy hangs on a waypoint that is not there': (one) => [put(one.policy('Gateway nowhere'))],
  'the policy selects pods, where nothing reads HTTP': (one) =>
    one.policy === inShop ? [put(one.policy())] : null,
  'two of it at once': (one) => [relabelled(one, {}), remove(waypoint)],
};

const harmless: Record<string, (one: Case) => Change[] | null> = {
  'the policy is deleted': (one) => [remove(one.policy(...one.refs))],
  'the policy goes with the waypoint': (one) => [remove(one.policy(...one.refs)), remove(waypoint)],
  'the policy moves to the waypoint': (one) =>
    one.policy === inShop ? [put(one.policy('Gateway waypoint'))] : null,
  'a second policy comes': () => [put(getOnly('shop/second', 'Gateway waypoint'))],
  'the target is deleted': (one) => (isOnGateway(one) ? [remove(one.target())] : null),
  'another label changes': (one) => [relabelled(one, { ...use, team: 'a' })],
  'the waypoint takes all': () => [
    put(waypointOf('shop/waypoint', { 'istio.io/waypoint-for': 'all' })),
  ],
  'the label moves from the namespace to the target': (one) => [
    put(one.target(use)),
    put(shop(one, {})),
  ],
  'the label names another waypoint, and the policy hangs on the target': (one) =>
    isOnGateway(one) ? null : [relabelled(one, { 'istio.io/use-waypoint': 'other' })],
  'a pod more': () => [put(podOf('shop/client'))],
};

const rows = (changes: Record<string, (one: Case) => Change[] | null>) =>
  Object.entries(cases).flatMap(([on, one]) =>
    Object.entries(changes).flatMap(([what, change]) => {
      const list = change(one);
      return list ? [{ on, what, one, list }] : [];
    }),
  );

describe('a policy that hangs on', () => {
  test.each(rows(opening))('$on: denied when $what', ({ one, list }) => {
    const found = denials(world(one), list);
    expect(found.length).toBeGreaterThan(0);
    expect(found.join()).toContain('AMB0001');
    expect(found.join()).toContain('get-only');
  });
  test.each(rows(harmless))('$on: admitted when $what', ({ one, list }) => {
    expect(denials(world(one), list)).toEqual([]);
  });
});

test('an opt out of a Service does not matter where its own label was never what counted', () => {
  const one = cases['the Gateway']!;
  const moved = put(serviceOf('shop/mail', { 'istio.io/use-waypoint': 'none' }));
  expect(denials([...world(one), serviceOf('shop/mail')], [moved])).toEqual([]);
});

test('a shared waypoint that lets a namespace in no more opens what uses it from there', () => {
  const shared = [
    plain('Namespace infra'),
    waypointOf('infra/waypoint', {}, 'All'),
    getOnly('infra/get-only', 'Gateway waypoint'),
    plain('Namespace shop', undefined, {
      ...ambient,
      ...use,
      'istio.io/use-waypoint-namespace': 'infra',
    }),
    serviceOf('shop/web'),
  ];
  expect(denials(shared, [put(waypointOf('infra/waypoint'))])).toEqual([
    'AMB0001 AuthorizationPolicy infra/get-only would not hold any more for Service shop/web: waypoint infra/waypoint would not be on the way',
  ]);
  expect(denials(shared, [remove(waypointOf('infra/waypoint'))])).not.toEqual([]);
});

describe('traffic to the addresses of pods', () => {
  const all = waypointOf('shop/waypoint', { 'istio.io/waypoint-for': 'all' });
  const pods = [
    plain('Namespace shop', undefined, { ...ambient, ...use }),
    all,
    podOf('shop/web'),
    deploymentOf('shop/web'),
    getOnly('shop/get-only', 'Gateway waypoint'),
  ];
  const none = { 'istio.io/use-waypoint': 'none' };
  test.each([
    ['the waypoint takes services alone', put(waypointOf('shop/waypoint'))],
    ['the pod opts out', put(podOf('shop/web', none))],
    ['the template of a workload opts out', put(deploymentOf('shop/web', none))],
    ['the namespace loses its label', put(plain('Namespace shop', undefined, ambient))],
  ])('denied when %s', (_what, change) => {
    expect(denials(pods, [change]).join()).toContain('AMB0001');
  });
});

describe('who does not go by waypoints', () => {
  const guarded = [
    ...world(cases['the Gateway']!).filter((object) => object !== strict),
    plain('Namespace old'),
    podOf('old/client'),
    guardOf('shop/web', 'shop/waypoint'),
  ];
  const open = guarded.filter(({ metadata }) => metadata.name !== 'ambit-guard-web');
  const injected = put(plain('Namespace old', undefined, { 'istio-injection': 'enabled' }));
  const edge = plain('Gateway edge/main', {
    gatewayClassName: 'istio',
    listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }],
  });
  const route = plain('HTTPRoute shop/web', {
    parentRefs: [{ name: 'main', namespace: 'edge' }],
    rules: [{ backendRefs: [{ name: 'web', port: 80 }] }],
  });

  test.each<[string, Plain[], Change, string]>([
    ['the guard goes', guarded, remove(guardOf('shop/web', 'shop/waypoint')), 'AMB0041'],
    [
      'the guard lets everybody pass',
      guarded,
      put(
        guardOf('shop/web', 'x/*').metadata && {
          ...guardOf('shop/web'),
          spec: {
            selector: { matchLabels: { app: 'web' } },
            action: 'DENY',
            rules: [{ from: [{ source: { notPrincipals: ['*'] } }] }],
          },
        },
      ),
      'AMB0041',
    ],
    ['the pod leaves the guard', guarded, put(podOf('shop/web', { app: 'free' })), 'AMB0041'],
    [
      'the template leaves the guard',
      guarded,
      put(deploymentOf('shop/web', { app: 'free' })),
      'AMB0041',
    ],
    [
      'the pod leaves ambient mode',
      guarded,
      put(podOf('shop/web', { 'istio.io/dataplane-mode': 'none' })),
      'AMB0041',
    ],
    ['the namespace leaves ambient mode', guarded, put(plain('Namespace shop')), 'AMB0041'],
    ['STRICT becomes PERMISSIVE', [...open, strict], remove(strict), 'AMB0041'],
    ['clients get sidecars', open, injected, 'AMB0003'],
    [
      'a workload gets a sidecar',
      open,
      put(deploymentOf('old/client', { 'sidecar.istio.io/inject': 'true' })),
      'AMB0003',
    ],
    ['a gateway leads there', [...open, edge], put(route), 'AMB0032'],
  ])('denied when %s', (_what, mesh, change, code) => {
    expect(denials(mesh, [change]).join()).toContain(code);
  });

  test.each<[string, Plain[], Change]>([
    ['clients get sidecars, and the guard keeps them out', guarded, injected],
    ['a gateway leads there, and the guard keeps it out', [...guarded, edge], put(route)],
    ['the guard names a client', guarded, put(guardOf('shop/web', 'shop/waypoint', 'old/client'))],
    [
      'nobody hangs a policy there',
      guarded.filter(({ metadata }) => metadata.name !== 'get-only'),
      remove(guardOf('shop/web', 'shop/waypoint')),
    ],
  ])('admitted when %s', (_what, mesh, change) => {
    expect(denials(mesh, [change])).toEqual([]);
  });
});
