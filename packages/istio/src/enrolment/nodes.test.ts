import { describe, expect, test } from 'vitest';
import type { KubeObject } from '@ambit/contracts/common';
import type { ReportedProxy } from '@ambit/contracts/agent/telemetry';
import type { PodFact } from './facts.ts';
import { l4Objects, namespaceL4 } from './namespace-l4.ts';
import { ambientNodesOf } from './nodes.ts';
import { repairOf } from './repair.ts';
import { cni, facts, namespace, node, now, pod, policy, ztunnel } from './testing.ts';

const cluster = { clusterId: 'cls_1', clusterName: 'c' };
const ambient = { 'istio.io/dataplane-mode': 'ambient' };
const nodesOf = (objects: KubeObject[], proxies: ReportedProxy[] = []) =>
  ambientNodesOf(facts(objects, { proxies }), cluster);

describe('the health of nodes', () => {
  test.each([
    ['both are ready', [node('one'), cni('one'), ztunnel('one')], 'ok', 'none'],
    ['no ztunnel', [node('one'), cni('one')], 'lacks', 'none'],
    ['no istio-cni', [node('one'), ztunnel('one')], 'lacks', 'none'],
    ['neither', [node('one')], 'lacks', 'none'],
    [
      'ztunnel is not ready',
      [node('one'), cni('one'), ztunnel('one', false)],
      'notReady',
      'ztunnel',
    ],
    ['istio-cni is not ready', [node('one'), cni('one', false), ztunnel('one')], 'notReady', 'cni'],
    [
      'a node that is down',
      [node('one', { ready: false }), cni('one', false)],
      'nodeNotReady',
      'none',
    ],
    ['a virtual node', [node('one', { labels: { type: 'virtual-kubelet' } })], 'notNeeded', 'none'],
    [
      'another system',
      [node('one', { labels: { 'kubernetes.io/os': 'windows' } })],
      'notNeeded',
      'none',
    ],
    ['a node that was not told', [cni('one'), ztunnel('one')], 'ok', 'none'],
  ] as const)('%s', (_name, objects, state, repair) => {
    expect(nodesOf([...objects])).toMatchObject([{ node: 'one', state, repair }]);
  });

  test('say how a pod ended last, what it redirects, and what ztunnel misses of it', () => {
    const broken = cni('one', false) as KubeObject & { status: object };
    broken.status = {
      ...broken.status,
      containerStatuses: [
        {
          name: 'install-cni',
          restartCount: 3,
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: {
            terminated: { reason: 'Error', exitCode: 1, finishedAt: '2026-11-01T09:59:00Z' },
          },
        },
      ],
    };
    const told = {
      namespace: 'istio-system',
      pod: 'ztunnel-one',
      admin: {
        readAt: +now,
        problem: '',
        certificates: [],
        carries: ['shop/web-abc-1', 'old/gone-1'],
        misses: ['shop/cart-abc-1'],
      },
    } as unknown as ReportedProxy;
    const [found] = nodesOf(
      [
        node('one'),
        broken,
        ztunnel('one'),
        namespace('shop', ambient),
        pod('shop/web', { redirected: true }),
        pod('shop/cart', { redirected: true }),
      ],
      [told],
    );
    expect(found).toMatchObject({
      pods: { redirected: 2, carried: 1, missed: 1 },
      cni: {
        version: '1.31.0',
        restarts: 3,
        problem: 'CrashLoopBackOff; ended with Error, exit code 1, on 2026-11-01T09:59:00Z',
      },
    });
  });
});

describe('what a restart would mend', () => {
  const repair = (of: (known: ReturnType<typeof facts>) => PodFact, objects: KubeObject[]) => {
    const known = facts([namespace('shop', ambient), pod('shop/web'), ...objects]);
    return repairOf(known, of(known), now);
  };
  const web = (known: ReturnType<typeof facts>) => known.pods.get('shop')![0]!;

  test('is the pod that a ready CNI missed, and the CNI where that is down', () => {
    expect(repair(web, [cni('one'), ztunnel('one')]).pod).toEqual({
      namespace: 'shop',
      name: 'web-abc-1',
    });
    const down = [cni('one', false), ztunnel('one')];
    expect(repair(web, down)).toMatchObject({
      pod: { namespace: 'istio-system', name: 'istio-cni-node-one' },
      workload: { kind: 'Deployment', name: 'web' },
    });
    expect(repair((known) => known.cni.get('one')!, down)).toMatchObject({
      pod: { name: 'istio-cni-node-one' },
      workload: { kind: 'DaemonSet', name: 'istio-cni-node' },
      node: 'one',
    });
  });

  test('is nothing of a ready ztunnel or of a pod as wanted', () => {
    const objects = [cni('one'), ztunnel('one')];
    expect(repair((known) => known.ztunnel.get('one')!, objects).pod).toBeNull();
    expect(repair(web, [cni('two'), ztunnel('one')])).toMatchObject({ pod: null });
  });
});

describe('L4 of a namespace', () => {
  const inherit = { mtls: 'inherit', accessLog: 'inherit', tcpMetrics: 'inherit' } as const;

  test('is written as objects without selector, and read back as it was set', () => {
    const set = { mtls: 'STRICT', accessLog: 'off', tcpMetrics: 'off' } as const;
    const { put, remove } = l4Objects('shop', set);
    expect(put.map(({ kind }) => kind)).toEqual(['PeerAuthentication', 'Telemetry']);
    expect(remove).toEqual([]);
    const known = facts([namespace('shop')], { policies: put });
    expect(namespaceL4([known], 'shop')).toMatchObject({
      ...set,
      effective: { mtls: 'STRICT', by: 'PeerAuthentication shop/ambit-l4' },
      others: [],
    });
  });

  test('that is inherited is written nowhere', () => {
    expect(l4Objects('shop', inherit).put).toEqual([]);
    expect(l4Objects('shop', inherit).remove).toHaveLength(2);
    const part = l4Objects('shop', { ...inherit, tcpMetrics: 'on' });
    expect(part.put).toMatchObject([{ kind: 'Telemetry' }]);
    expect((part.put[0]!['spec'] as object as { accessLogging?: object }).accessLogging).toBe(
      undefined,
    );
    expect(namespaceL4([facts([namespace('shop')])], 'shop')).toMatchObject({
      ...inherit,
      effective: { mtls: 'PERMISSIVE', by: 'the default' },
    });
  });

  test('names what others say for the whole namespace, and not what they say of some pods', () => {
    const known = facts([namespace('shop')], {
      policies: [
        policy('PeerAuthentication', 'shop/default', { mtls: { mode: 'STRICT' } }),
        policy('PeerAuthentication', 'shop/web', {
          selector: { matchLabels: { app: 'web' } },
          mtls: { mode: 'PERMISSIVE' },
        }),
      ],
    });
    expect(namespaceL4([known], 'shop')).toMatchObject({
      mtls: 'inherit',
      effective: { mtls: 'STRICT' },
      others: [{ kind: 'PeerAuthentication', name: 'default', sets: 'mtls' }],
    });
  });
});
