import { describe, expect, test } from 'vitest';
import type { ProxyAdmin, ReportedProxy } from '@ambit/contracts/agent/telemetry';
import { clientEnd, serverEnd } from './ends.ts';
import type { PodFact } from './facts.ts';
import { observedSecurity } from './holdings.ts';
import { pathOf } from './path.ts';
import { cni, facts, namespace, now, pod, service, ztunnel, type PodMore } from './testing.ts';
import { judgePod } from './truth.ts';

const hour = 3_600_000;
const web = 'spiffe://cluster.local/ns/shop/sa/web';

const proxy = (name: string, kind: ReportedProxy['kind'], admin?: ProxyAdmin): ReportedProxy => ({
  namespace: kind === 'ztunnel' ? 'istio-system' : 'shop',
  pod: name,
  workload: name,
  node: 'one',
  kind,
  version: '1.31.0',
  ready: true,
  problem: '',
  scrapedAt: null,
  istiod: 'istiod-1',
  sync: {},
  syncError: '',
  ...(admin ? { admin } : {}),
});

const admin = (more: Partial<ProxyAdmin> = {}): ProxyAdmin => ({
  readAt: +now - 5_000,
  problem: '',
  certificates: [{ identity: web, expiresAt: +now + 20 * hour }],
  carries: ['shop/web-abc-1'],
  misses: [],
  ...more,
});

const world = (more: PodMore, proxies: ReportedProxy[], labels: Record<string, string>) =>
  facts(
    [
      namespace('shop', labels),
      service('shop/web'),
      pod('shop/web', more),
      pod('shop/cart', { ...more, account: 'cart' }),
      cni('one'),
      ztunnel('one'),
    ],
    { proxies },
  );
const ambient = { 'istio.io/dataplane-mode': 'ambient' };

const judge = (of?: ProxyAdmin) => {
  const known = world({ redirected: true }, [proxy('ztunnel-one', 'ztunnel', of)], ambient);
  return judgePod(known, known.pods.get('shop')![0] as PodFact, now);
};
const lineOf = (judged: ReturnType<typeof judge>, looked: string) =>
  judged.evidence.find((one) => one.looked.startsWith(looked));

describe('what ztunnel shows of a pod', () => {
  test('it is carried, with a certificate, and both are evidence', () => {
    const judged = judge(admin());
    expect(judged).toMatchObject({ truth: 'L4', state: 'asWanted' });
    expect(lineOf(judged, 'workload table of ztunnel-one')).toMatchObject({ verdict: 'for' });
    expect(lineOf(judged, `certificate of ${web}`)).toMatchObject({
      verdict: 'for',
      says: expect.stringContaining('2026-11-02T06:00:00.000Z') as string,
    });
  });

  test('one that two looks did not find is in the mesh by its labels alone', () => {
    const judged = judge(admin({ carries: [], misses: ['shop/web-abc-1'] }));
    expect(judged).toMatchObject({
      truth: 'none',
      state: 'differs',
      reason: 'NotCarried',
      repair: 'restart-pod',
    });
    expect(lineOf(judged, 'workload table')).toMatchObject({ verdict: 'against' });
  });

  test.each([
    ['agents that read nothing', undefined],
    ['a ztunnel that cannot be read', admin({ readAt: null, problem: 'refused', carries: null })],
    ['one that could be read before', admin({ problem: 'refused' })],
    ['a ztunnel that tells no such table', admin({ carries: null })],
    ['a pod that one look did not find', admin({ carries: [] })],
  ])('%s: not known, and nothing is said against the pod', (_name, of) => {
    const judged = judge(of);
    expect(judged).toMatchObject({ truth: 'L4', state: 'asWanted' });
    expect(lineOf(judged, 'workload table')).toMatchObject({ verdict: 'unknown' });
  });

  test('a certificate is over only when it was when it was read', () => {
    const ended = { identity: web, expiresAt: +now - hour };
    expect(judge(admin({ certificates: [ended] }))).toMatchObject({
      reason: 'CertificateExpired',
      repair: 'none',
    });
    const early = admin({ certificates: [ended], readAt: +now - 2 * hour });
    expect(judge(early)).toMatchObject({ state: 'asWanted' });
  });
});

test('an ended certificate of a sidecar is mended by a restart of its pod', () => {
  const own = admin({ carries: null, certificates: [{ identity: web, expiresAt: +now - hour }] });
  const known = world({ sidecar: true }, [proxy('web-abc-1', 'sidecar', own)], {
    'istio-injection': 'enabled',
  });
  expect(judgePod(known, known.pods.get('shop')![0] as PodFact, now)).toMatchObject({
    truth: 'sidecar',
    reason: 'CertificateExpired',
    repair: 'restart-pod',
  });
});

test('each hop of a path has the certificate it presents, or says why it is not known', () => {
  const known = world({ redirected: true }, [proxy('ztunnel-one', 'ztunnel', admin())], ambient);
  const { hops, verdict } = pathOf(
    known,
    clientEnd(known, 'shop/cart')!,
    serverEnd(known, 'shop/web')!,
    {},
  );
  const [client, server] = hops.filter(({ kind }) => kind === 'ztunnel');
  expect(verdict).toBe('passes');
  expect(server).toMatchObject({
    identity: web,
    certificateExpiresAt: '2026-11-02T06:00:00.000Z',
  });
  expect(client!.certificateExpiresAt).toBeNull();
  expect(client!.says.join(' ')).toContain('shows none of spiffe://cluster.local/ns/shop/sa/cart');
});

describe('what was measured of encryption', () => {
  const edge = (policy: string, rate: number, more: Record<string, string> = {}) => ({
    metric: 'requests',
    rate,
    labels: {
      reporter: 'destination',
      destination_workload: 'web',
      destination_workload_namespace: 'shop',
      source_workload: 'cart',
      source_workload_namespace: 'shop',
      connection_security_policy: policy,
      ...more,
    },
  });
  const says = (edges: Parameters<typeof observedSecurity>[0]) => {
    const subject = pod('shop/web', { redirected: true });
    const known = facts([namespace('shop', ambient), subject, cni('one'), ztunnel('one')], {
      observed: observedSecurity(edges),
    });
    return judgePod(known, subject as unknown as PodFact, now).evidence.find(({ looked }) =>
      looked.startsWith('encryption'),
    );
  };

  test('is told as shares, with who sent plain text', () => {
    expect(says([edge('mutual_tls', 3)])).toMatchObject({
      says: '100 % with mTLS',
      verdict: 'for',
    });
    expect(says([edge('mutual_tls', 3), edge('none', 1)])).toMatchObject({
      says: '75 % with mTLS; 25 % in plain text, from shop/cart',
      verdict: 'note',
    });
  });

  test('counts what servers told alone, and silence is no proof', () => {
    expect(says([edge('none', 1, { reporter: 'source' })])).toMatchObject({ verdict: 'unknown' });
    expect(says([])).toMatchObject({ verdict: 'unknown' });
  });
});
