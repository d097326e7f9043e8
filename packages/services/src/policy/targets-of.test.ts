import { expect, it } from 'vitest';
import { targetsOf, type Scope } from './targets-of.ts';

const nothing: Scope = {
  hosts: null,
  host: null,
  parentRefs: null,
  targetRefs: null,
  targetRef: null,
  selector: null,
  workloadSelector: null,
};
const of = (kind: string, scope: Partial<Scope>) =>
  targetsOf({ kind, namespace: 'shop' }, { ...nothing, ...scope });

it('takes hosts from the kinds that route, and from no other', () => {
  expect(of('VirtualService', { hosts: ['cart', '*.shop'] }).hosts).toEqual(['cart', '*.shop']);
  expect(of('DestinationRule', { host: 'cart.shop.svc.cluster.local' }).hosts).toHaveLength(1);
  expect(of('ServiceEntry', { hosts: ['cart'] }).hosts).toEqual([]);
});

it('takes references with the namespace they mean', () => {
  const refs = of('HTTPRoute', {
    parentRefs: [{ kind: 'Service', name: 'cart' }],
    targetRefs: [{ kind: 'Gateway', name: 'edge', namespace: 'infra' }],
  }).refs;
  expect(refs).toEqual([
    { kind: 'Service', namespace: 'shop', name: 'cart' },
    { kind: 'Gateway', namespace: 'infra', name: 'edge' },
  ]);
});

it('takes labels of either kind of selector', () => {
  expect(
    of('AuthorizationPolicy', { selector: { matchLabels: { app: 'cart' } } }).selector,
  ).toEqual({
    app: 'cart',
  });
  expect(of('EnvoyFilter', { workloadSelector: { labels: { app: 'cart' } } }).selector).toEqual({
    app: 'cart',
  });
});

it('makes nothing of what is no policy as Istio knows it', () => {
  const odd = of('VirtualService', { hosts: [3, null, 'a'], targetRef: 'x', selector: 'y' });
  expect(odd).toEqual({ hosts: ['a'], refs: [], selector: {} });
});
