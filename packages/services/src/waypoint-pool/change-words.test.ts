import { poolSpecSchema } from '@ambit/contracts/agent/waypoint';
import { expect, it } from 'vitest';
import { changeConsequences } from './change-words.ts';

const before = poolSpecSchema.parse({ kind: 'shared', pricePerHour: 0.05, currency: 'EUR' });
const now = { waypoints: 'shop/waypoint', replicas: 3 };

it('says which replicas roll, how many there will be, and what they cost', () => {
  const after = { ...before, size: 'large' as const, minReplicas: 2, pricePerHour: 0.2 };
  expect(changeConsequences(before, after, now)).toEqual([
    '3 replicas roll to the new size (shop/waypoint): a new one is ready before an old one drains.',
    'Each replica asks for 2 CPU and 2Gi.',
    'Each waypoint has 2 to 5 replicas in each cluster, instead of 1 to 5 replicas.',
    'What runs now is counted with 0.6 EUR an hour.',
  ]);
});

it('says that nothing changes, or that no pod does, where that is so', () => {
  expect(changeConsequences(before, { ...before }, now)).toEqual(['Nothing changes.']);
  expect(changeConsequences(before, { ...before, reclaim: 'off' }, now)).toEqual([
    'No pod changes: only what Ambit does about them.',
  ]);
  const labelled = { ...before, podLabels: { team: 'edge' } };
  expect(changeConsequences(before, labelled, { waypoints: '', replicas: 0 })).toEqual([
    'Waypoints that come have the new labels; none is of the pool yet.',
  ]);
});
