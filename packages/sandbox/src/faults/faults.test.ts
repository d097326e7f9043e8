import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFaults, type FaultEffects, type FaultRequest } from './faults.ts';
import { startLink } from './link.ts';

const now = new Date('2026-01-01T00:00:00Z');
const willing: FaultEffects = {
  crashPod: () => null,
  nodeChanged: () => null,
  linkDropped: () => null,
  workloadExists: () => null,
  serviceExists: () => null,
  podMissed: () => null,
  cniStopped: () => null,
  ingressCertificate: () => null,
};

test('what is broken is listed until it is healed', () => {
  const faults = createFaults();
  expect(faults.inject({ kind: 'break-node', target: 'one' }, willing, now)).toBeNull();
  faults.inject({ kind: 'break-node', target: 'one' }, willing, now);
  faults.inject({ kind: 'expire-certificate', target: 'shop/cart' }, willing, now);
  expect(faults.active().map(({ kind, target }) => `${kind} ${target}`)).toEqual([
    'break-node one',
    'expire-certificate shop/cart',
  ]);
  expect([faults.isBroken('one'), faults.isExpired('shop/cart')]).toEqual([true, true]);
  faults.inject({ kind: 'heal-node', target: 'one' }, willing, now);
  faults.inject({ kind: 'renew-certificate', target: 'shop/cart' }, willing, now);
  expect(faults.active()).toEqual([]);
});

test('a service is slow, failing or both, until it is mended', () => {
  const faults = createFaults();
  const target = 'shop/cart';
  faults.inject({ kind: 'slow-service', target }, willing, now);
  faults.inject({ kind: 'fail-service', target }, willing, now);
  expect([faults.isSlow(target), faults.isFailing(target)]).toEqual([true, true]);
  faults.inject({ kind: 'mend-service', target }, willing, now);
  expect([faults.isSlow(target), faults.isFailing(target), faults.active()]).toEqual([
    false,
    false,
    [],
  ]);
});

test('an ingress certificate has ended or soon will, not both', () => {
  const faults = createFaults();
  const told: unknown[] = [];
  const noting: FaultEffects = {
    ...willing,
    ingressCertificate: (state) => (told.push(state), null),
  };
  const inject = (kind: FaultRequest['kind']) => faults.inject({ kind, target: '' }, noting, now);
  inject('age-ingress');
  inject('expire-ingress');
  inject('expire-ingress');
  expect(faults.active()).toMatchObject([{ kind: 'expire-ingress', target: 'shop/ingress' }]);
  inject('renew-ingress');
  expect(faults.active()).toEqual([]);
  expect(told).toEqual(['expiring', 'expired', null]);
});

test('what is refused leaves nothing broken', () => {
  const faults = createFaults();
  const refusing = { ...willing, nodeChanged: () => 'there is no such node' };
  expect(faults.inject({ kind: 'break-node', target: 'x' }, refusing, now)).toMatch(/no such node/);
  expect(faults.active()).toEqual([]);
});

let platform: Server;
let url: string;
beforeAll(async () => {
  platform = createServer((_request, response) => response.end('here'));
  await new Promise<void>((listening) => platform.listen(0, '127.0.0.1', listening));
  url = `http://127.0.0.1:${(platform.address() as AddressInfo).port}`;
});
afterAll(() => platform.close());

test('the link passes everything on, is cut at once, and comes back', async () => {
  const link = await startLink(url);
  const ask = () => fetch(link.url).then((answer) => answer.text());
  expect(await ask()).toBe('here');
  link.setDropped(true);
  await expect(ask()).rejects.toThrow();
  link.setDropped(false);
  expect(await ask()).toBe('here');
  await link.close();
  await expect(startLink('https://127.0.0.1')).rejects.toThrow(/only http/);
});

test('a pod that the CNI misses is missed until it is gone or the CNI mended', () => {
  const faults = createFaults();
  faults.inject({ kind: 'miss-pod', target: 'shop/a' }, willing, now);
  faults.inject({ kind: 'miss-pod', target: 'shop/b' }, willing, now);
  expect(faults.isMissed('shop/a')).toBe(true);
  faults.found('shop/a');
  expect(faults.isMissed('shop/a')).toBe(false);
  faults.inject({ kind: 'mend-cni', target: 'shop/b' }, willing, now);
  expect(faults.active()).toEqual([]);
  const unwilling = { ...willing, podMissed: () => 'there is no pod shop/c' };
  expect(faults.inject({ kind: 'miss-pod', target: 'shop/c' }, unwilling, now)).toContain('shop/c');
  expect(faults.isMissed('shop/c')).toBe(false);
});

test('the CNI of a node is down until its pod is gone or it is mended', () => {
  const faults = createFaults();
  faults.inject({ kind: 'stop-cni', target: 'one' }, willing, now);
  faults.inject({ kind: 'stop-cni', target: 'two' }, willing, now);
  expect([faults.isCniDown('one'), faults.isCniDown('two')]).toEqual([true, true]);
  faults.cniGone('one');
  faults.inject({ kind: 'mend-cni', target: 'two' }, willing, now);
  expect(faults.active()).toEqual([]);
  const without = { ...willing, cniStopped: () => 'there is no istio-cni on a node one' };
  expect(faults.inject({ kind: 'stop-cni', target: 'one' }, without, now)).toContain(
    'no istio-cni',
  );
  expect(faults.isCniDown('one')).toBe(false);
});
