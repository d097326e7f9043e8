import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lifecycle } from '@ambit/contracts/lifecycle';
import { meshOptionsSchema } from '@ambit/contracts/mesh-options';
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
import type { ClusterView, View } from '../view.ts';
import { decide } from './decide.ts';

const start = new Date('2026-11-01T00:00:00Z');
const shop = { namespace: 'shop', name: 'waypoint' };
const old = { created: '2026-10-31T00:00:00Z' };

/** The cluster as it is; what the agent tells may lag behind. */
interface Truth {
  labelled: boolean;
  gateway: boolean;
  programmed: boolean;
  pods: boolean;
}
const seen = ({ labelled, gateway, programmed, pods }: Truth) =>
  facts([
    namespace('shop', {
      'istio.io/dataplane-mode': 'ambient',
      ...(labelled ? { 'istio.io/use-waypoint': 'waypoint' } : {}),
    }),
    service('shop/web'),
    pod('shop/web', { redirected: true, ...old }),
    cni('one'),
    ztunnel('one'),
    ...(gateway ? waypoint('shop/waypoint', { programmed, pods }) : []),
  ]);

const inUse: Truth = { labelled: true, gateway: true, programmed: true, pods: true };
const released: Truth = { labelled: false, gateway: false, programmed: false, pods: false };
const row = {
  clusterId: 'c1',
  namespace: 'shop',
  mode: 'L4' as const,
  waypoint: '',
  waypointNamespace: '',
};

function planned(way: 'release' | 'takeUp') {
  const { preview: _, ...change } = planChange({
    wish: {
      subjects: [{ clusterId: 'c1', namespace: 'shop' }],
      mode: way === 'release' ? 'L4' : 'L4+L7',
      waypoint: shop,
      guard: false,
      restart: false,
    },
    profile: 'ambient',
    current: {
      namespaces: [way === 'release' ? { ...row, waypoint: 'waypoint' } : row],
      services: [],
    },
    clusters: [
      { clusterId: 'c1', clusterName: 'one', facts: seen(way === 'release' ? inUse : released) },
    ],
    now: start,
  });
  return way === 'release' ? { ...change, releases: [shop] } : change;
}

const viewOf = (way: 'release' | 'takeUp'): View => ({
  now: start,
  operation: {
    id: 'op',
    type: 'enrolment.change',
    state: 'pending',
    input: { change: planned(way), words: way },
    memory: {},
  },
  steps: lifecycle['enrolment.change'].steps.map((name) => ({
    name,
    state: 'pending',
    message: '',
    startedAt: null,
  })),
  mesh: {
    id: 'msh',
    name: 'shop',
    profile: 'ambient',
    release: '1.31.0',
    activeRelease: '1.31.0',
    options: meshOptionsSchema.parse({}),
    lastReady: null,
    policies: 0,
  },
  release: null,
  clusters: [clusterOf([])],
  enrolments: [],
  actions: [],
});

const clusterOf = (bundles: { digest: string }[]): ClusterView => ({
  id: 'c1',
  name: 'one',
  state: 'connected',
  lastSeenAt: start,
  report: {
    generation: 0,
    cluster: { kubernetesVersion: 'v1.34.4', nodes: [], foreignIstio: [], gatewayApi: null },
    bundles: bundles.map(({ digest }) => ({
      name: 'enrolment',
      digest,
      state: 'Ready',
      phase: null,
      objects: { total: 1, applied: 1, ready: 1 },
      message: '',
      errors: [],
      drift: [],
      since: start.toISOString(),
    })),
    actions: [],
  },
  inventory: null,
  desired: [],
});

/** What goes on between two looks of the worker; each may be late, or not come for a long time. */
const happenings = ['label', 'make', 'program', 'pods', 'end', 'act', 'tell', 'lose'] as const;
type Happening = (typeof happenings)[number];

/** Runs an operation to its end in a world that is late at random, and checks each thing that is done when it is done. */
function run(way: 'release' | 'takeUp', script: Happening[]): string {
  let view = viewOf(way);
  let truth: Truth = way === 'release' ? inUse : released;
  let told = truth;
  let wanted = { labelled: truth.labelled, gateway: truth.gateway };
  let digest = '';
  let applied = '';
  const finished = new Set<string>();
  const log: string[] = [];

  const carryOut = (decision: Decision) => {
    const actions = [...view.actions];
    const memory = structuredClone(decision.memory);
    for (const effect of decision.effects) {
      switch (effect.do) {
        case 'setEnrolmentRows': {
          const labelled = effect.rows.namespaces.some((one) => one.waypoint !== '');
          // No label before the waypoint serves; no label away before its proxies hold what is open.
          if (labelled) expect([truth.gateway, told.programmed, told.pods]).not.toContain(false);
          else expect(finished.has('hold')).toBe(true);
          wanted = { ...wanted, labelled };
          digest = `sha256:${String(log.length).padStart(64, '0')}`;
          log.push(labelled ? 'label' : 'unlabel');
          break;
        }
        case 'writePolicies':
          if (effect.remove.length > 0) {
            // The Gateway goes only when no label names it and nothing goes through it.
            expect([truth.labelled, wanted.labelled]).not.toContain(true);
            expect(finished.has('drain')).toBe(true);
            wanted = { ...wanted, gateway: false };
            log.push('remove');
          } else {
            wanted = { ...wanted, gateway: true };
            log.push('make');
          }
          break;
        case 'holdWaypoint':
        case 'drainWaypoint':
          if (effect.do === 'drainWaypoint') expect(truth.labelled).toBe(false);
          memory.actions = { ...memory.actions, [effect.key]: effect.key };
          actions.push({ id: effect.key, state: 'pending', message: '' });
          log.push(effect.do);
          break;
        case 'rememberReleased':
          log.push('remember');
          break;
        default:
          break;
      }
    }
    view = {
      ...view,
      actions,
      operation: { ...view.operation, state: decision.state, memory },
      steps: view.steps.map((step) => {
        const patch = decision.steps.find(({ name }) => name === step.name);
        return patch ? { ...step, ...patch, startedAt: step.startedAt ?? view.now } : step;
      }),
    };
  };

  const happen = (event: Happening) => {
    if (event === 'label') {
      applied = digest;
      truth = { ...truth, labelled: wanted.labelled };
    }
    if (event === 'make' && wanted.gateway) truth = { ...truth, gateway: true };
    if (event === 'program' && truth.gateway) truth = { ...truth, programmed: true };
    if (event === 'pods' && truth.gateway) truth = { ...truth, pods: true };
    if (event === 'end' && !wanted.gateway) truth = { ...released, labelled: truth.labelled };
    if (event === 'act') {
      const actions = view.actions.map((one) => ({ ...one, state: 'succeeded' as const }));
      for (const { id } of actions) finished.add(id.slice(0, id.indexOf('/')));
      view = { ...view, actions };
    }
    if (event === 'lose') {
      // The agent begins anew in the middle: what it was asked and has not done, it does again.
      const actions = view.actions.map((one) =>
        one.state === 'succeeded' ? one : { ...one, state: 'running' as const },
      );
      view = { ...view, actions };
    }
    if (event === 'tell') told = truth;
  };

  const heal: Happening[] = ['label', 'make', 'program', 'pods', 'end', 'act', 'tell'];
  const all = [...script, ...Array.from({ length: 12 }, () => heal).flat()];
  for (const event of all) {
    happen(event);
    const desired = digest === '' ? [] : [{ name: 'enrolment', digest, mode: 'present' as const }];
    view = {
      ...view,
      now: new Date(view.now.getTime() + 500),
      clusters: [{ ...clusterOf(applied === '' ? [] : [{ digest: applied }]), desired }],
      known: [
        {
          clusterId: 'c1',
          clusterName: 'one',
          state: 'connected',
          observedAt: start.toISOString(),
          complete: true,
          facts: seen(told),
        },
      ],
    };
    const decision = decide(view);
    // Who decided and died before it was written down leaves nothing: the same view decides the same again.
    expect(decide(view)).toEqual(decision);
    carryOut(decision);
  }
  expect(view.operation.state).toBe('succeeded');
  return log.join(' ');
}

const script = fc.array(fc.constantFrom(...happenings), { maxLength: 40 });

test('a waypoint is released only when its clients have left it, whatever is late or begins anew on the way', () => {
  fc.assert(
    fc.property(script, (events) => {
      expect(run('release', events)).toBe('holdWaypoint unlabel drainWaypoint remove remember');
    }),
    { numRuns: 60 },
  );
});

test('a waypoint is taken up only when it serves, whatever is late or begins anew on the way', () => {
  fc.assert(
    fc.property(script, (events) => {
      expect(run('takeUp', events)).toBe('make label');
    }),
    { numRuns: 60 },
  );
});
