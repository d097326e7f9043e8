import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bundleStates, type BundleStatus } from '@ambit/contracts/agent/protocol';
import {
  isFinished,
  lifecycle,
  lifecycleTypes,
  operationTransitions,
  type LifecycleType,
  type OperationState,
} from '@ambit/contracts/lifecycle';
import { meshOptionsSchema } from '@ambit/contracts/mesh-options';
import { releaseSchema } from '@ambit/contracts/release';
import { planChange } from '@ambit/istio/enrolment/plan-change';
import {
  cni,
  facts,
  namespace,
  pod,
  service,
  waypoint,
  ztunnel,
} from '@ambit/istio/enrolment/testing';
import type { Decision } from '../decision.ts';
import type { ClusterView, LastReady, View } from '../view.ts';
import { decide } from './decide.ts';

const start = new Date('2026-11-01T00:00:00Z');
const options = meshOptionsSchema.parse({});
const digestOf = (release: string) => `sha256:${release.replaceAll('.', '').padEnd(64, '0')}`;
const release = (version: string) =>
  releaseSchema.parse({
    version,
    channel: 'stable',
    kubernetes: { min: '1.30', max: '1.35' },
    endOfLife: '2030-01-01',
    source: { istioctl: '/x' },
  });

const cluster = (more: Partial<ClusterView> = {}): ClusterView => ({
  id: 'c1',
  name: 'one',
  state: 'connected',
  lastSeenAt: start,
  report: {
    generation: 0,
    cluster: {
      kubernetesVersion: 'v1.34.4',
      nodes: [],
      foreignIstio: [],
      gatewayApi: null,
    },
    bundles: [],
    actions: [],
  },
  inventory: {
    namespaces: [{ name: 'shop', labels: {}, phase: 'Active' }],
    workloads: [],
    owned: {},
  },
  desired: [],
  ...more,
});

const lastReady: LastReady = {
  release: '1.29.0',
  options,
  digests: { c1: digestOf('1.29.0') },
};

function viewOf(type: LifecycleType, more: Partial<View> = {}): View {
  const changes = type === 'mesh.update' || type === 'mesh.upgrade';
  return {
    now: start,
    operation: {
      id: 'opr',
      type,
      state: 'pending',
      input:
        type === 'enrolment.change'
          ? { change: toL7().change, words: 'shop' }
          : type === 'enrolment.repair'
            ? { clusterId: 'c1', namespace: 'shop', pod: 'web-abc-1' }
            : type === 'mesh.upgrade'
              ? { release: '1.30.0', readyTimeoutSeconds: 60 }
              : {},
      memory: {},
    },
    steps: lifecycle[type].steps.map((name) => ({
      name,
      state: 'pending',
      message: '',
      startedAt: null,
    })),
    mesh: {
      id: 'msh',
      name: 'shop',
      profile: 'sidecar',
      release: type === 'mesh.upgrade' ? '1.30.0' : '1.29.0',
      activeRelease: type === 'mesh.create' ? null : '1.29.0',
      options: changes ? meshOptionsSchema.parse({ accessLog: true }) : options,
      lastReady: type === 'mesh.create' ? null : lastReady,
      policies: 0,
    },
    release: release(type === 'mesh.upgrade' ? '1.30.0' : '1.29.0'),
    clusters: [
      cluster(
        type === 'mesh.create'
          ? {}
          : {
              desired: [{ name: 'control-plane', digest: digestOf('1.29.0'), mode: 'present' }],
            },
      ),
    ],
    enrolments: [],
    actions: [],
    ...(type.startsWith('enrolment.') ? { known: [knownWith(toL7().before)] } : {}),
    ...more,
  };
}

/** A shop in ambient mode whose only pod is redirected, or is not. */
const shop = (redirected: boolean) =>
  facts([
    namespace('shop', {
      'istio.io/dataplane-mode': 'ambient',
      ...(redirected ? { 'istio.io/use-waypoint': 'waypoint' } : {}),
    }),
    service('shop/web'),
    pod('shop/web', { redirected, created: '2026-10-31T00:00:00Z' }),
    cni('one'),
    ztunnel('one'),
    ...waypoint('shop/waypoint'),
  ]);

const knownWith = (of: ReturnType<typeof shop>) => ({
  clusterId: 'c1',
  clusterName: 'one',
  state: 'connected',
  observedAt: start.toISOString(),
  complete: true,
  facts: of,
});

/** The CNI takes pods in once their label is set, or when what is broken was restarted. */
const isTaken = ({ operation, actions }: View): boolean =>
  operation.type === 'enrolment.change' ? operation.memory.labelled === true : actions.length > 0;

function planTo(mode: 'L4' | 'L4+L7', known: ReturnType<typeof shop>) {
  const { preview: _preview, ...change } = planChange({
    wish: {
      subjects: [{ clusterId: 'c1', namespace: 'shop' }],
      mode,
      waypoint: { name: 'waypoint' },
      guard: mode === 'L4+L7',
      restart: true,
    },
    profile: 'ambient',
    current: { namespaces: [], services: [] },
    clusters: [{ clusterId: 'c1', clusterName: 'one', facts: known }],
    now: start,
  });
  return change;
}

const toL7 = () => ({ change: planTo('L4+L7', shop(true)), before: shop(false) });

/** What the executor does with a decision, without a database: the next view, `ms` later. */
function carryOut(view: View, decision: Decision, ms: number): View {
  const now = new Date(view.now.getTime() + ms);
  const memory = structuredClone(decision.memory);
  let mesh = view.mesh;
  const desired = new Map(view.clusters.map((c) => [c.id, [...c.desired]]));
  const actions = [...view.actions];
  const put = (clusterId: string, row: ClusterView['desired'][number]) => {
    const rows = desired.get(clusterId)?.filter((d) => d.name !== row.name) ?? [];
    desired.set(clusterId, [...rows, row]);
  };
  for (const effect of decision.effects) {
    switch (effect.do) {
      case 'render':
        memory.rendered = Object.fromEntries(
          view.clusters.map((c) => [
            c.id,
            { digest: digestOf(view.mesh?.release ?? ''), objects: 40 },
          ]),
        );
        break;
      case 'setControlPlane':
        put(effect.clusterId, { name: 'control-plane', digest: effect.digest, mode: 'present' });
        break;
      case 'syncEnrolment':
        put(effect.clusterId, { name: 'enrolment', digest: digestOf('e'), mode: 'present' });
        break;
      case 'withdraw': {
        const row = desired.get(effect.clusterId)?.find((d) => d.name === effect.bundle);
        if (row) put(effect.clusterId, { ...row, mode: 'absent' });
        break;
      }
      case 'forgetDesired':
        desired.set(
          effect.clusterId,
          desired.get(effect.clusterId)?.filter((d) => !effect.bundles.includes(d.name)) ?? [],
        );
        break;
      case 'writePolicies':
        put('c1', { name: 'policies', digest: digestOf('p'), mode: 'present' });
        break;
      case 'restart':
      case 'restartPod':
      case 'wakeWaypoint':
        memory.actions = { ...memory.actions, [effect.key]: `act-${effect.key}` };
        actions.push({ id: `act-${effect.key}`, state: 'pending', message: '' });
        break;
      case 'patchMesh':
        if (mesh) {
          mesh = {
            ...mesh,
            ...Object.fromEntries(
              Object.entries(effect.patch).filter(([, value]) => value !== undefined),
            ),
          };
        }
        break;
      case 'removeMesh':
        mesh = null;
        break;
      case 'setEnrolmentRows':
      case 'deliverPolicies':
        break;
    }
  }
  return {
    ...view,
    now,
    mesh,
    operation: { ...view.operation, state: decision.state, memory },
    steps: view.steps.map((step) => {
      const patch = decision.steps.find((s) => s.name === step.name);
      if (!patch) return step;
      const startedAt = step.startedAt ?? (patch.state === 'skipped' ? null : view.now);
      return { ...step, ...patch, startedAt };
    }),
    clusters: view.clusters.map((c) => ({ ...c, desired: desired.get(c.id) ?? [] })),
    actions,
  };
}

/** One thing that happens in the world between two looks. */
type Happening =
  | { is: 'report'; state: (typeof bundleStates)[number]; errors: boolean }
  | { is: 'truth' }
  | { is: 'silence' }
  | { is: 'back' }
  | { is: 'revoked' }
  | { is: 'cancel' }
  | { is: 'time'; ms: number }
  | { is: 'foreign' };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ is: 'truth' } as const) },
  {
    weight: 4,
    arbitrary: fc.record({
      is: fc.constant('report' as const),
      state: fc.constantFrom(...bundleStates),
      errors: fc.boolean(),
    }),
  },
  fc.constant({ is: 'silence' } as const),
  fc.constant({ is: 'back' } as const),
  fc.constant({ is: 'revoked' } as const),
  fc.constant({ is: 'cancel' } as const),
  fc.constant({ is: 'foreign' } as const),
  fc.record({ is: fc.constant('time' as const), ms: fc.integer({ min: 0, max: 2_000_000 }) }),
);

function statusesOf(
  { desired }: ClusterView,
  state?: (typeof bundleStates)[number],
  errors = false,
): BundleStatus[] {
  return desired.map((row) => {
    const real = row.mode === 'absent' ? 'Removed' : 'Ready';
    const said = state ?? real;
    const applied = said === 'Ready' || said === 'Waiting' || said === 'Degraded' ? 40 : 3;
    return {
      name: row.name,
      digest: row.digest,
      state: said,
      phase: null,
      objects: { total: 40, applied, ready: applied },
      message: '',
      errors: errors ? [{ object: null, reason: 'Conflict', message: 'owned by another' }] : [],
      drift: [],
      since: start.toISOString(),
    };
  });
}

function happen(view: View, event: Happening): View {
  const each = (change: (c: ClusterView) => ClusterView): View => ({
    ...view,
    clusters: view.clusters.map(change),
  });
  switch (event.is) {
    case 'truth':
      return {
        ...each((c) => ({
          ...c,
          report: c.report && { ...c.report, bundles: statusesOf(c) },
          inventory: c.inventory && { ...c.inventory, owned: {} },
        })),
        actions: view.actions.map((action) => ({ ...action, state: 'succeeded' })),
        ...(view.known ? { known: [knownWith(shop(isTaken(view)))] } : {}),
      };
    case 'report':
      return each((c) => ({
        ...c,
        report: c.report && { ...c.report, bundles: statusesOf(c, event.state, event.errors) },
      }));
    case 'silence':
      return each((c) => (c.state === 'gone' ? c : { ...c, state: 'stale' }));
    case 'back':
      return each((c) => (c.state === 'gone' ? c : { ...c, state: 'connected' }));
    case 'revoked':
      return each((c) => ({ ...c, state: 'gone' }));
    case 'foreign':
      return each((c) => ({
        ...c,
        report: c.report && {
          ...c.report,
          cluster: {
            ...c.report.cluster,
            foreignIstio: [{ namespace: 'x', name: 'istiod', version: '1.1', managedBy: 'helm' }],
          },
        },
      }));
    case 'time':
      return { ...view, now: new Date(view.now.getTime() + event.ms) };
    case 'cancel':
      return view.operation.state === 'running'
        ? { ...view, operation: { ...view.operation, state: 'cancelling' } }
        : view;
  }
}

const allowed = (from: OperationState, to: OperationState): boolean =>
  from === to ||
  operationTransitions[from].includes(to) ||
  // One look may begin and end an operation.
  (from === 'pending' && operationTransitions.running.includes(to));

const over = ['succeeded', 'failed', 'skipped', 'cancelled'];

function check(before: View, decision: Decision): void {
  expect(allowed(before.operation.state, decision.state)).toBe(true);
  const finished = isFinished(decision.state);
  expect(finished).toBe(decision.finish !== null || isFinished(before.operation.state));
  expect(decision.wakeInMs === null).toBe(finished);
  if (decision.wakeInMs !== null) expect(decision.wakeInMs).toBeLessThanOrEqual(60_000);
  for (const patch of decision.steps) {
    const step = before.steps.find((s) => s.name === patch.name);
    if (step && over.includes(step.state)) expect(patch.state).toBe(step.state);
  }
  if (finished && !isFinished(before.operation.state)) {
    const after = carryOut(before, decision, 0);
    expect(after.steps.filter((step) => !over.includes(step.state))).toEqual([]);
  }
}

describe.each(lifecycleTypes)('%s, whatever happens', (type) => {
  test('obeys the transition tables, never ends with an open step, always knows when to look again', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 25 }), (events) => {
        let view = viewOf(type);
        for (const event of events) {
          view = happen(view, event);
          const decision = decide(view);
          check(view, decision);
          view = carryOut(view, decision, 1_000);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('an end is an end: nothing changes after it', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 15 }), (events) => {
        let view = viewOf(type);
        for (const event of events) {
          view = carryOut(view, decide((view = happen(view, event))), 1_000);
          if (!isFinished(view.operation.state)) continue;
          const later = decide(happen(view, event));
          expect(later).toMatchObject({ steps: [], effects: [], logs: [], finish: null });
          return;
        }
      }),
      { numRuns: 200 },
    );
  });

  test('once the agents are there and tell the truth, it comes to an end', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 15 }), (events) => {
        let view = viewOf(type);
        for (const event of events)
          view = carryOut(view, decide((view = happen(view, event))), 1_000);
        for (let look = 0; look < 60 && !isFinished(view.operation.state); look++) {
          view = happen(happen(view, { is: 'back' }), { is: 'truth' });
          if (view.clusters.some((c) => c.state === 'gone')) {
            view = { ...view, clusters: view.clusters.map((c) => ({ ...c, state: 'connected' })) };
          }
          view = carryOut(view, decide(view), 20_000);
        }
        expect(isFinished(view.operation.state)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('is pure: equal views give equal decisions, and the view is left as it was', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 10 }), (events) => {
        let view = viewOf(type);
        for (const event of events) {
          view = happen(view, event);
          const copy = structuredClone(view);
          const decision = decide(view);
          expect(decide(copy)).toEqual(decision);
          expect(view).toEqual(copy);
          view = carryOut(view, decision, 1_000);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('precheck', () => {
  const precheck = (change: Partial<ClusterView>, more: Partial<View> = {}) =>
    decide(viewOf('mesh.create', { clusters: [cluster(change)], ...more }));
  const withCluster = (found: object): Partial<ClusterView> => {
    const { report } = cluster();
    return { report: report && { ...report, cluster: { ...report.cluster, ...found } } };
  };

  test.each([
    [withCluster({ kubernetesVersion: 'v1.29.1' }), 'KubernetesNotSupported', '1.30 to 1.35'],
    [
      withCluster({
        foreignIstio: [{ namespace: 'istio', name: 'istiod', version: '1.2', managedBy: 'helm' }],
      }),
      'ForeignIstio',
      "not Ambit's",
    ],
  ])('refuses %#', (change, reason, words) => {
    const { state, finish } = precheck(change);
    expect([state, finish?.reason]).toEqual(['failed', reason]);
    expect(finish?.message).toContain(words);
  });

  test('of a release that left the catalogue fails', () => {
    expect(precheck({}, { release: null }).finish?.reason).toBe('ReleaseUnknown');
  });

  test('waits for an agent that is away, and says so', () => {
    const { state, steps } = precheck({ state: 'stale' });
    expect(state).toBe('running');
    expect(steps[0]?.message).toMatch(/^Paused: /);
  });
});

test('time in which the agent is away does not count against Ready', () => {
  let view = viewOf('mesh.upgrade');
  const look = (ms: number) => {
    view = carryOut(view, decide(view), ms);
  };
  const running = () => view.steps.find((step) => step.state === 'running')?.name;
  look(0);
  look(0);
  view = happen(view, { is: 'report', state: 'Applying', errors: false });
  look(1_000);
  expect(running()).toBe('apply');
  view = happen(view, { is: 'silence' });
  look(3_600_000);
  look(1_000);
  expect(running()).toBe('apply');
  view = happen(view, { is: 'back' });
  look(30_000);
  expect(running()).toBe('apply');
  look(30_001);
  look(0);
  expect(view.operation.memory.recovery?.reason).toBe('NotReady');
});

describe('a change of enrolment', () => {
  /** Looks until it ends, with agents that tell the truth; answers the effects in their order. */
  function runThrough(from: View, meanwhile: (view: View, look: number) => View = (v) => v) {
    let view = from;
    const effects: string[] = [];
    for (let look = 0; look < 60 && !isFinished(view.operation.state); look++) {
      view = meanwhile(happen(view, { is: 'truth' }), look);
      const decision = decide(view);
      effects.push(...decision.effects.map((effect) => effect.do));
      view = carryOut(view, decision, 1_000);
    }
    return { view, effects };
  }
  const stateOf = (view: View) =>
    Object.fromEntries(view.steps.map(({ name, state }) => [name, state]));

  test('labels only with a waypoint that is Programmed, guards only after the proof', () => {
    const { view, effects } = runThrough(viewOf('enrolment.change'));
    expect(effects).toEqual(['setEnrolmentRows', 'syncEnrolment', 'writePolicies']);
    expect(view.operation.state).toBe('succeeded');
    expect(stateOf(view)).toMatchObject({
      waypoint: 'succeeded',
      probe: 'succeeded',
      guard: 'succeeded',
    });
  });

  test('makes a waypoint that is not there, and sets no label while it is not Programmed', () => {
    const without = viewOf('enrolment.change');
    const none = { ...knownWith(facts([namespace('shop'), pod('shop/web')])) };
    const { view, effects } = runThrough(without, (v) => ({ ...v, known: [none] }));
    expect(effects[0]).toBe('writePolicies');
    expect(effects).not.toContain('setEnrolmentRows');
    expect(view.operation.memory.labelled).toBeUndefined();
  });

  test('a waypoint that others name and that is not there keeps no change to L4 from its proof', () => {
    const known = facts([
      namespace('shop', { 'istio.io/dataplane-mode': 'ambient' }),
      service('shop/web', { 'istio.io/use-waypoint': 'gone' }),
      pod('shop/web', { redirected: true, created: '2026-10-31T00:00:00Z' }),
      cni('one'),
      ztunnel('one'),
    ]);
    const from = viewOf('enrolment.change');
    const input = { change: planTo('L4', known), words: 'shop' };
    const { view } = runThrough({ ...from, operation: { ...from.operation, input } }, (v) => ({
      ...v,
      known: [knownWith(known)],
    }));
    expect(view.operation.state).toBe('succeeded');
    expect(view.steps.find(({ name }) => name === 'probe')?.message).toContain(
      '1 named to a waypoint that does not serve',
    );
  });

  test('a label that another manager holds ends it at once, and it takes itself back', () => {
    const { view, effects } = runThrough(viewOf('enrolment.change'), (v) =>
      v.operation.memory.labelled && !v.operation.memory.unlabelled
        ? happen(v, { is: 'report', state: 'Failed', errors: true })
        : v,
    );
    expect(view.operation.state).toBe('failed');
    expect(stateOf(view)).toMatchObject({ label: 'failed', guard: 'skipped', undo: 'succeeded' });
    expect(effects.filter((effect) => effect === 'setEnrolmentRows')).toHaveLength(2);
  });
});

test('a repair restarts what the evidence names, and only that', () => {
  let view = viewOf('enrolment.repair');
  const asked: unknown[] = [];
  for (let look = 0; look < 20 && !isFinished(view.operation.state); look++) {
    view = happen(view, { is: 'truth' });
    const decision = decide(view);
    asked.push(...decision.effects);
    view = carryOut(view, decision, 1_000);
  }
  expect(view.operation.state).toBe('succeeded');
  expect(asked).toEqual([
    { do: 'restartPod', key: 'repair', clusterId: 'c1', namespace: 'shop', pod: 'web-abc-1' },
  ]);
});
