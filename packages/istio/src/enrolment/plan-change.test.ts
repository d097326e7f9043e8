import { describe, expect, test } from 'vitest';
import type { KubeObject } from '@ambit/contracts/common';
import { guardOf } from './guard.ts';
import type { ServiceFact } from './facts.ts';
import { planChange, planUndo, type ChangeWish, type PlanInput } from './plan-change.ts';
import type { EnrolmentRows } from './rows.ts';
import { cni, facts, namespace, now, pod, policy, service, waypoint, ztunnel } from './testing.ts';

const ambient = { 'istio.io/dataplane-mode': 'ambient' };
const l7 = { ...ambient, 'istio.io/use-waypoint': 'waypoint' };
const nodes = [cni('one'), ztunnel('one')];
const nothing: EnrolmentRows = { namespaces: [], services: [] };
const row = { clusterId: 'c1', namespace: 'shop', waypointNamespace: '' };
const ours: EnrolmentRows = {
  namespaces: [{ ...row, mode: 'L4', waypoint: 'waypoint' }],
  services: [],
};

function plan(
  objects: (KubeObject | KubeObject[])[],
  wish: Partial<ChangeWish> & Pick<ChangeWish, 'mode'>,
  more: Partial<PlanInput> = {},
) {
  return planChange({
    wish: {
      subjects: [{ clusterId: 'c1', namespace: 'shop' }],
      waypoint: { name: 'waypoint' },
      guard: wish.mode === 'L4+L7',
      restart: true,
      ...wish,
    },
    profile: 'ambient',
    current: nothing,
    clusters: [{ clusterId: 'c1', clusterName: 'one', facts: facts(objects) }],
    now,
    ...more,
  });
}

const errors = ({ preview }: ReturnType<typeof plan>) =>
  preview.conflicts.filter(({ severity }) => severity === 'error').map(({ message }) => message);
const stepsOf = ({ preview }: ReturnType<typeof plan>) => preview.steps.map(({ name }) => name);
const plain = [...nodes, namespace('shop'), service('shop/web'), pod('shop/web')];
const guardOfWeb = (objects: (KubeObject | KubeObject[])[]) =>
  guardOf(facts(objects), service('shop/web') as unknown as ServiceFact)!;

describe('a change of enrolment is planned', () => {
  test('to L4: one label, no restart, no guard', () => {
    const found = plan(plain, { mode: 'L4' });
    expect(errors(found)).toEqual([]);
    expect(stepsOf(found)).toEqual(['precheck', 'label', 'probe']);
    expect(found.preview.changes[0]?.labels).toEqual([
      { label: 'istio.io/dataplane-mode', from: null, to: 'ambient' },
    ]);
  });

  test('to L7: the waypoint before the label, the guard after the proof', () => {
    const found = plan(plain, { mode: 'L4+L7' });
    expect(stepsOf(found)).toEqual(['precheck', 'waypoint', 'label', 'probe', 'guard']);
    expect(found.waypoints).toMatchObject([{ namespace: 'shop', name: 'waypoint', exists: false }]);
    expect(found.guards).toEqual([{ clusterId: 'c1', namespace: 'shop', service: 'web' }]);
  });

  test('to a sidecar, and from one: with a restart', () => {
    expect(plan(plain, { mode: 'sidecar' }).restarts).toEqual([
      { clusterId: 'c1', namespace: 'shop' },
    ]);
    const injected = [
      ...nodes,
      namespace('shop', { 'istio-injection': 'enabled' }),
      pod('shop/web', { sidecar: true }),
    ];
    const current: EnrolmentRows = {
      namespaces: [{ ...row, mode: 'sidecar', waypoint: '' }],
      services: [],
    };
    expect(errors(plan(injected, { mode: 'L4' }, { current }))).toEqual([]);
    expect(plan(injected, { mode: 'L4' }, { current }).restarts).toHaveLength(1);
  });

  test('of one Service: its own label, and the guard goes before it where the waypoint does', () => {
    const live = [
      ...nodes,
      namespace('shop', l7),
      service('shop/web'),
      pod('shop/web', { redirected: true }),
      waypoint('shop/waypoint'),
    ];
    const guarded = [...live, guardOfWeb(live)];
    const subjects = [{ clusterId: 'c1', namespace: 'shop', service: 'web' }];
    const found = plan(guarded, { mode: 'L4', subjects }, { current: ours });
    expect(found.rows.services).toMatchObject([{ name: 'web', waypoint: 'none' }]);
    expect(stepsOf(found)).toEqual(['precheck', 'unguard', 'hold', 'label', 'probe', 'drain']);
    // The way back has the guard again, and nothing else.
    const back = planUndo(
      {
        profile: 'ambient',
        current: { ...ours, services: found.rows.services },
        clusters: [
          {
            clusterId: 'c1',
            clusterName: 'one',
            facts: facts([
              ...live.slice(0, 3),
              service('shop/web', { 'istio.io/use-waypoint': 'none' }),
              ...live.slice(4),
            ]),
          },
        ],
        now,
      },
      found,
      true,
    );
    expect(back.rows.services).toMatchObject([{ name: 'web', waypoint: '' }]);
    expect(back.guards).toEqual(found.unguards);
    expect(back.preview.allowed).toBe(true);
  });

  describe('and refused where an L7 policy would be enforced no more', () => {
    const live = (kind: string, name: string, where = 'shop') => [
      ...nodes,
      namespace('shop', l7),
      service('shop/web'),
      pod('shop/web', { redirected: true }),
      waypoint('shop/waypoint'),
      policy('AuthorizationPolicy', `${where}/get-only`, { targetRefs: [{ kind, name }] }),
    ];
    test.each([
      ['Service', 'web', 'shop'],
      ['Gateway', 'waypoint', 'shop'],
      ['GatewayClass', 'istio-waypoint', 'istio-system'],
    ])('on a %s', (kind, name, where) => {
      for (const mode of ['none', 'L4', 'sidecar'] as const) {
        expect(errors(plan(live(kind, name, where), { mode }, { current: ours }))).toEqual([
          `shop/web (one) would not pass the waypoint any more that enforces AuthorizationPolicy ${where}/get-only`,
        ]);
      }
      expect(errors(plan(live(kind, name, where), { mode: 'L4+L7' }, { current: ours }))).toEqual(
        [],
      );
    });

    test('another waypoint enforces what hangs on the Service, not what hangs on the first one', () => {
      const wish = { mode: 'L4+L7', waypoint: { name: 'other' } } as const;
      const moved = (kind: string, name: string) =>
        errors(plan([...live(kind, name), waypoint('shop/other')], wish, { current: ours }));
      expect(moved('Service', 'web')).toEqual([]);
      expect(moved('Gateway', 'waypoint')).toHaveLength(1);
    });
  });
});

describe('what stands in the way is said', () => {
  test.each([
    [
      'a label of others',
      [namespace('shop', { 'istio-injection': 'enabled' })],
      'L4',
      'was set by others',
    ],
    ['a label of others that stays', [namespace('shop', ambient)], 'none', 'was set by others'],
    ['a namespace that is not there', [], 'L4', 'there is no such namespace'],
  ] as const)('%s', (_title, objects, mode, words) => {
    expect(errors(plan([...objects], { mode })).join()).toContain(words);
  });

  test('a label that Ambit set is no label of others', () => {
    expect(
      errors(plan([...nodes, namespace('shop', l7)], { mode: 'none' }, { current: ours })),
    ).toEqual([]);
  });

  test('a sidecar mesh has no ztunnel; system namespaces are never enrolled', () => {
    expect(errors(plan(plain, { mode: 'L4' }, { profile: 'sidecar' }))).toHaveLength(1);
    const system = [{ clusterId: 'c1', namespace: 'kube-system' }];
    expect(errors(plan([namespace('kube-system')], { mode: 'L4', subjects: system }))).toHaveLength(
      1,
    );
  });

  test('a Gateway of that name that is no waypoint', () => {
    const gateway: KubeObject = {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      metadata: { name: 'waypoint', namespace: 'shop' },
      spec: { gatewayClassName: 'istio', listeners: [{ name: 'http', protocol: 'HTTP' }] },
    };
    expect(errors(plan([...plain, gateway], { mode: 'L4+L7' })).join()).toContain('no waypoint');
  });

  test('GitOps that owns the namespace, clients that are refused, and who passes by name', () => {
    const { preview } = plan(
      [
        ...nodes,
        namespace('shop', { 'argocd.argoproj.io/instance': 'shop' }),
        service('shop/web'),
        pod('shop/web', { redirected: true }),
        pod('other/client'),
        pod('old/client', { sidecar: true }),
      ],
      { mode: 'L4+L7' },
    );
    expect(preview.allowed).toBe(true);
    expect(preview.conflicts.map(({ message }) => message).join()).toContain('Argo CD (shop)');
    expect(preview.losses.join()).toContain('other/client');
    expect(preview.losses.join()).toContain('1 identity with a sidecar');
  });
});
