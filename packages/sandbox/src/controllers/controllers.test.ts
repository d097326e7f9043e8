import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Action } from '../client/actions.ts';
import type { Deployment, Pod, ReplicaSet } from '../objects.ts';
import { made, readyConditions, readyPod, viewOf } from '../testing/world.ts';
import { decideScale } from './autoscaler.ts';
import { share } from './common.ts';
import { decideDaemonSet } from './daemon-set.ts';
import { decideDeployment, hashLabel, nextSizes } from './deployment.ts';
import { decideBudget } from './disruption-budget.ts';
import { decideEndpoints } from './endpoints.ts';
import { decideJob } from './job.ts';
import { decideNode } from './node-lifecycle.ts';
import { decideReplicaSet } from './replica-set.ts';
import { limitsOf } from './rollout-limits.ts';
import { decidePlace, nodeAccepts } from './scheduler.ts';
import { matches } from './selectors.ts';
import { decideStatefulSet } from './stateful-set.ts';

const now = new Date('2026-01-01T00:10:00Z');
const template = (image = 'app:v1') => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'app', image }] },
});
const does = (actions: Action[], what: Action['do']) => actions.filter((one) => one.do === what);

const deploymentOf = (spec: Partial<Deployment['spec']> = {}): Deployment =>
  made('deployments.apps', {
    metadata: { name: 'web' },
    spec: { replicas: 4, selector: { matchLabels: { app: 'web' } }, template: template(), ...spec },
  });
const setOf = (name: string, size: number, available = size): ReplicaSet =>
  made('replicasets.apps', {
    metadata: { name },
    spec: { replicas: size, selector: {}, template: template() },
    status: { replicas: size, availableReplicas: available, readyReplicas: available },
  });

test.each([
  ['25%', 4, 'up', 1],
  ['25%', 5, 'up', 2],
  ['25%', 5, 'down', 1],
  [3, 5, 'up', 3],
  [undefined, 4, 'up', 2],
] as const)('share(%s of %s, %s) is %s', (value, of, round, expected) => {
  expect(share(value, of, round, '50%')).toBe(expected);
});

test.each([
  [{ matchLabels: { a: '1' } }, { a: '1', b: '2' }, true],
  [{ matchLabels: { a: '1' } }, { a: '2' }, false],
  [{}, {}, true],
  [undefined, { a: '1' }, false],
  [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['1', '2'] }] }, { a: '2' }, true],
  [{ matchExpressions: [{ key: 'a', operator: 'NotIn', values: ['1'] }] }, {}, true],
  [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }, {}, false],
  [{ matchExpressions: [{ key: 'a', operator: 'DoesNotExist' }] }, {}, true],
  [{ matchExpressions: [{ key: 'a', operator: 'Gt', values: ['1'] }] }, { a: '2' }, false],
])('selector %j on %j: %s', (selector, labels, expected) => {
  expect(matches(selector, labels as Record<string, string>)).toBe(expected);
});

describe('Deployment', () => {
  test('makes one ReplicaSet for its template and numbers it', () => {
    const { actions } = decideDeployment(deploymentOf(), [], now);
    const [create] = does(actions, 'create') as Extract<Action, { do: 'create' }>[];
    expect(create?.object.metadata.annotations).toEqual({
      'deployment.kubernetes.io/revision': '1',
    });
    expect(create?.object.metadata.labels?.[hashLabel]).toMatch(/^[0-9a-f]{10}$/);
    expect(create!.object).toMatchObject({ spec: { replicas: 4 } });
  });

  test('a rollout keeps within surge and availability, and always ends', () => {
    const amount = fc.oneof(
      fc.integer({ min: 0, max: 5 }),
      fc.integer({ min: 0, max: 100 }).map((percent) => `${percent}%`),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 12 }),
        amount,
        amount,
        fc.infiniteStream(fc.boolean()),
        (replicas, maxSurge, maxUnavailable, chance) => {
          const deployment = deploymentOf({
            replicas,
            strategy: { rollingUpdate: { maxSurge, maxUnavailable } },
          });
          const { surge, unavailable } = limitsOf(deployment);
          const old = setOf('old', replicas);
          const current = setOf('new', 0);
          for (let step = 0; step < 400; step++) {
            const sizes = nextSizes(deployment, current, [old]);
            if (sizes.size === 0) break;
            for (const [set, size] of sizes) set.spec.replicas = size;
            const total = old.spec.replicas! + current.spec.replicas!;
            expect(total).toBeLessThanOrEqual(Math.max(replicas + surge, replicas));
            // Pods follow their sizes, sometimes later.
            for (const set of [old, current]) {
              if (step > 200 || chance.next().value) follow(set);
            }
            const available = old.status!.availableReplicas! + current.status!.availableReplicas!;
            expect(available).toBeGreaterThanOrEqual(replicas - unavailable);
          }
          expect([old.spec.replicas, current.spec.replicas]).toEqual([0, replicas]);
        },
      ),
    );
    function follow(set: ReplicaSet): void {
      const size = set.spec.replicas!;
      set.status = { replicas: size, availableReplicas: size, readyReplicas: size };
    }
  });

  test('a ReplicaSet of the same template serves, whatever its hash was made of', () => {
    const set = setOf('web-before', 4);
    set.spec.template = {
      ...template(),
      metadata: { labels: { app: 'web', [hashLabel]: 'before' } },
    };
    set.metadata.labels = { [hashLabel]: 'before' };
    expect(does(decideDeployment(deploymentOf(), [set], now).actions, 'create')).toEqual([]);
  });

  test('Recreate waits until the old pods are gone', () => {
    const deployment = deploymentOf({ strategy: { type: 'Recreate' } });
    const [old, current] = [setOf('old', 4), setOf('new', 0)];
    expect([...nextSizes(deployment, current, [old]).values()]).toEqual([0, 0]);
    old.spec.replicas = 0;
    expect(nextSizes(deployment, current, [old]).get(current)).toBe(0);
    old.status = { replicas: 0 };
    expect(nextSizes(deployment, current, [old]).get(current)).toBe(4);
  });

  test('says when it makes no progress for too long', () => {
    const deployment = deploymentOf({ progressDeadlineSeconds: 60 });
    deployment.status = {
      conditions: [
        {
          type: 'Progressing',
          status: 'True',
          reason: 'ReplicaSetUpdated',
          lastUpdateTime: '2026-01-01T00:00:00Z',
        },
      ],
    };
    const { actions } = decideDeployment(deployment, [], now);
    const [status] = does(actions, 'status') as Extract<Action, { do: 'status' }>[];
    expect(status?.status).toMatchObject({
      conditions: expect.arrayContaining([
        expect.objectContaining({ type: 'Progressing', reason: 'ProgressDeadlineExceeded' }),
      ]),
    });
  });
});

describe('ReplicaSet', () => {
  const owner = (set: ReplicaSet) => ({ kind: 'ReplicaSet', name: 'web', uid: set.metadata.uid });

  test('makes what is missing and tells why it could not', () => {
    const set = setOf('web', 3, 0);
    const { actions } = decideReplicaSet(
      set,
      [readyPod('a', { owner: owner(set) })],
      now,
      'refused',
    );
    expect(does(actions, 'create')).toHaveLength(2);
    expect(actions[0]).toMatchObject({
      do: 'status',
      status: { conditions: [{ type: 'ReplicaFailure', message: 'refused' }] },
    });
  });

  test('gives up pods that serve least first', () => {
    const set = setOf('web', 1);
    const pending: Pod = { ...readyPod('pending'), status: { phase: 'Pending' } };
    const { actions } = decideReplicaSet(set, [readyPod('b'), pending, readyPod('c')], now);
    expect(does(actions, 'delete').map((one) => one.do === 'delete' && one.ref.name)).toEqual([
      'pending',
      'c',
    ]);
  });
});

const nodeOf = (
  name: string,
  more: { ready?: boolean; labels?: Record<string, string>; taints?: object[] } = {},
) =>
  made('nodes', {
    metadata: { name, ...(more.labels ? { labels: more.labels } : {}) },
    spec: { taints: more.taints ?? [] },
    status: { conditions: more.ready === false ? [] : readyConditions() },
  });

describe('scheduler', () => {
  const pod = (spec: object = {}): Pod =>
    made('pods', { metadata: { name: 'p' }, spec: { containers: [], ...spec } });

  test('takes the emptiest node that fits', () => {
    const nodes = [nodeOf('one'), nodeOf('two'), nodeOf('three', { ready: false })];
    const { actions } = decidePlace(pod(), nodes, [readyPod('x', { node: 'one' })], now);
    expect(actions).toMatchObject([{ do: 'patch', patch: { spec: { nodeName: 'two' } } }]);
  });

  test('says why no node fits', () => {
    const taints = [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }];
    const nodes = [nodeOf('one', { taints }), nodeOf('two', { ready: false })];
    const { actions } = decidePlace(pod(), nodes, [], now);
    expect(JSON.stringify(actions)).toContain(
      '0/2 nodes are available: 1 node(s) had untolerated taint {gpu: yes}, 1 node(s) were not ready.',
    );
  });

  test.each([
    [{ nodeSelector: { disk: 'ssd' } }, true],
    [{ nodeSelector: { disk: 'hdd' } }, false],
    [{ tolerations: [{ key: 'gpu', operator: 'Exists' }] }, true],
  ])('%j', (spec, fits) => {
    const node = nodeOf('one', {
      labels: { disk: 'ssd' },
      taints: 'tolerations' in spec ? [{ key: 'gpu', effect: 'NoSchedule' }] : [],
    });
    expect(nodeAccepts(node, { containers: [], ...spec }, 'scheduling')).toBe(fits);
  });
});

describe('DaemonSet', () => {
  const set = (spec: object = {}) =>
    made('daemonsets.apps', {
      metadata: { name: 'agent' },
      spec: { selector: {}, template: template(), ...spec },
    });
  const nodes = ['one', 'two', 'three'].map((name) => nodeOf(name));

  test('puts a pod on each node, also on those in trouble', () => {
    const { actions } = decideDaemonSet(
      set(),
      [],
      [...nodes, nodeOf('four', { ready: false })],
      now,
    );
    expect(does(actions, 'create')).toHaveLength(4);
  });

  test('replaces one node after another', () => {
    const stale = nodes.map(({ metadata: { name } }) => readyPod(`p-${name}`, { node: name }));
    expect(does(decideDaemonSet(set(), stale, nodes, now).actions, 'delete')).toHaveLength(1);
    const onDelete = set({ updateStrategy: { type: 'OnDelete' } });
    expect(does(decideDaemonSet(onDelete, stale, nodes, now).actions, 'delete')).toHaveLength(0);
    const surging = set({ updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } });
    const { actions } = decideDaemonSet(surging, stale, nodes, now);
    expect([does(actions, 'create').length, does(actions, 'delete').length]).toEqual([1, 0]);
  });
});

test('a StatefulSet makes its pods in order, each once the one before is ready', () => {
  const set = made('statefulsets.apps', {
    metadata: { name: 'db' },
    spec: { replicas: 3, selector: {}, template: template() },
  });
  const names = (pods: Pod[]) =>
    (
      does(decideStatefulSet(set, pods).actions, 'create') as Extract<Action, { do: 'create' }>[]
    ).map(({ object }) => object.metadata.name);
  expect(names([])).toEqual(['db-0']);
  const first = readyPod('db-0');
  expect(names([first])).toEqual(['db-1']);
  expect(names([{ ...first, status: { phase: 'Pending' } }])).toEqual([]);
});

test('a Job gives up after its retries', () => {
  const job = made('jobs.batch', {
    metadata: { name: 'once' },
    spec: { backoffLimit: 0, template: template() },
  });
  const failed: Pod = { ...readyPod('x'), status: { phase: 'Failed' } };
  const { actions } = decideJob(job, [failed], now);
  expect(actions).toMatchObject([{ do: 'status', status: { conditions: [{ type: 'Failed' }] } }]);
});

test('endpoints hold the pods that run, the ready and the others apart', () => {
  const service = made('services', {
    metadata: { name: 'web' },
    spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  });
  const pods = [
    readyPod('a', { labels: { app: 'web' }, ip: '10.244.1.2' }),
    {
      ...readyPod('b', { labels: { app: 'web' } }),
      status: { phase: 'Running', podIP: '10.244.1.3' },
    },
    readyPod('c', { labels: { app: 'other' } }),
  ];
  const { actions } = decideEndpoints('shop/web', viewOf({ services: [service], pods }));
  const [slice, endpoints] = actions as Extract<Action, { do: 'create' }>[];
  expect(slice?.object['endpoints']).toMatchObject([
    { addresses: ['10.244.1.2'], conditions: { ready: true } },
    { addresses: ['10.244.1.3'], conditions: { ready: false } },
  ]);
  expect(endpoints?.object['subsets']).toMatchObject([
    {
      addresses: [{ ip: '10.244.1.2' }],
      notReadyAddresses: [{ ip: '10.244.1.3' }],
      ports: [{ port: 8080 }],
    },
  ]);
});

test.each([
  [{ minAvailable: 1 }, 2, 1],
  [{ minAvailable: '50%' }, 4, 2],
  [{ maxUnavailable: 1 }, 3, 1],
  [{ minAvailable: 5 }, 2, 0],
])('a budget of %j over %s healthy pods allows %s', (spec, pods, allowed) => {
  const budget = made('poddisruptionbudgets.policy', { metadata: { name: 'b' }, spec });
  const all = Array.from({ length: pods }, (_, index) => readyPod(`p${index}`));
  expect(decideBudget(budget, all).actions).toMatchObject([
    { status: { disruptionsAllowed: allowed } },
  ]);
});

test('an autoscaler only keeps replicas within its bounds', () => {
  const scaler = made('horizontalpodautoscalers.autoscaling', {
    metadata: { name: 'web' },
    spec: { minReplicas: 5, maxReplicas: 8, scaleTargetRef: { kind: 'Deployment', name: 'web' } },
  });
  expect(decideScale(scaler, deploymentOf(), now).actions).toContainEqual(
    expect.objectContaining({ patch: { spec: { replicas: 5 } } }),
  );
});

test('a node that is silent is tainted, and pods leave it when they tolerate it no longer', () => {
  const node = nodeOf('one');
  const lease = made('leases.coordination.k8s.io', {
    metadata: { name: 'one', namespace: 'kube-node-lease' },
    spec: { renewTime: '2026-01-01T00:09:00Z' },
  });
  const pod = readyPod('a', { node: 'one' });
  const first = decideNode(node, lease, [pod], now).actions;
  expect(first).toContainEqual(expect.objectContaining({ do: 'status', kind: 'pods' }));
  expect(JSON.stringify(first)).toContain('node.kubernetes.io/unreachable');
  expect(does(first, 'delete')).toHaveLength(1);
  const fresh = { ...lease, spec: { renewTime: now.toISOString() } };
  expect(decideNode(node, fresh, [pod], now).actions).toEqual([]);
});
