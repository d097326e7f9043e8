import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  doorLabel,
  poolLabel,
  poolSpecSchema,
  sleepAfterAnnotation,
  type NamedPool,
} from '@ambit/contracts/agent/waypoint';
import type { KubeObject } from '@ambit/contracts/common';
import { parse } from 'yaml';
import { classObjects } from '../class-objects.ts';
import type { DoorObject, GatewayObject, PodObject, WaypointWorld } from '../objects.ts';
import { planWaypoints, type Remembered, type WaypointAction } from '../plan.ts';
import { nothingWatched } from '../status.ts';
import { readDoor } from './door.ts';
import { planSleepOf } from './waypoints-asleep.ts';
import { announceMs, nobodyAtTheDoor, wakeSettleMs, type Doorkeeper } from './plan-sleep.ts';

const key = 'shop/waypoint';
const afterS = 60;
const meta = (name: string, more: object = {}) => ({
  name,
  namespace: 'shop',
  uid: `uid-${name}`,
  resourceVersion: '1',
  ...more,
});
const pool = (spec: object = {}): NamedPool => ({
  name: 'calm',
  spec: poolSpecSchema.parse({
    kind: 'shared',
    scaling: { by: 'fixed' },
    sleepAfterS: afterS,
    ...spec,
  }),
});

/** What is in a cluster, as far as the sleep of one waypoint goes. */
interface Town {
  replicas: number;
  /** `coming`, `ready` or `ending`, one word a pod. */
  pods: string[];
  door: DoorObject | null;
  annotation: string | null;
  now: number;
}
const town = (more: Partial<Town> = {}): Town => ({
  replicas: 1,
  pods: ['ready'],
  door: null,
  annotation: null,
  now: 1_000_000,
  ...more,
});

const gatewayOf = ({ annotation }: Town): GatewayObject => ({
  metadata: meta(
    'waypoint',
    annotation === null ? {} : { annotations: { [sleepAfterAnnotation]: annotation } },
  ),
  spec: {
    gatewayClassName: 'ambit-waypoint-calm',
    listeners: [{ name: 'hbone', port: 15_008, protocol: 'HBONE' }],
  },
  status: { conditions: [{ type: 'Programmed', status: 'True' }] },
});
const podOf = (state: string, at: number): PodObject => ({
  metadata: meta(`waypoint-${at}`, state === 'ending' ? { deletionTimestamp: 'now' } : {}),
  status: {
    podIP: `192.0.2.${at + 1}`,
    conditions: [{ type: 'Ready', status: state === 'coming' ? 'False' : 'True' }],
  },
});

function worldOf(seen: Town): WaypointWorld {
  const alive = seen.pods.filter((state) => state !== 'ending');
  return {
    gateways: new Map([[key, gatewayOf(seen)]]),
    classes: new Map([
      [
        'ambit-waypoint-calm',
        {
          metadata: { ...meta('ambit-waypoint-calm'), labels: { [poolLabel]: 'calm' } },
          spec: { controllerName: 'istio.io/mesh-controller' },
        },
      ],
    ]),
    defaults: new Map(),
    deployments: new Map([
      [
        key,
        {
          metadata: meta('waypoint'),
          spec: { replicas: seen.replicas, template: { spec: { serviceAccountName: 'its-own' } } },
          status: {
            replicas: alive.length,
            readyReplicas: alive.filter((state) => state === 'ready').length,
            updatedReplicas: alive.length,
          },
        },
      ],
    ]),
    pods: new Map(seen.pods.length > 0 ? [[key, seen.pods.map(podOf)]] : []),
    scalers: new Map(),
    daemonSets: new Map(),
    holds: new Map(),
    doors: new Map(seen.door ? [[key, seen.door]] : []),
    parameters: new Map(),
    metricsApi: false,
  };
}

const keeper = (more: Partial<Doorkeeper> = {}): Doorkeeper => ({
  ...nobodyAtTheDoor,
  address: '192.0.2.200',
  problem: '',
  listening: new Set([21_000]),
  ...more,
});

interface Agent {
  quietSince: number | null;
  keeper: Doorkeeper;
}
const memoryOf = (quietSince: number | null): Map<string, Remembered> =>
  new Map([
    [
      key,
      {
        ...nothingWatched,
        load: { requestsPerSecond: 0, activeRequests: 0, told: 1 },
        history: [],
        quietSince,
      },
    ],
  ]);

function look(seen: Town, agent: Partial<Agent> = {}, pools: NamedPool[] = [pool()]) {
  const plan = planWaypoints({
    settings: { rootNamespace: 'istio-system', pools },
    agentNamespace: 'ambit-system',
    world: worldOf(seen),
    memory: memoryOf(agent.quietSince ?? null),
    image: null,
    keeper: agent.keeper ?? keeper(),
    now: seen.now,
  });
  const isOfSleep = (action: WaypointAction): boolean =>
    action.do === 'apply'
      ? action.object.kind === 'WorkloadEntry'
      : action.do === 'delete'
        ? action.ref.kind === 'WorkloadEntry'
        : true;
  return { actions: plan.actions.filter(isOfSleep), waypoint: plan.waypoints[0]! };
}

/** Writes of an action, one after another: who dies does so between two of them. */
function writesOf(action: WaypointAction): ((now: Town) => Town)[] {
  const put = (object: KubeObject) => (now: Town) => ({
    ...now,
    door: {
      ...(object as unknown as DoorObject),
      metadata: { ...meta('door'), ...object.metadata },
    },
  });
  const scale = (to: number) => (now: Town) => ({
    ...now,
    replicas: to,
    pods:
      to === 0
        ? now.pods.map(() => 'ending')
        : [...now.pods, ...Array<string>(Math.max(0, to - alive(now))).fill('coming')],
  });
  switch (action.do) {
    case 'apply':
      return [put(action.object)];
    case 'keep':
      return [];
    case 'delete':
      return [(now) => ({ ...now, door: null })];
    case 'scale':
      return [scale(action.to)];
    case 'wake':
      return [put(action.object), ...(action.from === action.to ? [] : [scale(action.to)])];
  }
}
const alive = ({ pods }: Town): number => pods.filter((state) => state !== 'ending').length;
const after = (seen: Town, actions: WaypointAction[]): Town =>
  actions.flatMap(writesOf).reduce((now, write) => write(now), seen);
const quiet = { quietSince: 1_000_000 - afterS * 1_000 };

describe('falling asleep', () => {
  test('first the agent takes its place, under its identity; replicas end only once callers know', () => {
    const began = town();
    const first = look(began, quiet);
    expect(first.actions).toMatchObject([
      {
        do: 'apply',
        object: {
          kind: 'WorkloadEntry',
          metadata: {
            name: 'ambit-sleep-waypoint',
            labels: {
              'gateway.networking.k8s.io/gateway-name': 'waypoint',
              [doorLabel]: 'waypoint',
            },
            ownerReferences: [{ kind: 'Gateway', uid: 'uid-waypoint' }],
          },
          spec: { address: '192.0.2.200', serviceAccount: 'its-own', ports: { hbone: 21_000 } },
        },
      },
    ]);
    const announced = after(began, first.actions);
    expect(look(announced, quiet).actions).toEqual([]);
    expect(look(announced, quiet).waypoint.sleep?.phase).toBe('fallingAsleep');
    const known = { ...announced, now: announced.now + announceMs };
    const deaf = { ...quiet, keeper: keeper({ listening: new Set() }) };
    expect(look(known, deaf).actions).toEqual([]);
    const ended = look(known, quiet);
    expect(ended.actions).toMatchObject([{ do: 'scale', from: 1, to: 0 }]);
    const asleep = { ...after(known, ended.actions), pods: [] };
    expect(look(asleep).actions).toEqual([]);
    expect(look(asleep).waypoint).toMatchObject({
      state: 'Ready',
      reason: 'Sleeping',
      sleep: { phase: 'asleep', afterS },
    });
  });

  test.each([
    ['something went through it', town(), { quietSince: null }],
    ['it is not quiet for long enough', town(), { quietSince: 1_000_000 - 59_000 }],
    ['a replica is not ready', town({ pods: ['coming'] }), quiet],
    ['it says never', town({ annotation: 'never' }), quiet],
    ['nobody can take its place', town(), { ...quiet, keeper: nobodyAtTheDoor }],
    ['the address is not known', town(), { ...quiet, keeper: keeper({ address: null }) }],
  ] as const)('not while %s', (_, seen, agent) => {
    expect(look(seen, agent).actions).toEqual([]);
    expect(look(seen, agent).waypoint.sleep?.phase).toBe('awake');
  });

  test('a request before the replicas end keeps it awake', () => {
    const announced = after(town(), look(town(), quiet).actions);
    const known = { ...announced, now: announced.now + announceMs };
    expect(look(known, { quietSince: null }).actions).toMatchObject([
      { do: 'delete', ref: { kind: 'WorkloadEntry' } },
    ]);
  });

  test('by its own word where its pool says nothing; not where the pool does and it says never', () => {
    const silent = [pool({ sleepAfterS: null })];
    expect(look(town(), quiet, silent).actions).toEqual([]);
    expect(look(town({ annotation: '60' }), quiet, silent).actions).toHaveLength(1);
    expect(look(town({ annotation: '1h' }), quiet, silent).actions).toEqual([]);
  });
});

const asleep = (more: Partial<Town> = {}): Town => {
  const announced = after(town(), look(town(), quiet).actions);
  return { ...announced, replicas: 0, pods: [], now: announced.now + 60_000, ...more };
};
const knocked = { keeper: keeper({ knocks: new Map([[key, 'a connection came']]) }) };

describe('waking', () => {
  test('marks the door before there are replicas, and takes it away once one serves', () => {
    const woken = look(asleep(), knocked);
    expect(woken.actions).toMatchObject([{ do: 'wake', from: 0, to: 1, why: 'a connection came' }]);
    const [mark] = writesOf(woken.actions[0]!);
    // Whoever marked it died: it goes on without a knock.
    const marked = mark!(asleep());
    expect(look(marked).actions).toMatchObject([{ do: 'wake', from: 0, to: 1 }]);
    const coming = { ...after(asleep(), woken.actions), now: 1_070_000 };
    expect(look(coming).actions).toEqual([]);
    expect(look(coming).waypoint).toMatchObject({
      state: 'Progressing',
      reason: 'Waking',
      sleep: { phase: 'waking', message: 'a connection came' },
    });
    const served = look({ ...coming, pods: ['ready'] });
    expect(served.actions).toMatchObject([{ do: 'delete', ref: { kind: 'WorkloadEntry' } }]);
    expect(served.waypoint.sleep?.phase).toBe('awake');
  });

  test('a replica that is about to end is none to trust', () => {
    const woken = after({ ...asleep(), pods: ['ending'] }, look(asleep(), knocked).actions);
    expect(look({ ...woken, now: woken.now + wakeSettleMs }).actions).toEqual([]);
    const early = { ...woken, pods: ['ready'] };
    expect(look(early).actions).toEqual([]);
    expect(look({ ...early, now: early.now + wakeSettleMs }).actions).toHaveLength(1);
  });

  test.each([
    ['it is not to sleep any more', asleep({ annotation: 'never' }), keeper()],
    ['nobody can take its connections in', asleep(), keeper({ problem: 'no address' })],
    ['somebody took its door away', asleep({ door: null }), keeper()],
  ])('when %s', (_, seen, now) => {
    const { actions } = look(seen, { keeper: now });
    expect(actions).toMatchObject([{ to: 1 }]);
  });

  test('to the floor of its pool; a HorizontalPodAutoscaler has its own', () => {
    const pools = [pool({ minReplicas: 2 })];
    expect(look(asleep(), knocked, pools).actions).toMatchObject([{ do: 'wake', to: 2 }]);
    const world = worldOf(asleep());
    const scaler = {
      metadata: meta('waypoint'),
      spec: {
        minReplicas: 3,
        maxReplicas: 5,
        scaleTargetRef: { kind: 'Deployment', name: 'waypoint' },
      },
    };
    const { actions, sleep } = planSleepOf(
      {
        settings: null,
        agentNamespace: 'ambit-system',
        world: { ...world, scalers: new Map([[key, scaler]]) },
        memory: new Map(),
        image: null,
        keeper: knocked.keeper,
        now: 1_070_000,
      },
      {
        gateway: gatewayOf(asleep()),
        deployment: world.deployments.get(key),
        hpa: scaler,
        pool: pools[0],
        ports: new Set([21_000]),
      },
    );
    expect(actions).toMatchObject([{ do: 'wake', to: 3 }]);
    expect(sleep.phase).toBe('waking');
  });

  test('another agent takes the place of one that is gone', () => {
    const { actions } = look(asleep(), { keeper: keeper({ address: '192.0.2.201' }) });
    expect(actions).toMatchObject([
      { do: 'apply', object: { spec: { address: '192.0.2.201', ports: { hbone: 21_000 } } } },
    ]);
    expect(
      look(after(asleep(), actions), { keeper: keeper({ address: '192.0.2.201' }) }).actions,
    ).toEqual([]);
  });

  test('a port that cannot be listened on is changed for another', () => {
    const now = keeper({ taken: new Set([21_000, 21_001]) });
    expect(look(asleep(), { keeper: now }).actions).toMatchObject([
      { do: 'apply', object: { spec: { ports: { hbone: 21_002 } } } },
    ]);
  });
});

test('istiod says how many replicas there are only where no waypoint of the pool may sleep', () => {
  const place = { rootNamespace: 'istio-system', agentNamespace: 'ambit-system' };
  const replicasOf = (maySleep: boolean): unknown => {
    const objects = classObjects(pool(), place, 'fixed', null, maySleep);
    const data = objects[1]!['data'] as Record<string, string>;
    return (parse(data['deployment']!) as { spec: { replicas?: number } }).spec.replicas;
  };
  expect([replicasOf(false), replicasOf(true)]).toEqual([1, undefined]);
});

/** What may happen, in any order and number. */
const event = fc.oneof(
  fc.record({ is: fc.constant('look' as const), writes: fc.nat(2) }),
  fc.record({ is: fc.constant('look' as const), writes: fc.constant(9) }),
  fc.record({ is: fc.constant('time' as const), ms: fc.constantFrom(1_000, 6_000, 70_000) }),
  fc.record({ is: fc.constantFrom('call' as const, 'pods' as const, 'restart' as const) }),
  fc.record({ is: fc.constant('want' as const), annotation: fc.constantFrom(null, 'never', '60') }),
);

describe('whatever happens, and wherever the agent is killed', () => {
  interface Life {
    town: Town;
    address: number;
    quietSince: number | null;
    /** Connections that wait at the door of the agent that lives. */
    held: number;
    lost: string[];
  }
  const keeperOf = (life: Life): Doorkeeper => {
    const port = life.town.door && readDoor(life.town.door)?.port;
    return keeper({
      address: `192.0.2.${200 + life.address}`,
      listening: new Set(port ? [port] : []),
      knocks: new Map(life.held > 0 && life.town.door ? [[key, 'a connection came']] : []),
    });
  };
  const isServing = ({ pods }: Town): boolean => pods.includes('ready');
  const step = (life: Life, writes: number): boolean => {
    const { actions } = look(life.town, { quietSince: life.quietSince, keeper: keeperOf(life) });
    let left = writes;
    for (const write of actions.flatMap(writesOf)) {
      if (left-- <= 0) return true;
      const before = life.town;
      life.town = write(before);
      if (life.town.replicas === 0 && !life.town.door) life.lost.push('no replica and no door');
      if (before.door && !life.town.door && !isServing(before))
        life.lost.push('a door went too early');
      if (life.town.replicas === 0) life.quietSince = null;
    }
    return actions.length > 0;
  };
  const settlePods = (life: Life) => {
    const pods = life.town.pods.filter((state) => state !== 'ending').map(() => 'ready');
    life.town = { ...life.town, pods };
    if (isServing(life.town)) life.held = 0;
  };

  test('no connection is refused, none goes past it, and one that waits is served', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        const life: Life = { town: town(), address: 0, quietSince: 0, held: 0, lost: [] };
        for (const one of events) {
          switch (one.is) {
            case 'look':
              // Whoever did not come to the end of his writes is dead.
              if (step(life, one.writes) && one.writes < 9) {
                Object.assign(life, { quietSince: null, held: 0, address: life.address + 1 });
              }
              break;
            case 'time':
              life.town = { ...life.town, now: life.town.now + one.ms };
              if (isServing(life.town)) life.quietSince ??= life.town.now - one.ms;
              break;
            case 'call':
              if (isServing(life.town)) life.quietSince = null;
              else if (life.town.door) life.held += 1;
              else if (!life.town.pods.includes('coming')) life.lost.push('nobody answers');
              break;
            case 'pods':
              settlePods(life);
              break;
            case 'restart':
              Object.assign(life, { quietSince: null, held: 0, address: life.address + 1 });
              break;
            case 'want':
              life.town = { ...life.town, annotation: one.annotation };
          }
        }
        expect(life.lost).toEqual([]);
        // A caller who waits is served, and then all is still.
        if (!isServing(life.town)) life.held += 1;
        for (let looks = 0; looks < 12 && life.held > 0; looks++) {
          step(life, 9);
          settlePods(life);
          life.town = { ...life.town, now: life.town.now + 1_000 };
        }
        expect(life.held).toBe(0);
        life.quietSince = null;
        for (let looks = 0; looks < 12; looks++) {
          step(life, 9);
          settlePods(life);
          life.town = { ...life.town, now: life.town.now + 1_000 };
        }
        expect(step(life, 0)).toBe(false);
        expect(life.town.door === null || life.town.replicas === 0).toBe(true);
      }),
      { numRuns: 80 },
    );
  });
});
