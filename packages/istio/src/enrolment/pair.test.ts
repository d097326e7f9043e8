import { describe, expect, test } from 'vitest';
import { clientEnd, serverEnd } from './ends.ts';
import { pairOf } from './pair.ts';
import { pathOf } from './path.ts';
import { cni, facts, namespace, pod, policy, service, waypoint, ztunnel } from './testing.ts';

const l7 = { 'istio.io/use-waypoint': 'waypoint' };
const gateway = pod('edge/gateway', {
  labels: {
    'gateway.networking.k8s.io/gateway-name': 'gateway',
    'gateway.networking.k8s.io/gateway-class-name': 'istio',
  },
});

const objects = [
  ...['one', 'two'].flatMap((node) => [cni(node), ztunnel(node)]),
  ...['ambient', 'old', 'plain', 'edge'].map((name) => namespace(name)),
  ...waypoint('ambient/waypoint'),
  ...['ambient/web', 'ambient/mail', 'old/web', 'plain/web'].map((name) =>
    service(name, name === 'ambient/web' ? l7 : {}),
  ),
  pod('ambient/web', { redirected: true, node: 'two' }),
  pod('ambient/mail', { redirected: true }),
  pod('ambient/client', { redirected: true }),
  pod('old/web', { sidecar: true }),
  pod('old/client', { sidecar: true }),
  pod('plain/web'),
  pod('plain/client'),
  gateway,
];
const known = facts(objects);

const pair = (from: string, to: string, within = known) =>
  pairOf(within, clientEnd(within, from)!, serverEnd(within, to)!);

describe('what a pair of workloads gets', () => {
  test.each([
    // from, to, mTLS, L4 policy, L7 policy, telemetry
    ['ambient/client', 'ambient/web', 'yes', 'yes', 'yes', 'yes'],
    ['ambient/client', 'ambient/mail', 'yes', 'yes', 'no', 'part'],
    ['ambient/client', 'old/web', 'yes', 'yes', 'yes', 'yes'],
    ['ambient/client', 'plain/web', 'no', 'no', 'no', 'part'],
    ['old/client', 'ambient/web', 'yes', 'yes', 'no', 'yes'],
    ['old/client', 'ambient/mail', 'yes', 'yes', 'part', 'yes'],
    ['old/client', 'old/web', 'yes', 'yes', 'yes', 'yes'],
    ['old/client', 'plain/web', 'no', 'no', 'part', 'yes'],
    ['plain/client', 'ambient/web', 'no', 'part', 'no', 'part'],
    ['plain/client', 'old/web', 'no', 'part', 'yes', 'yes'],
    ['plain/client', 'plain/web', 'no', 'no', 'no', 'no'],
    ['outside', 'ambient/mail', 'no', 'part', 'no', 'part'],
    ['ingress', 'ambient/web', 'yes', 'yes', 'no', 'yes'],
    ['ingress', 'old/web', 'yes', 'yes', 'yes', 'yes'],
  ])('%s to %s', (from, to, mtls, l4, l7Policy, telemetry) => {
    const found = pair(from, to);
    expect([
      found.mtls.level,
      found.l4Policy.level,
      found.l7Policy.level,
      found.telemetry.level,
    ]).toEqual([mtls, l4, l7Policy, telemetry]);
  });

  test('a waypoint that does not serve enforces nothing', () => {
    const without = facts([
      namespace('ambient'),
      service('ambient/web', l7),
      pod('ambient/web', { redirected: true }),
      pod('ambient/client', { redirected: true }),
    ]);
    expect(pair('ambient/client', 'ambient/web', without).l7Policy).toEqual({
      level: 'no',
      why: 'its waypoint does not serve: waypoint ambient/waypoint does not exist',
    });
  });
});

const path = (from: string, to: string, asked = {}, within = known) =>
  pathOf(within, clientEnd(within, from)!, serverEnd(within, to)!, asked);
const kinds = (from: string, to: string) => path(from, to).hops.map(({ kind }) => kind);

describe('the path of a request', () => {
  test.each([
    ['ambient/client', 'ambient/web', ['client', 'ztunnel', 'waypoint', 'ztunnel', 'server']],
    ['ambient/client', 'ambient/mail', ['client', 'ztunnel', 'ztunnel', 'server']],
    ['ambient/client', 'old/web', ['client', 'ztunnel', 'sidecar', 'server']],
    ['old/client', 'ambient/web', ['client', 'sidecar', 'ztunnel', 'server']],
    ['old/client', 'old/web', ['client', 'sidecar', 'sidecar', 'server']],
    ['plain/client', 'plain/web', ['client', 'server']],
    ['outside', 'ambient/mail', ['client', 'ztunnel', 'server']],
    ['ingress', 'ambient/web', ['gateway', 'ztunnel', 'server']],
  ])('%s to %s', (from, to, expected) => {
    expect(kinds(from, to)).toEqual(expected);
    expect(path(from, to).verdict).toBe('passes');
  });

  test('says where a policy refuses it, and that a sidecar goes past the waypoint', () => {
    const guarded = facts([
      ...objects,
      policy('AuthorizationPolicy', 'ambient/get-only', {
        targetRefs: [{ kind: 'Service', name: 'web' }],
        rules: [{ to: [{ operation: { methods: ['GET'] } }] }],
      }),
    ]);
    const get = path('ambient/client', 'ambient/web', { method: 'GET' }, guarded);
    expect(get).toMatchObject({ verdict: 'passes' });
    const post = path('ambient/client', 'ambient/web', { method: 'POST' }, guarded);
    expect(post.verdict).toBe('refused');
    expect(post.sentence).toContain('ambient/get-only');
    const past = path('old/client', 'ambient/web', { method: 'POST' }, guarded);
    expect(past.verdict).toBe('passes');
    expect(past.sentence).toContain('past waypoint ambient/waypoint');
  });

  test('is broken where a hop is, and names it', () => {
    const broken = (ready: boolean) => [
      cni('one'),
      ztunnel('one', ready),
      namespace('ambient'),
      service('ambient/web', l7),
      pod('ambient/web', { redirected: true }),
      pod('ambient/client', { redirected: true }),
      ...waypoint('ambient/waypoint', { pods: false }),
    ];
    const cut = path('ambient/client', 'ambient/web', {}, facts(broken(true)));
    expect(cut).toMatchObject({ verdict: 'broken' });
    expect(cut.sentence).toContain('no ready pod');
    expect(path('ambient/client', 'ambient/web', {}, facts(broken(false))).sentence).toContain(
      'ztunnel of the client’s node',
    );
  });

  test('plain text is refused where STRICT holds', () => {
    const strict = facts([
      cni('one'),
      ztunnel('one'),
      namespace('ambient'),
      service('ambient/web'),
      pod('ambient/web', { redirected: true }),
      policy('PeerAuthentication', 'ambient/default', { mtls: { mode: 'STRICT' } }),
    ]);
    expect(path('outside', 'ambient/web', {}, strict)).toMatchObject({ verdict: 'refused' });
  });

  test('tells nothing that nobody told', () => {
    const { hops, notes } = path('ambient/client', 'ambient/web');
    expect(
      hops.every(
        ({ inSync, certificateExpiresAt }) => inSync === null && certificateExpiresAt === null,
      ),
    ).toBe(true);
    expect(notes.join(' ')).toContain('Nobody told');
  });
});
