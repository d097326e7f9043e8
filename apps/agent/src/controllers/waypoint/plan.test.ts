import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { poolLabel, poolSpecSchema, type NamedPool } from '@ambit/contracts/agent/waypoint';
import { parse } from 'yaml';
import type { Metadata } from '../../kube/watch.ts';
import { classObjects, scalerOf } from './class-objects.ts';
import { between, quantile, readSample } from './figures.ts';
import type {
  ClassObject,
  Condition,
  DeploymentObject,
  GatewayObject,
  PodObject,
  ScalerObject,
  WaypointWorld,
} from './objects.ts';
import { planWaypoints, type Remembered, type WaypointAction } from './plan.ts';
import { rejectedIn } from './rejected.ts';
import { decideReplicas, type Advice } from './scale.ts';
import { nobodyAtTheDoor } from './sleep/plan-sleep.ts';
import { nothingWatched } from './status.ts';

type Spec = Parameters<typeof poolSpecSchema.parse>[0];
const pool = (name: string, spec: object = {}): NamedPool => ({
  name,
  spec: poolSpecSchema.parse({ kind: 'shared', ...spec } as Spec),
});
const byRequests = { scaling: { by: 'agent', requestsPerSecond: 100, downStabilisationS: 0 } };

const meta = (name: string, more: Partial<Metadata> = {}): Metadata => ({
  name,
  uid: `uid-${name}`,
  resourceVersion: '1',
  ...more,
});
const inShop = (name: string, more: Partial<Metadata> = {}) =>
  meta(name, { namespace: 'shop', ...more });
const programmed: Condition[] = [{ type: 'Programmed', status: 'True' }];

const gateway = (more: {
  class?: string;
  meta?: Partial<Metadata>;
  spec?: object;
  conditions?: Condition[];
}): GatewayObject => ({
  metadata: inShop('waypoint', more.meta),
  spec: {
    gatewayClassName: more.class ?? 'istio-waypoint',
    listeners: [{ name: 'mesh', port: 15_008, protocol: 'HBONE' }],
    ...more.spec,
  },
  status: { conditions: more.conditions ?? programmed },
});
const gatewayClass = (
  name: string,
  more: { controller?: string; labels?: Record<string, string> } = {},
): ClassObject => ({
  metadata: meta(name, more.labels ? { labels: more.labels } : {}),
  spec: { controllerName: more.controller ?? 'istio.io/mesh-controller' },
});
const deployment = (
  replicas: number,
  ready: number,
  more: { conditions?: Condition[]; owner?: string } = {},
): DeploymentObject => ({
  metadata: inShop('waypoint', {
    ownerReferences: [
      { kind: 'Gateway', name: 'waypoint', uid: more.owner ?? 'uid-waypoint', controller: true },
    ],
  }),
  spec: { replicas },
  status: {
    replicas,
    readyReplicas: ready,
    updatedReplicas: replicas,
    ...(more.conditions ? { conditions: more.conditions } : {}),
  },
});
const pod = (status: PodObject['status']): PodObject => ({
  metadata: inShop('waypoint-1'),
  ...(status ? { status } : {}),
});
const autoscaler = (owner: string): ScalerObject => ({
  metadata: inShop('waypoint', {
    ownerReferences: [{ kind: 'Gateway', name: 'waypoint', uid: owner }],
  }),
  spec: {
    minReplicas: 2,
    maxReplicas: 4,
    scaleTargetRef: { kind: 'Deployment', name: 'waypoint' },
  },
});

const world = (more: {
  gateway?: GatewayObject;
  classes?: ClassObject[];
  deployment?: DeploymentObject;
  pods?: PodObject[];
  scaler?: ScalerObject;
  rest?: Partial<WaypointWorld>;
}): WaypointWorld => ({
  gateways: new Map(more.gateway ? [['shop/waypoint', more.gateway]] : []),
  classes: new Map(
    (more.classes ?? [gatewayClass('istio-waypoint')]).map((one) => [one.metadata.name, one]),
  ),
  defaults: new Map(),
  deployments: new Map(more.deployment ? [['shop/waypoint', more.deployment]] : []),
  pods: new Map(more.pods ? [['shop/waypoint', more.pods]] : []),
  scalers: new Map(more.scaler ? [['shop/waypoint', more.scaler]] : []),
  daemonSets: new Map(),
  holds: new Map(),
  doors: new Map(),
  parameters: new Map(),
  metricsApi: false,
  ...more.rest,
});

const plan = (
  seen: WaypointWorld,
  more: { pools?: NamedPool[] | null; memory?: Map<string, Remembered>; now?: number } = {},
) =>
  planWaypoints({
    settings:
      more.pools === null ? null : { rootNamespace: 'istio-system', pools: more.pools ?? [] },
    agentNamespace: 'ambit-system',
    world: seen,
    memory: more.memory ?? new Map(),
    image: null,
    keeper: nobodyAtTheDoor,
    now: more.now ?? 1_000_000,
  });
const busy = (requestsPerSecond: number | null, told = 1): Map<string, Remembered> =>
  new Map([
    [
      'shop/waypoint',
      {
        ...nothingWatched,
        load: { requestsPerSecond, activeRequests: null, told },
        history: [],
        quietSince: null,
      },
    ],
  ]);
const scales = (actions: WaypointAction[]) =>
  actions.flatMap((one) => (one.do === 'scale' ? [[one.from, one.to]] : []));

describe('how a waypoint is', () => {
  const waiting = (reason: string): PodObject =>
    pod({
      containerStatuses: [
        { name: 'istio-proxy', image: 'proxyv2:x', state: { waiting: { reason, message: 'why' } } },
      ],
    });
  const notProgrammed: Condition[] = [
    { type: 'Programmed', status: 'False', reason: 'AddressNotAssigned', message: 'no address' },
  ];
  const foreign = gatewayClass('other', { controller: 'example.com/gateways' });
  test.each<[string, string, string, Parameters<typeof world>[0]]>([
    ['serves', 'Ready', 'Serving', { gateway: gateway({}), deployment: deployment(2, 2) }],
    [
      'has a replica missing',
      'Degraded',
      'ReplicasMissing',
      { gateway: gateway({}), deployment: deployment(2, 1) },
    ],
    [
      'starts',
      'Progressing',
      'Starting',
      { gateway: gateway({ conditions: notProgrammed }), deployment: deployment(1, 0) },
    ],
    [
      'is not programmed',
      'Progressing',
      'NotProgrammed',
      { gateway: gateway({ conditions: notProgrammed }), deployment: deployment(1, 1) },
    ],
    [
      'has no replicas',
      'Failed',
      'NoReplicas',
      { gateway: gateway({}), deployment: deployment(0, 0) },
    ],
    [
      'is of a class that is not there',
      'Failed',
      'ClassMissing',
      { gateway: gateway({ class: 'gone' }) },
    ],
    [
      'is of a class of another controller',
      'Failed',
      'ForeignController',
      { gateway: gateway({ class: 'other' }), classes: [foreign] },
    ],
    [
      'was told not to be deployed by istiod',
      'Failed',
      'ForeignDeployer',
      {
        gateway: gateway({
          meta: { annotations: { 'gateway.istio.io/controller-version': '999' } },
        }),
      },
    ],
    [
      'has a Deployment of somebody else',
      'Degraded',
      'ForeignDeployer',
      { gateway: gateway({}), deployment: deployment(1, 1, { owner: 'another' }) },
    ],
    [
      'cannot get its image',
      'Failed',
      'ImagePullBackOff',
      { gateway: gateway({}), deployment: deployment(1, 0), pods: [waiting('ImagePullBackOff')] },
    ],
    [
      'ends again and again',
      'Failed',
      'CrashLoop',
      { gateway: gateway({}), deployment: deployment(1, 0), pods: [waiting('CrashLoopBackOff')] },
    ],
    [
      'fits on no node',
      'Failed',
      'Unschedulable',
      {
        gateway: gateway({}),
        deployment: deployment(1, 0),
        pods: [
          pod({
            conditions: [
              {
                type: 'PodScheduled',
                status: 'False',
                reason: 'Unschedulable',
                message: '0/3 nodes',
              },
            ],
          }),
        ],
      },
    ],
    [
      'is over its quota',
      'Degraded',
      'QuotaExceeded',
      {
        gateway: gateway({}),
        deployment: deployment(2, 1, {
          conditions: [
            {
              type: 'ReplicaFailure',
              status: 'True',
              reason: 'FailedCreate',
              message: 'exceeded quota: pods',
            },
          ],
        }),
      },
    ],
    [
      'names parameters of another kind',
      'Failed',
      'ParametersMissing',
      {
        gateway: gateway({
          spec: { infrastructure: { parametersRef: { group: 'x.io', kind: 'Thing', name: 'p' } } },
        }),
      },
    ],
    [
      'names parameters that are elsewhere',
      'Failed',
      'ParametersElsewhere',
      {
        gateway: gateway({
          spec: { infrastructure: { parametersRef: { group: '', kind: 'ConfigMap', name: 'p' } } },
        }),
        rest: { parameters: new Map([['shop/p', false]]) },
      },
    ],
    [
      'is going',
      'Progressing',
      'Draining',
      {
        gateway: gateway({ meta: { deletionTimestamp: '2026-01-01T00:00:00Z' } }),
        deployment: deployment(1, 1),
      },
    ],
  ])('it %s: %s, %s', (_, state, reason, seen) => {
    const { waypoints } = plan(world(seen));
    expect(waypoints).toMatchObject([{ state, reason }]);
    expect(waypoints[0]!.message).not.toBe('');
  });

  test('its proxies refuse configuration: it says which', () => {
    const memory = new Map([
      [
        'shop/waypoint',
        { ...busy(1).get('shop/waypoint')!, rejected: ['main_internal: no such filter'] },
      ],
    ]);
    const seen = world({ gateway: gateway({}), deployment: deployment(1, 1) });
    expect(plan(seen, { memory }).waypoints).toMatchObject([
      { state: 'Degraded', reason: 'ConfigurationRejected' },
    ]);
  });

  test('a Gateway for traffic from outside is none', () => {
    const ingress = gateway({
      class: 'istio',
      spec: { listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
    });
    const classes = [gatewayClass('istio', { controller: 'istio.io/gateway-controller' })];
    expect(plan(world({ gateway: ingress, classes })).waypoints).toEqual([]);
  });
});

const ours = gatewayClass('ambit-waypoint-fast', { labels: { [poolLabel]: 'fast' } });
const ofPool = gateway({ class: 'ambit-waypoint-fast' });

describe('who scales', () => {
  test('the agent, towards the target, within the bounds', () => {
    const seen = world({ gateway: ofPool, classes: [ours], deployment: deployment(1, 1) });
    const pools = [pool('fast', byRequests)];
    expect(scales(plan(seen, { pools, memory: busy(310) }).actions)).toEqual([[1, 4]]);
    expect(scales(plan(seen, { pools, memory: busy(9_000) }).actions)).toEqual([[1, 5]]);
  });

  test('a HorizontalPodAutoscaler that is there is never fought', () => {
    const seen = world({
      gateway: ofPool,
      classes: [ours],
      deployment: deployment(1, 1),
      scaler: autoscaler('somebody'),
    });
    const { actions, waypoints } = plan(seen, {
      pools: [pool('fast', byRequests)],
      memory: busy(9_000),
    });
    expect(actions.filter((one) => one.do !== 'apply')).toEqual([]);
    expect(waypoints).toMatchObject([{ scaling: { by: 'hpa', min: 2, max: 4 } }]);
  });

  test('one that istiod made goes when its pool wants none, and until it is gone nothing else scales', () => {
    const seen = world({
      gateway: ofPool,
      classes: [ours],
      deployment: deployment(1, 1),
      scaler: autoscaler('uid-waypoint'),
    });
    const { actions } = plan(seen, { pools: [pool('fast', byRequests)], memory: busy(9_000) });
    expect(actions.filter((one) => one.do !== 'apply')).toMatchObject([
      { do: 'delete', ref: { kind: 'HorizontalPodAutoscaler' } },
    ]);
  });

  test('a waypoint of no pool is only watched', () => {
    const seen = world({ gateway: gateway({}), deployment: deployment(1, 1) });
    expect(plan(seen, { pools: [], memory: busy(9_000) }).actions).toEqual([]);
  });

  test.each([
    ['requests are a target', { scaling: { requestsPerSecond: 5 } }, true, 'agent'],
    ['CPU is measured', {}, true, 'hpa'],
    ['nothing measures CPU', {}, false, 'fixed'],
    ['it is fixed', { scaling: { by: 'fixed' } }, true, 'fixed'],
  ])('by itself, when %s', (_, spec, metricsApi, by) => {
    expect(scalerOf(pool('p', spec).spec, metricsApi)).toBe(by);
  });
});

describe('the number of replicas', () => {
  const spec = (scaling: object, more: object = {}) =>
    pool('p', {
      minReplicas: 1,
      maxReplicas: 50,
      scaling: { by: 'agent', requestsPerSecond: 100, ...scaling },
      ...more,
    }).spec;
  const decide = (
    rps: number | null,
    current: number,
    more: { history?: Omit<Advice, 'measuredAt'>[]; scaling?: object; told?: number } = {},
  ) =>
    decideReplicas({
      spec: spec(more.scaling ?? {}),
      current,
      ready: current,
      load: { requestsPerSecond: rps, activeRequests: null, told: more.told ?? current },
      measuredAt: 1_000_000,
      history: (more.history ?? []).map((one) => ({ ...one, measuredAt: one.at })),
      now: 1_000_000,
    }).replicas;

  test('stays while the load is not known, and within the tolerance', () => {
    expect(decide(null, 3)).toBe(3);
    expect(decide(0, 3, { told: 0 })).toBe(3);
    expect(decide(325, 3)).toBe(3);
  });

  test('grows at once, and shrinks only when the whole window says so', () => {
    expect(decide(1_000, 3)).toBe(10);
    const high = [{ at: 900_000, replicas: 8, load: 8 }];
    expect(decide(100, 10, { history: high })).toBe(8);
    expect(decide(100, 10, { history: [{ at: 100_000, replicas: 8, load: 8 }] })).toBe(1);
  });

  test('keeps to the whole window however often it looks at one measurement', () => {
    let history: readonly Advice[] = [];
    const look = (rps: number, measuredAt: number, now: number) => {
      const decision = decideReplicas({
        spec: spec({ downStabilisationS: 300 }),
        current: 8,
        ready: 8,
        load: { requestsPerSecond: rps, activeRequests: null, told: 8 },
        measuredAt,
        history,
        now,
      });
      history = decision.history;
      return decision.replicas;
    };
    look(800, 0, 0);
    // Four looks a second, a measurement each 15 seconds.
    for (let now = 250; now <= 290_000; now += 250) {
      expect(look(100, now - (now % 15_000) + 1, now)).toBe(8);
    }
    expect(history).toHaveLength(21);
    expect(look(100, 300_001, 300_001)).toBe(1);
  });

  test('counts replicas that did not tell as busy as the others', () => {
    expect(decide(500, 10, { told: 5, scaling: { downStabilisationS: 0 } })).toBe(10);
  });

  test('grows ahead of a load that rises, where that is wanted', () => {
    const rising = [4, 5, 6, 7, 8, 9].map((load, index) => ({
      at: 1_000_000 - (6 - index) * 60_000,
      replicas: load,
      load,
    }));
    expect(decide(1_000, 10, { history: rising })).toBe(10);
    expect(decide(1_000, 10, { history: rising, scaling: { predict: true } })).toBeGreaterThan(10);
  });

  test('is always within the bounds, and a second look at the same load changes nothing', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 200 }),
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        fc.boolean(),
        (current, rps, predict) => {
          const rules = spec(
            { downStabilisationS: 0, predict },
            { minReplicas: 2, maxReplicas: 20 },
          );
          const look = (replicas: number, history: readonly Advice[], now: number) =>
            decideReplicas({
              spec: rules,
              current: replicas,
              ready: replicas,
              load: { requestsPerSecond: rps, activeRequests: null, told: replicas },
              measuredAt: now,
              history,
              now,
            });
          const first = look(current, [], 1_000_000);
          expect(first.replicas).toBeGreaterThanOrEqual(2);
          expect(first.replicas).toBeLessThanOrEqual(20);
          const second = look(first.replicas, first.history, 1_015_000);
          const third = look(second.replicas, second.history, 1_030_000);
          expect(third.replicas).toBe(second.replicas);
        },
      ),
    );
  });
});

describe('a pool in a cluster', () => {
  const place = { rootNamespace: 'istio-system', agentNamespace: 'ambit-system' };
  const overlayOf = (spec: object, scaler: 'agent' | 'hpa' | 'fixed') => {
    const [, map] = classObjects(pool('fast', spec), place, scaler, 'proxyv2:1');
    return Object.fromEntries(
      Object.entries(map!['data'] as Record<string, string>).map(([key, text]) => [
        key,
        parse(text) as unknown,
      ]),
    ) as Record<string, { spec: Record<string, never> }>;
  };

  test('never has a number of replicas and a scaler at once', () => {
    expect(overlayOf({}, 'hpa')['deployment']!.spec).not.toHaveProperty('replicas');
    expect(overlayOf({}, 'hpa')).toHaveProperty('horizontalPodAutoscaler');
    expect(overlayOf(byRequests, 'agent')['deployment']!.spec).not.toHaveProperty('replicas');
    expect(overlayOf(byRequests, 'agent')).not.toHaveProperty('horizontalPodAutoscaler');
    expect(overlayOf({ minReplicas: 2 }, 'fixed')['deployment']!.spec).toHaveProperty(
      'replicas',
      2,
    );
  });

  test('drains for less long than it ends, and ends before it is killed, whatever is asked', () => {
    const seconds = fc.integer({ min: 1, max: 3_600 });
    fc.assert(
      fc.property(seconds, seconds, seconds, (drainS, terminationS, graceS) => {
        const read = poolSpecSchema.safeParse({
          kind: 'shared',
          drain: { drainS, terminationS, graceS },
        });
        expect(read.success).toBe(drainS >= 5 && drainS < terminationS && terminationS < graceS);
      }),
    );
  });

  test('is made, and made again when somebody changes it; what is of no pool goes', () => {
    const fast = pool('fast');
    const made = (actions: WaypointAction[]) =>
      actions.map((one) => (one.do === 'apply' ? one.object.kind : `${one.do}`));
    const [theClass, map] = classObjects(fast, place, 'fixed', null);
    const rest = { defaults: new Map([['istio-system/ambit-waypoint-fast', map as never]]) };
    const there = { classes: [theClass as unknown as ClassObject], rest };
    // The defaults first: of a class without them istiod would make waypoints as they are not to be.
    expect(made(plan(world({ classes: [] }), { pools: [fast] }).actions)).toEqual(['ConfigMap']);
    expect(made(plan(world({ classes: [], rest }), { pools: [fast] }).actions)).toEqual([
      'GatewayClass',
    ]);
    expect(plan(world(there), { pools: [fast] }).actions).toEqual([]);
    expect(made(plan(world(there), { pools: [pool('fast', { size: 'large' })] }).actions)).toEqual([
      'ConfigMap',
    ]);
    expect(made(plan(world(there), { pools: [] }).actions)).toEqual(['delete', 'delete']);
    expect(made(plan(world({ ...there, gateway: ofPool }), { pools: [] }).actions)).toEqual([]);
  });

  test('says replicas once more that would be one when istiod leaves them out, of pools alone', () => {
    const classes = [ours];
    const kept = (more: Parameters<typeof world>[0]) =>
      plan(world(more)).actions.filter((action) => action.do === 'keep');
    const atRisk = { ...deployment(3, 3), isAtRisk: true };
    expect(kept({ gateway: ofPool, classes, deployment: atRisk })).toMatchObject([
      { object: { kind: 'Deployment', spec: { replicas: 3 } } },
    ]);
    expect(kept({ gateway: ofPool, classes, deployment: deployment(3, 3) })).toEqual([]);
    expect(kept({ gateway: gateway({}), deployment: atRisk })).toEqual([]);
  });

  test('leaves a class of that name alone when somebody else made it', () => {
    const foreign = gatewayClass('ambit-waypoint-fast');
    const { actions, pools } = plan(world({ classes: [foreign] }), { pools: [pool('fast')] });
    expect(actions.map((one) => one.do === 'apply' && one.object.kind)).toEqual(['ConfigMap']);
    expect(pools).toMatchObject([{ ready: false }]);
    expect(pools[0]!.message).toContain("is not Ambit's");
  });
});

describe('figures', () => {
  const text = (requests: number, quick: number, slow: number) => `# HELP
istio_requests_total{reporter="waypoint",response_code="200"} ${requests}
istio_requests_total{reporter="source"} 99999
istio_request_duration_milliseconds_bucket{reporter="waypoint",le="5"} ${quick}
istio_request_duration_milliseconds_bucket{reporter="waypoint",le="10"} ${slow}
istio_request_duration_milliseconds_bucket{reporter="waypoint",le="+Inf"} ${slow}
envoy_http_downstream_rq_active{envoy_http_conn_manager_prefix="inbound_http"} 3
envoy_http_downstream_rq_active{envoy_http_conn_manager_prefix="connect_terminate"} 40
envoy_listener_manager_lds_update_rejected{} 2
`;
  test('are read from two scrapes of each replica, and summed', () => {
    const pairs = [1, 2].map(() => ({
      before: readSample(text(100, 50, 100), 0),
      now: readSample(text(300, 150, 300), 10_000),
    }));
    const { figures, load } = between(pairs);
    expect(figures).toMatchObject({ requestsPerSecond: 40, activeRequests: 6, p50Ms: 5 });
    expect(load.told).toBe(2);
    expect(pairs[0]!.now.rejected).toBe(2);
  });

  test('of a vanilla Envoy come from its own counters', () => {
    const envoy = (n: number) => `envoy_http_downstream_rq_completed{p="inbound"} ${n}\n`;
    const pair = { before: readSample(envoy(10), 0), now: readSample(envoy(60), 5_000) };
    expect(between([pair]).figures.requestsPerSecond).toBe(10);
  });

  test('are not known from one scrape, and a proxy that began anew does not count backwards', () => {
    expect(
      between([{ before: undefined, now: readSample(text(5, 1, 1), 0) }]).figures.requestsPerSecond,
    ).toBeNull();
    const anew = {
      before: readSample(text(500, 50, 100), 0),
      now: readSample(text(20, 5, 20), 10_000),
    };
    expect(between([anew]).figures.requestsPerSecond).toBe(2);
  });

  test('a share of nothing is not known', () => {
    expect(quantile(new Map(), 0.5)).toBeNull();
    expect(
      quantile(
        new Map([
          [5, 0],
          [Infinity, 0],
        ]),
        0.5,
      ),
    ).toBeNull();
  });

  test('what Envoy refused is read from its dump', () => {
    const dump = JSON.stringify({
      configs: [
        {
          '@type': 'type.googleapis.com/envoy.admin.v3.ListenersConfigDump.DynamicListener',
          name: 'main_internal',
          active_state: { listener: {} },
          error_state: { details: 'no factory for istio.stats' },
        },
        { '@type': 'DynamicListener', name: 'good', active_state: {} },
      ],
    });
    expect(rejectedIn(dump)).toEqual(['main_internal: no factory for istio.stats']);
    expect(rejectedIn('not json')).toEqual([]);
  });
});
