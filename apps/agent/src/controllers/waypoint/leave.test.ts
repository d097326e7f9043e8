import { describe, expect, test, vi } from 'vitest';
import { holdLabel, holdUntilAnnotation } from '@ambit/contracts/agent/waypoint';
import type { Cluster } from '../../kube/objects.ts';
import { isQuiet, type Look } from './drain.ts';
import { clustersOf, holdNameFor, holdObject } from './hold.ts';
import { makeWaypoints } from './manager.ts';
import type { PodObject, WaypointWorld } from './objects.ts';
import { planWaypoints } from './plan.ts';
import { nobodyAtTheDoor } from './sleep/plan-sleep.ts';

const named = (name: string) => ({
  '@type': 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
  name,
  type: 'EDS',
});
const web = named('inbound-vip|80|http|web.shop.svc.cluster.local');
const dump = JSON.stringify({
  configs: [
    { cluster: web },
    { cluster: named('inbound-vip|80|http|web.shopping.svc.cluster.local') },
    { cluster: named('main_internal') },
    { dynamic_active_clusters: [{ cluster: named('inbound-vip|90|tcp|db.shop.svc.example') }] },
  ],
});
const services = [
  { namespace: 'shop', name: 'web' },
  { namespace: 'shop', name: 'db' },
];

describe('what a waypoint holds while its clients leave', () => {
  test('is its clusters of the Services that leave, and of no other, as they are', () => {
    const { '@type': _, ...config } = web;
    const found = clustersOf(dump, services);
    expect(found[0]).toEqual(config);
    expect(found.map(({ name }) => name)).toEqual([
      web.name,
      'inbound-vip|90|tcp|db.shop.svc.example',
    ]);
    expect(clustersOf('no dump', services)).toEqual([]);
    expect(clustersOf('{}', services)).toEqual([]);
  });

  test('has a mark by which it is seen, another for other clusters, and keeps no waypoint', () => {
    const marks = (names: string[]) => {
      const object = holdObject(
        { namespace: 'shop', name: 'waypoint', services },
        names.map((name) => ({ name })),
        5_000,
        [],
      ) as unknown as {
        metadata: { annotations: Record<string, string> };
        spec: { configPatches: { patch: { value: { name: string } } }[] };
      };
      expect(object.metadata.annotations).toMatchObject({
        [holdUntilAnnotation]: '5000',
        'ambit.dev/keeps-waypoint': 'false',
      });
      return object.spec.configPatches.at(-1)!.patch.value.name;
    };
    expect(marks(['a'])).toBe(marks(['a']));
    expect(marks(['a'])).not.toBe(marks(['a', 'b']));
  });

  test('is named by what is held, and belongs to the replicas that hold it', () => {
    const nameOf = (...names: string[]) =>
      holdNameFor({
        name: 'waypoint',
        services: names.map((name) => ({ namespace: 'shop', name })),
      });
    expect(nameOf('web', 'db')).toBe(nameOf('db', 'web'));
    expect(nameOf('web')).not.toBe(nameOf('web', 'db'));
    expect(nameOf('web')).toMatch(/^ambit-hold-waypoint-[0-9a-f]{8}$/);
    const input = { namespace: 'shop', name: 'waypoint', services };
    const replicas = (count: number) => Array.from({ length: count }, () => pod);
    expect(holdObject(input, [], 0, replicas(1)).metadata).toMatchObject({
      ownerReferences: [{ kind: 'Pod', name: 'waypoint-1', uid: 'p' }],
    });
    expect(holdObject(input, [], 0, replicas(51)).metadata).not.toHaveProperty('ownerReferences');
  });

  const gone = (now: number, pods: PodObject[] = [], until = 1_000) => {
    const hold = {
      metadata: {
        name: 'ambit-hold-waypoint',
        namespace: 'shop',
        uid: 'u',
        resourceVersion: '1',
        labels: { [holdLabel]: 'waypoint' },
        annotations: { [holdUntilAnnotation]: String(until) },
      },
    };
    const world: WaypointWorld = {
      gateways: new Map(),
      classes: new Map(),
      defaults: new Map(),
      deployments: new Map(),
      pods: new Map(pods.length > 0 ? [['shop/waypoint', pods]] : []),
      scalers: new Map(),
      daemonSets: new Map(),
      holds: new Map([['shop/ambit-hold-waypoint', hold]]),
      doors: new Map(),
      parameters: new Map(),
      metricsApi: false,
    };
    const settings = { rootNamespace: 'istio-system', pools: [] };
    const { actions } = planWaypoints({
      settings,
      agentNamespace: 'ambit-system',
      world,
      memory: new Map(),
      image: null,
      keeper: nobodyAtTheDoor,
      now,
    });
    return actions.map((action) => (action.do === 'delete' ? action.why : action.do));
  };
  const pod = {
    metadata: { name: 'waypoint-1', namespace: 'shop', uid: 'p', resourceVersion: '1' },
  };

  test('ends with the last pod of its waypoint, not with its Gateway; and at the latest when its time is over', () => {
    expect(gone(0, [pod])).toEqual([]);
    expect(gone(0)).toEqual(['its waypoint is gone']);
    expect(gone(1_001, [pod])).toEqual(['its time is over']);
  });
});

test('a hold ends when the cluster is of no mesh any more, and waypoints are looked after no longer', async () => {
  const path = '/apis/networking.istio.io/v1alpha3/envoyfilters';
  const left = { name: 'ambit-hold-waypoint', namespace: 'shop', uid: 'h', resourceVersion: '1' };
  const asked: unknown[] = [];
  const deleted: string[] = [];
  const resource = {
    apiVersion: 'networking.istio.io/v1alpha3',
    kind: 'EnvoyFilter',
    plural: 'envoyfilters',
    namespaced: true,
  };
  const cluster = {
    resources: {
      ofGroupKind: (_: string, kind: string) =>
        Promise.resolve(kind === 'EnvoyFilter' ? resource : null),
      of: () => Promise.resolve(resource),
    },
    client: {
      request: (method: string, at: string, options: { query?: Record<string, string> }) => {
        if (method === 'DELETE') deleted.push(at);
        else asked.push([at, options.query?.['labelSelector']]);
        return Promise.resolve({ items: [{ metadata: left }], metadata: { resourceVersion: '1' } });
      },
    },
  } as unknown as Cluster;
  const stop = new AbortController();
  const waypoints = makeWaypoints({
    cluster,
    agentNamespace: 'ambit-system',
    http: { get: () => Promise.reject(new Error('nothing is read here')) },
    nowMs: Date.now,
    say: () => {},
    tell: () => {},
  });
  waypoints.want(null);
  const running = waypoints.run(stop.signal);
  await vi.waitFor(
    () =>
      expect(deleted).toEqual([
        '/apis/networking.istio.io/v1alpha3/namespaces/shop/envoyfilters/ambit-hold-waypoint',
      ]),
    20_000,
  );
  expect(asked).toEqual([[path, holdLabel]]);
  stop.abort();
  await running;
});

describe('a waypoint is quiet', () => {
  const at = (looks: Record<string, Look>) => new Map(Object.entries(looks));
  const told = (active: number | null, requests: number | null): Look => ({ active, requests });

  test('once no replica has a request under way, and none came since the last look', () => {
    const one = at({ a: told(0, 10), b: told(0, 5) });
    expect(isQuiet(new Map(), one)).toBe('busy');
    expect(isQuiet(one, one)).toBe('quiet');
    expect(isQuiet(one, at({ a: told(0, 11), b: told(0, 5) }))).toBe('busy');
    expect(isQuiet(one, at({ a: told(1, 10), b: told(0, 5) }))).toBe('busy');
    expect(isQuiet(at({ a: told(null, 3) }), at({ a: told(null, 3) }))).toBe('quiet');
  });

  test('or nobody knows, where a replica does not tell; one that is busy counts before', () => {
    const blind = at({ a: told(null, null) });
    expect(isQuiet(blind, blind)).toBe('blind');
    expect(isQuiet(blind, at({ a: told(null, null), b: told(2, 1) }))).toBe('busy');
  });
});
