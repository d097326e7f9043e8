import { describe, expect, it } from 'vitest';
import type { KubeObject } from '@ambit/contracts/common';
import { readiness } from './ready.ts';
import { troubleOf } from './trouble.ts';

const of = (kind: string, spec: object, status: object, generation = 2): KubeObject => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name: 'x', namespace: 'y', generation },
  spec,
  status,
});

describe('readiness', () => {
  it.each([
    [
      'a Deployment that is rolled out',
      of(
        'Deployment',
        { replicas: 2 },
        { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2 },
      ),
      true,
      '',
    ],
    ['one scaled to zero', of('Deployment', { replicas: 0 }, { observedGeneration: 2 }), true, ''],
    [
      'one whose change is not seen yet',
      of(
        'Deployment',
        { replicas: 2 },
        { observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2 },
      ),
      false,
      'not taken up',
    ],
    [
      'one that updates',
      of(
        'Deployment',
        { replicas: 2 },
        { observedGeneration: 2, replicas: 2, updatedReplicas: 1, availableReplicas: 2 },
      ),
      false,
      '1 of 2 updated',
    ],
    [
      'one with old pods',
      of(
        'Deployment',
        { replicas: 2 },
        { observedGeneration: 2, replicas: 3, updatedReplicas: 2, availableReplicas: 2 },
      ),
      false,
      '1 old pods',
    ],
    [
      'one that is not available',
      of(
        'Deployment',
        { replicas: 2 },
        { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 1 },
      ),
      false,
      '1 of 2 available',
    ],
    [
      'a DaemonSet without nodes',
      of('DaemonSet', {}, { observedGeneration: 2, desiredNumberScheduled: 0 }),
      true,
      '',
    ],
    [
      'a DaemonSet on its way',
      of(
        'DaemonSet',
        {},
        {
          observedGeneration: 2,
          desiredNumberScheduled: 3,
          updatedNumberScheduled: 1,
          numberAvailable: 3,
        },
      ),
      false,
      '1 of 3 nodes updated',
    ],
    [
      'a DaemonSet that is updated by hand',
      of(
        'DaemonSet',
        { updateStrategy: { type: 'OnDelete' } },
        { observedGeneration: 2, desiredNumberScheduled: 3, numberAvailable: 3 },
      ),
      true,
      '',
    ],
    [
      'a StatefulSet on its way',
      of(
        'StatefulSet',
        { replicas: 2 },
        {
          observedGeneration: 2,
          readyReplicas: 2,
          updatedReplicas: 1,
          currentRevision: 'a',
          updateRevision: 'b',
        },
      ),
      false,
      '1 of 2 updated',
    ],
    [
      'a definition that is established',
      of('CustomResourceDefinition', {}, { conditions: [{ type: 'Established', status: 'True' }] }),
      true,
      '',
    ],
    ['a definition that is not', of('CustomResourceDefinition', {}, {}), false, 'not established'],
    ['whatever else', of('ConfigMap', {}, {}), true, ''],
  ])('of %s', (_name, object, ready, message) => {
    const found = readiness(object);
    expect([found.ready, found.message]).toEqual([ready, expect.stringContaining(message)]);
  });

  it('knows what is stuck for good', () => {
    const deadline = of(
      'Deployment',
      { replicas: 1 },
      {
        observedGeneration: 2,
        replicas: 1,
        updatedReplicas: 1,
        availableReplicas: 0,
        conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }],
      },
    );
    const taken = of(
      'CustomResourceDefinition',
      {},
      { conditions: [{ type: 'NamesAccepted', status: 'False', message: 'taken' }] },
    );
    expect([readiness(deadline).stuck, readiness(taken).stuck]).toEqual([true, true]);
  });
});

describe('the trouble of a pod', () => {
  const pod = (status: object) => ({ metadata: { name: 'p' }, status });
  it.each([
    [
      'an image that cannot be pulled',
      {
        containerStatuses: [
          {
            name: 'app',
            state: { waiting: { reason: 'ErrImageNeverPull', message: 'no such image' } },
          },
        ],
      },
      'container app: ErrImageNeverPull: no such image',
    ],
    [
      'no room on any node',
      {
        conditions: [
          { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes' },
        ],
      },
      'Unschedulable: 0/1 nodes',
    ],
    [
      'a crash',
      {
        containerStatuses: [
          { name: 'app', state: { terminated: { exitCode: 3, reason: 'Error' } } },
        ],
      },
      'container app ended with 3 (Error)',
    ],
    [
      'nothing while it is being made',
      { containerStatuses: [{ name: 'app', state: { waiting: { reason: 'ContainerCreating' } } }] },
      '',
    ],
    ['nothing when it runs', { containerStatuses: [{ name: 'app', state: { running: {} } }] }, ''],
  ])('is %s', (_name, status, expected) => {
    expect(troubleOf(pod(status))).toBe(expected);
  });
});
