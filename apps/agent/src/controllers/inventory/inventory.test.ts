import { describe, expect, it } from 'vitest';
import { planRestart } from '../actions/restart.ts';
import { findForeign } from '../foreign/detect.ts';
import { makeInventory, podFacts, type RawPod } from './inventory.ts';

const ownerOf = (replicaSet: string) =>
  replicaSet === 'shop/web-1' ? { kind: 'Deployment', name: 'web' } : null;
const raw = (
  name: string,
  more: { metadata?: object; spec?: object; status?: object } = {},
): RawPod => ({
  metadata: {
    name,
    namespace: 'shop',
    ownerReferences: [{ kind: 'ReplicaSet', name: 'web-1', controller: true }],
    ...more.metadata,
  },
  spec: { containers: [{ name: 'app', image: 'app:1' }], serviceAccountName: 'web', ...more.spec },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }], ...more.status },
});
const withProxy = (tag: string, list = 'containers') => ({
  spec: { [list]: [{ name: 'app' }, { name: 'istio-proxy', image: `hub/proxyv2:${tag}` }] },
});
const facts = (...pods: RawPod[]) =>
  pods.map((pod) => podFacts(pod, ownerOf)).filter((pod) => pod !== null);
const shop = (labels: Record<string, string> = {}) => ({ name: 'shop', labels, phase: 'Active' });

describe('the inventory', () => {
  it('groups pods by their Deployment and counts those with a proxy, also as native sidecar', () => {
    const pods = facts(
      raw('a', withProxy('1.31.0')),
      raw('b', withProxy('1.30.2', 'initContainers')),
      raw('c', { status: { conditions: [] } }),
    );
    expect(makeInventory([shop()], pods, {}).workloads).toEqual([
      {
        namespace: 'shop',
        kind: 'Deployment',
        name: 'web',
        serviceAccount: 'web',
        pods: 3,
        ready: 2,
        enrolled: 2,
        mode: 'sidecar',
        revision: '',
        proxyVersions: { '1.31.0': 1, '1.30.2': 1 },
      },
    ]);
  });

  it('takes the proxies of ztunnel and waypoints, which opt out of injection, for no sidecars', () => {
    const proxy = raw('z', {
      ...withProxy('1.31.0'),
      metadata: { labels: { 'sidecar.istio.io/inject': 'false' } },
    });
    const [workload] = makeInventory([shop()], facts(proxy), {}).workloads;
    expect(workload).toMatchObject({ mode: 'none', enrolled: 0, optedOut: 1, proxyVersions: {} });
  });

  it('tells L4 from L4 with a waypoint, by pod or namespace', () => {
    const redirected = { metadata: { annotations: { 'ambient.istio.io/redirection': 'enabled' } } };
    const mode = (labels: Record<string, string>) =>
      makeInventory([shop(labels)], facts(raw('a', redirected)), {}).workloads[0]!.mode;
    expect([
      mode({}),
      mode({ 'istio.io/use-waypoint': 'wp' }),
      mode({ 'istio.io/use-waypoint': 'none' }),
    ]).toEqual(['L4', 'L4+L7', 'L4']);
  });

  it('leaves out pods that ended or are ending', () => {
    expect(
      facts(
        raw('a', { status: { phase: 'Succeeded' } }),
        raw('b', { metadata: { deletionTimestamp: 'now' } }),
      ),
    ).toEqual([]);
  });

  it('has the same digest for the same facts in another order, and another for others', () => {
    const pods = facts(raw('a'), raw('b', { metadata: { ownerReferences: [] } }));
    const digest = (of: typeof pods) => makeInventory([shop()], of, {}).digest;
    expect(digest([...pods].reverse())).toBe(digest(pods));
    expect(digest(pods.slice(1))).not.toBe(digest(pods));
  });
});

describe('which workloads restart', () => {
  const injected = shop({ 'istio-injection': 'enabled' });
  const plan = (namespace: typeof injected, ...pods: RawPod[]) =>
    planRestart(namespace, facts(...pods), '1.31.0');
  const web = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' };
  const out = { metadata: { labels: { 'sidecar.istio.io/inject': 'false' } } };

  it.each([
    ['pods without a proxy in an injected namespace', injected, [raw('a')], [web]],
    ['pods with the proxy they are to have', injected, [raw('a', withProxy('1.31.0'))], []],
    ['pods with an old proxy', injected, [raw('a', withProxy('1.30.2'))], [web]],
    ['pods that opted out', injected, [raw('a', out)], []],
    ['pods on the network of the node', injected, [raw('a', { spec: { hostNetwork: true } })], []],
    ['pods with a proxy after the namespace left', shop(), [raw('a', withProxy('1.31.0'))], [web]],
    ['pods in a namespace of a revision', shop({ 'istio.io/rev': 'stable' }), [raw('a')], [web]],
    ['nothing outside of any mesh', shop(), [raw('a')], []],
  ])('%s', (_name, namespace, pods, expected) => {
    expect(plan(namespace, ...pods).workloads).toEqual(expected);
  });

  it('names pods that nothing would make again', () => {
    expect(plan(injected, raw('alone', { metadata: { ownerReferences: [] } }))).toEqual({
      workloads: [],
      loose: ['alone'],
    });
  });
});

describe('an Istio that is not ours', () => {
  const istiod = (labels: object, more: object = {}) => ({
    metadata: {
      name: 'istiod',
      namespace: 'istio-system',
      uid: '1',
      resourceVersion: '1',
      labels: { app: 'istiod', ...labels },
      ...more,
    },
    spec: { template: { spec: { containers: [{ image: 'docker.io/istio/pilot:1.28.1' }] } } },
  });
  it.each([
    ['ours', istiod({ 'applyset.kubernetes.io/part-of': 'own' }), []],
    [
      'of Helm',
      istiod(
        { 'app.kubernetes.io/managed-by': 'Helm' },
        { annotations: { 'meta.helm.sh/release-name': 'istiod' } },
      ),
      ['Helm release istiod'],
    ],
    [
      'of istioctl',
      istiod({ 'install.operator.istio.io/owning-resource': 'unknown' }),
      ['istioctl'],
    ],
    ['of another Ambit', istiod({ 'applyset.kubernetes.io/part-of': 'other' }), ['unknown']],
  ])('%s', (_name, deployment, managers) => {
    const found = findForeign([deployment as never], [], 'own');
    expect(found.map(({ managedBy }) => managedBy)).toEqual(managers);
    for (const one of found) expect(one.version).toBe('1.28.1');
  });
});
