import { describe, expect, test } from 'vitest';
import type { ContainerState, Pod } from '../objects.ts';
import { fieldPathOf, podEvents } from './pod-events.ts';

const pod = (
  state?: ContainerState,
  more: { node?: string; restarts?: number; ending?: boolean } = {},
): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'cart',
    namespace: 'shop',
    uid: 'u',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...(more.ending ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
  },
  spec: {
    containers: [{ name: 'app', image: 'app:v1' }],
    ...(more.node === undefined ? {} : { nodeName: more.node }),
  },
  status: {
    containerStatuses: state
      ? [
          {
            name: 'app',
            image: 'app:v1',
            imageID: '',
            ready: false,
            started: false,
            restartCount: more.restarts ?? 0,
            state,
            lastState: {},
          },
        ]
      : [],
  },
});
const waiting = (reason: string): ContainerState => ({ waiting: { reason, message: 'no' } });
const running: ContainerState = { running: { startedAt: '2026-01-01T00:00:00Z' } };

describe('what is told when', () => {
  test.each([
    ['a pod gets its node', pod(), pod(undefined, { node: 'n' }), ['Scheduled']],
    ['a container is made', pod(), pod(waiting('ContainerCreating')), ['Pulling']],
    [
      'it starts',
      pod(waiting('ContainerCreating')),
      pod(running),
      ['Pulled', 'Created', 'Started'],
    ],
    ['nothing changes', pod(running), pod(running), []],
    [
      'it starts again',
      pod(running),
      pod(running, { restarts: 1 }),
      ['Pulled', 'Created', 'Started'],
    ],
    [
      'its image is refused',
      pod(waiting('ContainerCreating')),
      pod(waiting('ErrImagePull')),
      ['Failed', 'Failed'],
    ],
    [
      'the pull is put off',
      pod(waiting('ErrImagePull')),
      pod(waiting('ImagePullBackOff')),
      ['BackOff', 'Failed'],
    ],
    ['it crashes', pod(running), pod(waiting('CrashLoopBackOff')), ['BackOff']],
    ['the pod is deleted', pod(running), pod(running, { ending: true }), ['Killing']],
  ])('%s', (_when, before, after, reasons) => {
    expect(podEvents(before, after).map(({ reason }) => reason)).toEqual(reasons);
  });

  test('no node takes a pod, once', () => {
    const refused = pod();
    refused.status = {
      conditions: [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'Unschedulable',
          message: '0/3 nodes are available',
          lastTransitionTime: '2026-01-01T00:00:00Z',
        },
      ],
    };
    expect(podEvents(pod(), refused)).toMatchObject([
      { type: 'Warning', reason: 'FailedScheduling' },
    ]);
    expect(podEvents(refused, refused)).toEqual([]);
  });
});

test('an event names the container it is about', () => {
  expect(fieldPathOf(pod(), 'Started container app')).toBe('spec.containers{app}');
  expect(fieldPathOf(pod(), 'Successfully assigned shop/cart to n')).toBeUndefined();
});
