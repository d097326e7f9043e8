import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { doorLabel } from '@ambit/contracts/agent/waypoint';
import type { KubeObject } from '@ambit/contracts/common';
import { authorize, policiesOnPod } from './authorization.ts';
import type { PodFact, ServiceFact } from './facts.ts';
import { guardOf, isGuard, isSameGuard, wantedGuards } from './guard.ts';
import { proveGuards } from './prove.ts';
import { facts, namespace, pod, policy, service, waypoint } from './testing.ts';

const ambient = { 'istio.io/dataplane-mode': 'ambient' };
const l7 = { 'istio.io/use-waypoint': 'waypoint' };
const getOnly = policy('AuthorizationPolicy', 'shop/get-only', {
  targetRefs: [{ kind: 'Service', name: 'web' }],
  rules: [{ to: [{ operation: { methods: ['GET'] } }] }],
});
const shop = [
  namespace('shop', { ...ambient, ...l7 }),
  service('shop/web'),
  pod('shop/web', { redirected: true }),
  pod('shop/client', { redirected: true }),
  getOnly,
];
const workloadEntry = (key: string, labels: Record<string, string>): KubeObject => {
  const made = policy('WorkloadEntry', key, { address: '192.0.2.7', ports: { mesh: 21_000 } });
  return { ...made, metadata: { ...made.metadata, labels } };
};
const cluster = { clusterId: 'cls_1', clusterName: 'one' };
const prove = (objects: (KubeObject | KubeObject[])[]) => {
  const [proof] = proveGuards(facts(objects), cluster);
  return Object.fromEntries([
    ...(proof?.clients ?? []).map(({ kind, state }) => [kind, state]),
    ['hole', proof?.hole],
    ['guard', proof?.guard.state],
  ]);
};
const sidecars = pod('old/client', { sidecar: true });
const guard = (objects: (KubeObject | KubeObject[])[], named: string[] = []) =>
  guardOf(facts(objects), service('shop/web') as unknown as ServiceFact, named)!;
const gateway = pod('edge/gateway', {
  labels: { 'gateway.networking.k8s.io/gateway-name': 'gateway' },
});
const strict = policy('PeerAuthentication', 'shop/default', { mtls: { mode: 'STRICT' } });

describe('for each L7 policy, who passes a waypoint', () => {
  const live = [...shop, waypoint('shop/waypoint')];
  test('without a guard plain text goes past it, and so do sidecars and gateways', () => {
    expect(prove([...live, sidecars, gateway])).toEqual({
      ambient: 'through',
      sidecar: 'hole',
      outside: 'hole',
      ingress: 'hole',
      hole: true,
      guard: 'missing',
    });
  });

  test('STRICT closes plain text alone', () => {
    expect(prove([...live, sidecars, strict])).toMatchObject({
      sidecar: 'hole',
      outside: 'guarded',
      ingress: 'none',
    });
  });

  test('the guard closes all of it, and lets pass by name whom it names', () => {
    expect(prove([...live, sidecars, gateway, guard(live)])).toEqual({
      ambient: 'through',
      sidecar: 'guarded',
      outside: 'guarded',
      ingress: 'guarded',
      hole: false,
      guard: 'present',
    });
    const named = guard(live, ['cluster.local/ns/old/sa/client']);
    expect(prove([...live, sidecars, named])).toMatchObject({ sidecar: 'named', guard: 'present' });
  });

  test('no waypoint fails open, a waypoint without pods fails closed', () => {
    expect(prove(shop)).toMatchObject({ ambient: 'hole', hole: true });
    expect(prove([...shop, strict, waypoint('shop/waypoint', { pods: false })])).toMatchObject({
      ambient: 'guarded',
      hole: false,
    });
    expect(prove([...shop, waypoint('shop/waypoint', { programmed: false })])).toMatchObject({
      ambient: 'hole',
    });
    // The guard refuses what would go past a waypoint that is not there.
    expect(prove([...shop, guard(live)])).toMatchObject({ ambient: 'guarded', hole: false });
  });

  test('a waypoint that sleeps is passed: its connections wait for a replica', () => {
    const door = workloadEntry('shop/ambit-sleep-waypoint', { [doorLabel]: 'waypoint' });
    const pods = [...shop, strict, waypoint('shop/waypoint', { pods: false })];
    expect(prove([...pods, door])).toMatchObject({ ambient: 'through', hole: false });
    const foreign = workloadEntry('shop/vm', { app: 'waypoint' });
    expect(prove([...pods, foreign])).toMatchObject({ ambient: 'guarded' });
  });

  test('gateways that use the waypoint pass through it', () => {
    const around = namespace('shop', {
      ...ambient,
      ...l7,
      'istio.io/ingress-use-waypoint': 'true',
    });
    expect(prove([around, ...live.slice(1), gateway])).toMatchObject({ ingress: 'through' });
  });

  test('an ALLOW for the waypoint alone guards as well, one with others does not', () => {
    const allow = (principals: string[]) =>
      policy('AuthorizationPolicy', 'shop/own', {
        selector: { matchLabels: { app: 'web' } },
        rules: [{ from: [{ source: { principals } }] }],
      });
    expect(prove([...live, sidecars, allow(['cluster.local/ns/shop/sa/waypoint'])])).toMatchObject({
      sidecar: 'guarded',
      outside: 'guarded',
      guard: 'present',
    });
    expect(prove([...live, sidecars, allow(['*'])])).toMatchObject({ sidecar: 'hole' });
  });

  test('a policy on the waypoint protects every Service that uses it', () => {
    const all = policy('RequestAuthentication', 'shop/jwt', {
      targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'waypoint' }],
    });
    const found = proveGuards(
      facts([...shop.slice(0, -1), service('shop/mail'), waypoint('shop/waypoint'), all]),
      cluster,
    );
    expect(found.map(({ protects }) => protects)).toEqual([
      'Service shop/web',
      'Service shop/mail',
    ]);
  });
});

test('a policy on the class of waypoints protects every Service that uses one', () => {
  const all = policy('AuthorizationPolicy', 'istio-system/get-only', {
    targetRefs: [{ kind: 'GatewayClass', name: 'istio-waypoint' }],
    rules: [{ to: [{ operation: { methods: ['GET'] } }] }],
  });
  const found = proveGuards(
    facts([...shop.slice(0, -1), waypoint('shop/waypoint'), service('far/mail'), all]),
    cluster,
  );
  expect(found.map(({ protects }) => protects)).toEqual(['Service shop/web']);
});

test('every Service with a waypoint gets its guard, and pods of two Services let both waypoints pass', () => {
  const both = facts([
    namespace('shop', ambient),
    service('shop/web', { 'istio.io/use-waypoint': 'waypoint' }),
    service('shop/web-too', { 'istio.io/use-waypoint': 'second' }, { app: 'web' }),
    service('shop/mail'),
    pod('shop/web', { redirected: true }),
    pod('shop/mail', { redirected: true }),
    waypoint('shop/waypoint'),
    waypoint('shop/second'),
  ]);
  const guards = wantedGuards(both);
  expect(guards.map(({ metadata }) => metadata.name)).toEqual([
    'ambit-guard-web',
    'ambit-guard-web-too',
  ]);
  expect(guards.every(isGuard)).toBe(true);
  expect(guards[0]?.['spec']).toMatchObject({
    rules: [
      {
        from: [
          {
            source: {
              notPrincipals: [
                'cluster.local/ns/shop/sa/second',
                'cluster.local/ns/shop/sa/waypoint',
              ],
            },
          },
        ],
      },
    ],
  });
});

test('a guard that was changed is not the one that is wanted', () => {
  const wanted = guard([...shop, waypoint('shop/waypoint')]);
  const changed = structuredClone(wanted);
  expect(isSameGuard(wanted, changed)).toBe(true);
  (changed['spec'] as { action: string }).action = 'ALLOW';
  expect(isSameGuard(wanted, changed)).toBe(false);
});

const name = fc.stringMatching(/^[a-z]([a-z0-9-]{0,10}[a-z0-9])?$/);

test('a guard refuses every identity but the waypoint and whom it names', () => {
  fc.assert(
    fc.property(name, fc.array(name, { maxLength: 3 }), name, (space, named, stranger) => {
      const principals = named.map((one) => `cluster.local/ns/old/sa/${one}`);
      const objects = [
        namespace(space, { ...ambient, ...l7 }),
        service(`${space}/web`),
        pod(`${space}/web`, { redirected: true }),
      ];
      const web = service(`${space}/web`) as unknown as ServiceFact;
      const known = facts([...objects, guardOf(facts(objects), web, principals)!]);
      const target = pod(`${space}/web`, { redirected: true }) as unknown as PodFact;
      const ask = (principal: string) =>
        authorize(policiesOnPod(known, target, 'AuthorizationPolicy'), {
          principal,
          namespace: space,
          port: 8080,
        }).is;
      for (const passes of [`cluster.local/ns/${space}/sa/waypoint`, ...principals]) {
        expect(ask(passes)).toBe('allowed');
      }
      for (const other of [`cluster.local/ns/strangers/sa/${stranger}`, '']) {
        expect(ask(other)).toBe('denied');
      }
    }),
    { seed: 1, numRuns: 200 },
  );
});
