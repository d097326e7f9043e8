import { poolSpecSchema } from '@ambit/contracts/agent/waypoint';
import { expect, it } from 'vitest';
import { moveConsequences } from './move-words.ts';
import { saturationOf } from './saturation.ts';

const figures = {
  requestsPerSecond: 300,
  activeRequests: 9,
  p50Ms: null,
  p99Ms: null,
  addedMs: null,
  errorShare: null,
  at: null,
};
const replicas = { desired: 2, ready: 2, updated: 2, total: 2 };
const pool = (scaling: object) =>
  poolSpecSchema.parse({ kind: 'shared', scaling: { by: 'agent', ...scaling } });

it('tells the highest share of what ready replicas are to carry', () => {
  const of = (scaling: object) => saturationOf({ figures, replicas }, pool(scaling));
  expect(of({ requestsPerSecond: 200 })).toBe(0.75);
  expect(of({ requestsPerSecond: 200, activeRequests: 3 })).toBe(1.5);
});

it('tells nothing of saturation without a target, a figure or a ready replica', () => {
  const scaled = pool({ requestsPerSecond: 200 });
  const none = { ...replicas, ready: 0 };
  expect(saturationOf({ figures, replicas }, null)).toBeNull();
  expect(saturationOf({ figures, replicas: none }, scaled)).toBeNull();
  expect(
    saturationOf({ figures: { ...figures, requestsPerSecond: null }, replicas }, scaled),
  ).toBeNull();
  expect(saturationOf({ figures, replicas }, poolSpecSchema.parse({ kind: 'shared' }))).toBeNull();
});

it('says of a move how replicas roll, their size, who scales and what it costs; of none nothing', () => {
  const small = poolSpecSchema.parse({ kind: 'shared', pricePerHour: 0.05, currency: 'EUR' });
  const large = poolSpecSchema.parse({
    kind: 'dedicated',
    size: 'large',
    minReplicas: 2,
    nodeSelector: { pool: 'edge' },
    pricePerHour: 0.2,
    currency: 'EUR',
  });
  const from = { name: 'small', spec: small };
  expect(moveConsequences({ from, to: from, replicas: 2 })).toEqual([]);
  expect(moveConsequences({ from, to: { name: 'large', spec: large }, replicas: 1 })).toEqual([
    '1 replica rolls: a new one is ready before an old one drains.',
    'Each is large (2 CPU, 2Gi), instead of small (100m CPU, 128Mi).',
    'It has 2 to 5 replicas in each cluster.',
    'Its pods run on nodes of their own (pool=edge); they wait where there are none.',
    'About 0.4 EUR an hour, instead of 0.05 EUR.',
  ]);
  expect(moveConsequences({ from, to: { name: null, spec: null }, replicas: 3 })).toEqual([
    '3 replicas roll: a new one is ready before an old one drains.',
    "Nobody scales it: Istio's own class has one replica, and no PodDisruptionBudget.",
  ]);
});
