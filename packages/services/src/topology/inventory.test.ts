import type { Workload } from '@ambit/contracts/agent/protocol';
import type { ReportedProxy } from '@ambit/contracts/agent/telemetry';
import { describe, expect, it } from 'vitest';
import { inventoryOf, type ClusterKnown, type KubeLike } from './inventory.ts';

const workload = (name: string, more: Partial<Workload> = {}): Workload => ({
  namespace: 'shop',
  kind: 'Deployment',
  name,
  serviceAccount: 'default',
  pods: 2,
  ready: 1,
  enrolled: 2,
  mode: 'sidecar',
  revision: '',
  proxyVersions: {},
  ...more,
});
const deployment = (name: string, labels: Record<string, string>): KubeLike => ({
  kind: 'Deployment',
  metadata: { name, namespace: 'shop', annotations: { 'health.kiali.io/rate': '500,1,2,http,i' } },
  spec: { template: { metadata: { labels } } },
});
const service = (name: string, selector?: Record<string, string>): KubeLike => ({
  kind: 'Service',
  metadata: { name, namespace: 'shop' },
  spec: selector ? { selector } : {},
});
const proxy = (name: string, more: Partial<ReportedProxy> = {}): ReportedProxy => ({
  namespace: 'shop',
  pod: `${name}-1`,
  workload: name,
  node: 'n',
  kind: 'sidecar',
  version: '',
  ready: true,
  problem: '',
  scrapedAt: 1,
  istiod: '',
  sync: { cds: 'synced' },
  syncError: '',
  ...more,
});
const inventory = (
  of: Partial<ClusterKnown>,
  policies: KubeLike[] = [],
  reporting: ReadonlySet<string> | null = null,
) =>
  inventoryOf(
    {
      clusters: [
        { name: 'c1', workloads: [], objects: [], proxies: null, agentTells: true, ...of },
      ],
      policies,
    },
    reporting,
  );

describe('the inventory of a mesh', () => {
  it('calls workloads as Istio does, and joins services with what they select', () => {
    const { workloads, services } = inventory({
      workloads: [workload('cart-v2'), workload('bare', { mode: 'none' })],
      objects: [
        deployment('cart-v2', { app: 'old', 'app.kubernetes.io/name': 'cart', version: 'v2' }),
        service('cart', { version: 'v2' }),
        service('headless'),
      ],
    });
    expect(workloads).toMatchObject([
      {
        name: 'cart-v2',
        app: 'cart',
        version: 'v2',
        role: 'workload',
        proxy: 'sidecar',
        desired: 2,
        available: 1,
        healthRate: '500,1,2,http,i',
      },
      { name: 'bare', app: '', proxy: 'none', isReporting: null },
    ]);
    expect(services.map(({ name, workloads: behind }) => [name, behind])).toEqual([
      ['cart', ['cart-v2']],
      ['headless', []],
    ]);
  });

  it('knows waypoints and gateways by their labels, wherever they run', () => {
    const name = { 'gateway.networking.k8s.io/gateway-name': 'x' };
    const { workloads } = inventory({
      workloads: ['waypoint', 'public', 'ingress', 'istiod'].map((each) =>
        workload(each, { namespace: each === 'istiod' ? 'istio-system' : 'shop' }),
      ),
      objects: [
        deployment('waypoint', { ...name, 'gateway.istio.io/managed': 'istio.io-mesh-controller' }),
        deployment('public', {
          ...name,
          'gateway.istio.io/managed': 'istio.io-gateway-controller',
        }),
        deployment('ingress', { istio: 'ingressgateway' }),
      ],
    });
    expect(workloads.map((each) => `${each.name} ${each.role}`)).toEqual([
      'waypoint waypoint',
      'public gateway',
      'ingress gateway',
    ]);
  });

  it('says whose proxies nobody can read, and which have not taken their configuration', () => {
    const proxies = [
      proxy('read', { sync: { cds: 'stale' } }),
      proxy('unread', { problem: 'refused', scrapedAt: null }),
    ];
    const workloads = ['read', 'unread', 'other'].map((name) => workload(name));
    const told = (more: Partial<ClusterKnown> = {}, reporting: Set<string> | null = null) =>
      inventory({ workloads, proxies, ...more }, [], reporting).workloads.map((each) => [
        each.isReporting,
        each.unsynced,
      ]);
    expect(told()).toEqual([
      [true, 1],
      [false, 0],
      [null, 0],
    ]);
    const byServer = (reporting: Set<string> | null) =>
      told({ agentTells: false }, reporting).map(([isReporting]) => isReporting);
    expect(byServer(null)).toEqual([null, null, null]);
    expect(byServer(new Set(['shop/unread-1']))).toEqual([false, true, null]);
  });

  it('has the services that ServiceEntries add, outside of the mesh unless they say otherwise', () => {
    const entry = (host: string, location?: string): KubeLike => ({
      kind: 'ServiceEntry',
      metadata: { name: host, namespace: 'shop' },
      spec: { hosts: [host], ...(location ? { location } : {}) },
    });
    const { services } = inventory({ objects: [entry('b.example', 'MESH_INTERNAL')] }, [
      entry('a.example'),
    ]);
    expect(services.map(({ name, external }) => [name, external])).toEqual([
      ['a.example', true],
      ['b.example', false],
    ]);
  });
});
