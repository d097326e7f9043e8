import { describe, expect, test } from 'vitest';
import type { KubeObject } from '@ambit/contracts/common';
import type { ReportedProxy } from '@ambit/contracts/agent/telemetry';
import type { PodFact } from './facts.ts';
import { judgePod } from './truth.ts';
import { enrolled } from './subjects.ts';
import {
  cni,
  facts,
  namespace,
  now,
  pod,
  service,
  waypoint,
  ztunnel,
  type PodMore,
} from './testing.ts';

const ambient = { 'istio.io/dataplane-mode': 'ambient' };
const injected = { 'istio-injection': 'enabled' };
const l7 = { ...ambient, 'istio.io/use-waypoint': 'waypoint' };

const look = (
  labels: Record<string, string>,
  more: PodMore,
  others: KubeObject[] = [cni('one'), ztunnel('one')],
  proxies: ReportedProxy[] = [],
) => {
  const subject = pod('shop/web', more);
  const known = facts([namespace('shop', labels), service('shop/web'), subject, ...others], {
    proxies,
  });
  return judgePod(known, subject as unknown as PodFact, now);
};

const proxy = (istiod: string | null): ReportedProxy => ({
  namespace: 'shop',
  pod: 'web-abc-1',
  workload: 'web',
  node: 'one',
  kind: 'sidecar',
  version: '1.31.0',
  ready: true,
  problem: '',
  scrapedAt: null,
  istiod,
  sync: { cds: 'synced' },
  syncError: '',
});

describe('what a pod is to be, and what is true of it', () => {
  const nodeAgents = [cni('one'), ztunnel('one')];
  test.each([
    ['nothing asks', {}, {}, 'none', 'none', 'asWanted', ''],
    ['redirected as its namespace asks', ambient, { redirected: true }, 'L4', 'L4', 'asWanted', ''],
    ['not redirected', ambient, {}, 'L4', 'none', 'differs', 'NotRedirected'],
    [
      'its own label says ambient',
      {},
      { labels: ambient },
      'L4',
      'none',
      'differs',
      'NotRedirected',
    ],
    [
      'its own label says no',
      ambient,
      { labels: { 'istio.io/dataplane-mode': 'none' } },
      'none',
      'none',
      'optedOut',
      '',
    ],
    ['on the network of the node', ambient, { hostNetwork: true }, 'none', 'none', 'optedOut', ''],
    ['a sidecar as asked', injected, { sidecar: true }, 'sidecar', 'sidecar', 'asWanted', ''],
    ['no sidecar', injected, {}, 'sidecar', 'none', 'differs', 'NoSidecar'],
    [
      'says no to injection',
      injected,
      { labels: { 'sidecar.istio.io/inject': 'false' } },
      'none',
      'none',
      'optedOut',
      '',
    ],
    [
      'injected by its own label',
      {},
      { labels: { 'sidecar.istio.io/inject': 'true' }, sidecar: true },
      'sidecar',
      'sidecar',
      'asWanted',
      '',
    ],
    [
      'the namespace says disabled',
      { 'istio-injection': 'disabled' },
      { labels: { 'sidecar.istio.io/inject': 'true' } },
      'none',
      'none',
      'asWanted',
      '',
    ],
    [
      'a revision',
      { 'istio.io/rev': 'canary' },
      { sidecar: true },
      'sidecar',
      'sidecar',
      'asWanted',
      '',
    ],
    ['a sidecar is left', {}, { sidecar: true }, 'none', 'sidecar', 'differs', 'SidecarLeft'],
    [
      'a sidecar in ambient',
      ambient,
      { sidecar: true },
      'L4',
      'sidecar',
      'differs',
      'SidecarInAmbient',
    ],
    ['still redirected', {}, { redirected: true }, 'none', 'L4', 'differs', 'StillRedirected'],
    [
      'both asked: the sidecar comes first',
      { ...ambient, ...injected },
      { sidecar: true },
      'sidecar',
      'sidecar',
      'asWanted',
      '',
    ],
    [
      'has just begun',
      ambient,
      { created: '2026-11-01T09:59:55Z' },
      'L4',
      'none',
      'waiting',
      'Starting',
    ],
    [
      'its sidecar is not ready',
      injected,
      { sidecar: true, ready: false },
      'sidecar',
      'sidecar',
      'differs',
      'ProxyNotReady',
    ],
  ] as const)('%s', (_title, labels, more, wanted, truth, state, reason) => {
    expect(look(labels, more, nodeAgents)).toMatchObject({ wanted, truth, state, reason });
  });

  test('the evidence names what is to be repaired', () => {
    expect(look(ambient, {}, [cni('one', false), ztunnel('one')])).toMatchObject({
      reason: 'CniNotReady',
      repair: 'restart-cni',
    });
    expect(look(ambient, {}, [cni('one'), ztunnel('one')])).toMatchObject({
      reason: 'NotRedirected',
      repair: 'restart-pod',
    });
    expect(look(ambient, {}, [ztunnel('one')])).toMatchObject({
      reason: 'NodeWithoutCni',
      repair: 'none',
    });
    expect(look(ambient, { redirected: true }, [cni('one'), ztunnel('one', false)])).toMatchObject({
      reason: 'NoZtunnel',
      repair: 'none',
    });
    const { evidence } = look(ambient, {}, [cni('one'), ztunnel('one')]);
    expect(
      evidence.filter(({ verdict }) => verdict === 'against').map(({ looked }) => looked),
    ).toEqual(['annotation ambient.istio.io/redirection']);
  });

  test('a sidecar that no istiod knows is found, and one that nobody asked about is not', () => {
    const more = { sidecar: true };
    expect(look(injected, more, [], [proxy('')])).toMatchObject({ reason: 'NotConnected' });
    expect(look(injected, more, [], [proxy('istiod-1')])).toMatchObject({ state: 'asWanted' });
    const unknown = look(injected, more, [], [proxy(null)]);
    expect(unknown.state).toBe('asWanted');
    expect(unknown.evidence.find(({ looked }) => looked === 'connection to istiod')?.verdict).toBe(
      'unknown',
    );
  });

  test('L7 is true only with a waypoint that serves', () => {
    const agents = [cni('one'), ztunnel('one')];
    const more = { redirected: true };
    expect(look(l7, more, [...agents, ...waypoint('shop/waypoint')])).toMatchObject({
      wanted: 'L4+L7',
      truth: 'L4+L7',
      state: 'asWanted',
    });
    for (const broken of [
      waypoint('shop/waypoint', { programmed: false }),
      waypoint('shop/waypoint', { pods: false }),
      waypoint('shop/waypoint', { labels: { 'istio.io/waypoint-for': 'none' } }),
      [],
    ]) {
      expect(look(l7, more, [...agents, ...broken])).toMatchObject({
        wanted: 'L4+L7',
        truth: 'L4',
        reason: 'WaypointNotReady',
      });
    }
  });
});

test('namespaces, Services and workloads sum their pods up', () => {
  const known = facts([
    namespace('shop', ambient),
    namespace('istio-system'),
    service('shop/web', { 'istio.io/use-waypoint': 'waypoint' }),
    service('shop/mail'),
    pod('shop/web', { redirected: true }),
    pod('shop/mail'),
    cni('one'),
    ztunnel('one'),
    ...waypoint('shop/waypoint'),
  ]);
  const cluster = { clusterId: 'cls_1', clusterName: 'one' };
  const of = (level: 'namespace' | 'service' | 'workload') =>
    enrolled(known, cluster, level, now).map(({ subject }) => [
      subject.name,
      subject.wanted,
      subject.truth,
      subject.state,
      subject.pods.total,
    ]);
  // The waypoint's own pods are no application's.
  expect(of('namespace')).toEqual([['shop', 'L4', 'mixed', 'differs', 2]]);
  expect(of('service')).toEqual([
    ['mail', 'L4', 'none', 'differs', 1],
    ['web', 'L4+L7', 'L4+L7', 'asWanted', 1],
  ]);
  expect(of('workload')).toEqual([
    ['mail', 'L4', 'none', 'differs', 1],
    ['web', 'L4+L7', 'L4+L7', 'asWanted', 1],
  ]);
});

test('pods that are as wanted and not alike are told apart', () => {
  const known = facts([
    namespace('shop', { ...ambient, 'istio.io/use-waypoint': 'waypoint' }),
    service('shop/web'),
    pod('shop/web', { redirected: true }),
    pod('shop/job', { redirected: true }),
    cni('one'),
    ztunnel('one'),
    ...waypoint('shop/waypoint'),
  ]);
  const [shop] = enrolled(known, { clusterId: 'cls_1', clusterName: 'one' }, 'namespace', now);
  expect(shop!.subject).toMatchObject({
    wanted: 'L4+L7',
    truth: 'mixed',
    state: 'asWanted',
    message: '2 pods, as wanted: 1 L4, 1 L4+L7; no Service with a waypoint leads to those with L4',
  });
});
