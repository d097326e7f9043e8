import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { poolLabel, poolSpecSchema, type NamedPool } from '@ambit/contracts/agent/waypoint';
import { parse } from 'yaml';
import type { Metadata } from '../../kube/watch.ts';
import { classObjects, scalerOf } from './class-objects.ts';
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
