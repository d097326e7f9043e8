import { expect, test } from 'vitest';
import type { KubeObject } from '@ambit/contracts/common';
import { facts, namespace, pod, policy, service, waypoint } from '@ambit/istio/enrolment/testing';
import { differenceOf } from './keep-guards.ts';
import type { KnownCluster } from './load.ts';

const ambient = { 'istio.io/dataplane-mode': 'ambient', 'istio.io/use-waypoint': 'waypoint' };
const shop = (redirected = true) => [
  namespace('shop', ambient),
  service('shop/web'),
  pod('shop/web', { redirected }),
];
const cluster = (name: string, objects: (KubeObject | KubeObject[])[]): KnownCluster => ({
  clusterId: name,
  clusterName: name,
  state: 'connected',
  observedAt: '2026-11-01T00:00:00Z',
  complete: true,
  facts: facts(objects),
});
const passes = (guard: KubeObject | undefined) => JSON.stringify(guard?.['spec']);

test('a guard is written once its pods are redirected and its waypoint serves, and not before', () => {
  const live = waypoint('shop/waypoint');
  expect(differenceOf([cluster('a', [...shop(), live])]).put).toHaveLength(1);
  expect(differenceOf([cluster('a', [...shop(false), live])]).put).toEqual([]);
  expect(differenceOf([cluster('a', shop())]).put).toEqual([]);
});

test('clients with sidecars are named while there are some', () => {
  const live = [...shop(), waypoint('shop/waypoint')];
  const [before] = differenceOf([
    cluster('a', [...live, pod('old/client', { sidecar: true })]),
  ]).put;
  expect(passes(before)).toContain('cluster.local/ns/old/sa/client');
  // They are ambient now: the guard that names them is written anew.
  const after = differenceOf([cluster('a', [...live, before!])]);
  expect(passes(after.put[0])).not.toContain('old');
  expect(differenceOf([cluster('a', [...live, after.put[0]!])])).toEqual({ put: [], remove: [] });
});

test('over clusters a guard lets pass whom any of them names', () => {
  const live = [...shop(), waypoint('shop/waypoint')];
  const { put } = differenceOf([
    cluster('a', [...live, pod('old/client', { sidecar: true })]),
    cluster('b', live),
  ]);
  expect(put).toHaveLength(1);
  expect(passes(put[0])).toContain('cluster.local/ns/old/sa/client');
});

test('without its waypoint a guard goes, unless an L7 policy relies on it', () => {
  const [guard] = differenceOf([cluster('a', [...shop(), waypoint('shop/waypoint')])]).put;
  const unbound = [namespace('shop'), service('shop/web'), pod('shop/web'), guard!];
  expect(differenceOf([cluster('a', unbound)]).remove).toEqual([guard]);
  const bound = policy('AuthorizationPolicy', 'shop/get-only', {
    targetRefs: [{ kind: 'Service', name: 'web' }],
  });
  expect(differenceOf([cluster('a', [...unbound, bound])]).remove).toEqual([]);
});

test('a guard stays while what it lets pass enforces a policy, wherever the policy hangs', () => {
  const live = waypoint('shop/waypoint');
  const [guard] = differenceOf([cluster('a', [...shop(), live])]).put;
  const on = (kind: string, name: string, where = 'shop') =>
    policy('AuthorizationPolicy', `${where}/get-only`, { targetRefs: [{ kind, name }] });
  const removed = (...objects: (KubeObject | KubeObject[])[]) =>
    differenceOf([cluster('a', [...objects, guard!])]).remove.length;
  const moved = [
    namespace('shop', ambient),
    service('shop/web', { 'istio.io/use-waypoint': 'none' }),
    pod('shop/web', { redirected: true }),
    live,
  ];
  const gone = [namespace('shop', ambient), pod('shop/web', { redirected: true }), live];
  expect(removed(...moved)).toBe(1);
  for (const bound of [
    on('Gateway', 'waypoint'),
    on('GatewayClass', 'istio-waypoint', 'istio-system'),
    on('Service', 'web'),
  ]) {
    expect(removed(...moved, bound)).toBe(0);
    expect(removed(...gone, bound)).toBe(0);
  }
  // No pod is left that somebody could reach.
  expect(removed(namespace('shop', ambient), live, on('Gateway', 'waypoint'))).toBe(1);
  expect(removed(...moved, on('Gateway', 'other'))).toBe(1);
});
