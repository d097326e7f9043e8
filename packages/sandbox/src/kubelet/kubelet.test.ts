import { describe, expect, test } from 'vitest';
import { made } from '../testing/world.ts';
import type { Container, Pod } from '../objects.ts';
import { parseImage, pullProblem } from './images.ts';
import { podStatusOf } from './pod-status.ts';
import { advance, beginRuntime, crash, resumeRuntime, usualPace, type Runtime } from './runtime.ts';

const pace = { ...usualPace, pullMs: 100, initMs: 50, readyMs: 100, jobMs: 200, restartMs: 1_000 };
const around = { pace, hasImage: () => false, mayBeReady: () => true };

const podOf = (spec: Partial<Pod['spec']>, metadata: object = {}): Pod =>
  made('pods', {
    metadata: { name: 'p', ...metadata },
    spec: { nodeName: 'n', containers: [{ name: 'app', image: 'app:v1' }], ...spec },
  });

/** Follows a pod as a kubelet does, until a time, and tells its phases. */
function run(pod: Pod, untilMs: number, from?: Runtime, surroundings = around) {
  let runtime = from ?? beginRuntime(pod, '10.0.0.1', 0);
  let nowMs = from === undefined ? 0 : from.beganMs;
  for (let steps = 0; steps < 1_000; steps++) {
    const next = advance(runtime, pod, nowMs, surroundings);
    ({ runtime } = next);
    if (next.againMs === undefined || nowMs + next.againMs > untilMs) break;
    nowMs += next.againMs;
  }
  return { runtime, status: podStatusOf(pod, runtime, '192.0.2.1', nowMs), nowMs };
}
const isReady = (status: Pod['status']) =>
  status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';

test('a pod is pulled, started and ready after a moment', () => {
  const pod = podOf({});
  expect(run(pod, 50).status).toMatchObject({ phase: 'Pending' });
  expect(run(pod, 150).status).toMatchObject({ phase: 'Running' });
  expect(isReady(run(pod, 150).status)).toBe(false);
  expect(isReady(run(pod, 250).status)).toBe(true);
});

describe('init containers', () => {
  const init: Container = { name: 'init', image: 'app:v1' };
  const sidecar: Container = { name: 'proxy', image: 'proxy:1', restartPolicy: 'Always' };

  test('run one after another, and the application after them', () => {
    const pod = podOf({ initContainers: [init, { ...init, name: 'second' }] });
    const { runtime, status } = run(pod, 160);
    expect(runtime.runs['init']?.state).toBe('exited');
    expect(runtime.runs['second']?.state).toBe('pulling');
    expect(status.containerStatuses?.[0]?.state.waiting?.reason).toBe('PodInitializing');
    expect(isReady(run(pod, 1_000).status)).toBe(true);
  });

  test('a native sidecar goes on beside the application and counts for Ready', () => {
    const pod = podOf({ initContainers: [sidecar] });
    expect(isReady(run(pod, 1_000).status)).toBe(true);
    const held = run(pod, 2_000, undefined, {
      ...around,
      mayBeReady: ((_pod: Pod, { name }: Container) => name !== 'proxy') as () => boolean,
    });
    expect(held.status.phase).toBe('Running');
    expect(isReady(held.status)).toBe(false);
  });
});

test('an image that does not exist is refused, then backed off', () => {
  const pod = podOf({ containers: [{ name: 'app', image: 'app:broken' }] });
  const reason = (ms: number) => run(pod, ms).status.containerStatuses?.[0]?.state.waiting?.reason;
  expect(reason(500)).toBe('ErrImagePull');
  const { runtime } = run(pod, 1_100);
  const later = podStatusOf(pod, runtime, '', 1_150 + 1_000);
  expect(later.containerStatuses?.[0]?.state.waiting?.reason).toMatch(
    /ErrImagePull|ImagePullBackOff/,
  );
  expect(later.phase).toBe('Pending');
});

test('a crashed container is restarted after a pause, and counted', () => {
  const pod = podOf({});
  const up = run(pod, 1_000);
  const crashed = crash(up.runtime, pod, 2_000);
  const down = podStatusOf(pod, crashed, '', 2_000);
  expect(isReady(down)).toBe(false);
  expect(down.containerStatuses?.[0]?.state.waiting?.reason).toBe('CrashLoopBackOff');
  const again = run(pod, 10_000, { ...crashed, beganMs: 2_000 });
  expect(isReady(again.status)).toBe(true);
  expect(again.status.containerStatuses?.[0]).toMatchObject({
    restartCount: 1,
    lastState: { terminated: { exitCode: 1 } },
  });
});

test.each([
  ['Never', '0', 'Succeeded', 0],
  ['Never', '3', 'Failed', 0],
  ['OnFailure', '0', 'Succeeded', 0],
])(
  'a container of restartPolicy %s that ends with %s makes the pod %s',
  (restartPolicy, code, phase) => {
    const pod = podOf({ restartPolicy }, { annotations: { 'sandbox.ambit.dev/exit-code': code } });
    expect(run(pod, 5_000).status.phase).toBe(phase);
  },
);

test('a pod that is deleted ends within its grace period', () => {
  const pod = podOf(
    {},
    { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 30 },
  );
  const first = advance(beginRuntime(pod, '10.0.0.1', 0), pod, 0, around);
  expect(first).toMatchObject({ againMs: pace.stopMs, runtime: { stopped: false } });
  expect(advance(first.runtime, pod, pace.stopMs, around).runtime.stopped).toBe(true);
});

test('a pod that ran before the sandbox was started again goes on as it was', () => {
  const pod = podOf({});
  const before = run(pod, 1_000).status;
  const resumed = resumeRuntime({ ...pod, status: before }, 5_000)!;
  const status = podStatusOf(pod, resumed, '192.0.2.1', 5_000);
  expect(isReady(status)).toBe(true);
  expect(status.podIP).toBe('10.0.0.1');
});

describe('images', () => {
  test.each([
    ['sandbox.ambit.dev/pilot:1.31.0-sandbox', true],
    ['sandbox.ambit.dev/pilot:1.32.1-sandbox-broken', false],
    ['sandbox.ambit.dev/pilot:9.9.9', false],
    ['sandbox.ambit.dev/shop-cart:v2', true],
    ['docker.io/istio/pilot:1.30.3', true],
    ['nginx', true],
    ['example.com/app:broken', false],
  ])('%s can be pulled: %s', (image, can) => {
    expect(pullProblem(image) === null).toBe(can);
  });

  test.each([
    ['nginx', { registry: 'docker.io', name: 'nginx', tag: 'latest' }],
    ['localhost:5000/a/b:1', { registry: 'localhost:5000', name: 'localhost:5000/a/b', tag: '1' }],
    ['ghcr.io/a@sha256:00', { registry: 'ghcr.io', name: 'ghcr.io/a', tag: 'latest' }],
  ])('%s is %j', (image, parts) => {
    expect(parseImage(image)).toEqual(parts);
  });
});
