import type { Graph, GraphEdge, GraphNode } from '@ambit/topology/model';
import { expect, it } from 'vitest';
import { actingOn, marksOf, type PolicyRow } from './acting.ts';
import { costsOf } from './cost.ts';
import { compareGraphs } from './compare.ts';
import { find } from './find.ts';
import { hoodOf } from './hood.ts';
import { narrow } from './narrow.ts';
import { hopsWithin, parseAsMoment } from './url-state.ts';
import { edgeOf, nodeOf } from '../testing.ts';
import { packShape, unpackShape } from './shape.ts';
import { subjectsOf } from './subjects.ts';
import { step } from './walk.ts';
import { nodeName, nodeSentence } from './words.ts';
import { selectionOf } from './worst.ts';

const idOf = (name: string): string => `workload:c/shop/${name}`;
const node = (name: string, more: Partial<GraphNode> = {}) => nodeOf(idOf(name), name, more);
const edge = (from: string, to: string, more: Partial<GraphEdge> = {}) =>
  edgeOf(idOf(from), idOf(to), more);
const shop: Graph = {
  nodes: ['front', 'cart', 'checkout', 'payment'].map((name) => node(name)),
  edges: [edge('front', 'cart'), edge('front', 'checkout'), edge('checkout', 'payment')],
};
const names = (graph: Graph): string[] => graph.nodes.map(({ name }) => name).sort();

it('reads a moment only from a time, and keeps it to the second', () => {
  expect(parseAsMoment.parse('2026-11-25T10:02:00.400Z')).toBe(Date.UTC(2026, 10, 25, 10, 2));
  expect(parseAsMoment.serialize(Date.UTC(2026, 10, 25, 10, 2))).toBe('2026-11-25T10:02:00Z');
  for (const bad of ['yesterday', '5', '', '2026-99-99T00:00:00Z'])
    expect(parseAsMoment.parse(bad)).toBeNull();
  expect([0, 2, 99, Number.NaN].map(hopsWithin)).toEqual([1, 2, 3, 1]);
});

it('narrows to what a question is about, with what ties it together, and says what it did not understand', () => {
  expect(names(narrow(shop, 'name = payment').graph)).toEqual(['payment']);
  const byEdge = narrow(shop, 'source = front and target = cart').graph;
  expect(names(byEdge)).toEqual(['cart', 'front']);
  expect(byEdge.edges).toHaveLength(1);
  const wrong = narrow(shop, 'rate > > 1');
  expect(wrong.graph).toBe(shop);
  expect(wrong.problem?.message).toBeTruthy();
});

it('tells between two moments what is new, gone, worse and grown', () => {
  const now: Graph = {
    nodes: shop.nodes.filter(({ name }) => name !== 'cart').concat(node('mail')),
    edges: [
      edge('front', 'checkout', { rate: 10 }),
      edge('checkout', 'payment', { health: 'failure', rate: 10 }),
      edge('checkout', 'mail'),
    ],
  };
  const { counts, changes, graph } = compareGraphs(shop, now);
  expect(counts).toMatchObject({ new: 1, gone: 1, grown: 1, worse: 1, same: 0 });
  expect(changes.get('workload:c/shop/cart')).toBe('gone');
  expect(names(graph)).toContain('cart');
});

it('lays a neighbourhood in columns, callers left and called right, as many hops as asked', () => {
  const one = hoodOf(shop, 'workload:c/shop/checkout', 1);
  const x = (name: string): number | undefined => one.places.get(`workload:c/shop/${name}`)?.x;
  expect(x('front')).toBeLessThan(0);
  expect(x('checkout')).toBe(0);
  expect(x('payment')).toBeGreaterThan(0);
  expect(x('cart')).toBeUndefined();
  expect(hoodOf(shop, 'workload:c/shop/payment', 2).places.size).toBe(3);
});

it('keeps the busiest of a full column and tells how many are left out', () => {
  const many: Graph = {
    nodes: [node('hub'), ...Array.from({ length: 70 }, (_, at) => node(`n${at}`))],
    edges: Array.from({ length: 70 }, (_, at) => edge('hub', `n${at}`, { rate: at })),
  };
  const hood = hoodOf(many, 'workload:c/shop/hub', 1);
  expect(hood.left.get(1)).toBe(10);
  expect(hood.places.has('workload:c/shop/n69')).toBe(true);
  expect(hood.places.has('workload:c/shop/n0')).toBe(false);
});

it('packs what a layout needs, and leaves out edges to nowhere', () => {
  const graph = { ...shop, edges: [...shop.edges, edge('front', 'nowhere')] };
  const { nodes, edges } = unpackShape(packShape(graph, ({ namespace }) => namespace));
  expect(nodes).toEqual(shop.nodes.map(({ id, namespace }) => ({ id, group: namespace })));
  expect(edges.map(({ source, target }) => [source, target])).toEqual(
    shop.edges.map(({ source, target }) => [source, target]),
  );
  for (const [at, { rate }] of shop.edges.entries())
    expect(edges[at]!.weight).toBeCloseTo(1 + Math.log10(1 + rate), 5);
});

it('selects the worst edge around what is in focus, by what the colours show', () => {
  const graph: Graph = {
    nodes: shop.nodes,
    edges: [
      edge('front', 'checkout', { errorShare: 0.1, rate: 100, p95Ms: 10, mutualTlsShare: 1 }),
      edge('cart', 'checkout', { errorShare: 1, rate: 5, p95Ms: 900, mutualTlsShare: 0 }),
      edge('checkout', 'payment', { errorShare: 1, rate: 500, p95Ms: 5_000, mutualTlsShare: 0 }),
    ],
  };
  const of = (focus: string, mode: Parameters<typeof selectionOf>[3], sel = 'worst') =>
    selectionOf(graph, sel, idOf(focus), mode);
  expect(of('checkout', 'errors')).toBe(graph.edges[0]!.id);
  expect(of('checkout', 'latency')).toBe(graph.edges[1]!.id);
  expect(of('checkout', 'security')).toBe(graph.edges[1]!.id);
  expect(of('cart', 'errors')).toBe(graph.edges[1]!.id);
  expect(of('nobody', 'errors')).toBe(idOf('nobody'));
  expect(of('checkout', 'errors', 'chosen')).toBe('chosen');
});

it('walks along edges first, else to what lies that way, and stops at the border', () => {
  const places = new Map([
    ['workload:c/shop/front', { x: 0, y: 0 }],
    ['workload:c/shop/cart', { x: 5, y: 0 }],
    ['workload:c/shop/payment', { x: 1, y: 0 }],
    ['workload:c/shop/checkout', { x: 0, y: 3 }],
  ]);
  const from = (name: string, arrow: 'ArrowLeft' | 'ArrowRight' | 'ArrowDown') =>
    step(shop, places, `workload:c/shop/${name}`, arrow);
  expect(from('front', 'ArrowRight')).toBe('workload:c/shop/cart');
  expect(from('front', 'ArrowDown')).toBe('workload:c/shop/checkout');
  expect(from('cart', 'ArrowLeft')).toBe('workload:c/shop/front');
  expect(from('front', 'ArrowLeft')).toBeNull();
});

it('finds by letters in order, the nearest first', () => {
  expect(find(shop.nodes, 'chk').map(({ name }) => name)).toEqual(['checkout']);
  expect(find(shop.nodes, 'pay shop').map(({ name }) => name)).toEqual(['payment']);
  expect(find(shop.nodes, 'zzz')).toEqual([]);
});

it('names what nobody could name, and tells idle from zero', () => {
  expect(nodeName(node('', { kind: 'unknown' }))).toBe('unknown source');
  expect(nodeSentence(node('cart', { traffic: 'missing', health: 'none' }))).toContain(
    'no telemetry',
  );
  expect(nodeSentence(node('cart', { traffic: 'idle' }))).not.toContain('0/s');
});

it('knows which policies act on a node by host, reference, selector and scope', () => {
  const policy = (kind: string, on: Partial<PolicyRow>, namespace = 'shop'): PolicyRow => ({
    id: 'p',
    kind,
    namespace,
    name: 'p',
    hosts: [],
    refs: [],
    selector: {},
    ...on,
  });
  const refersTo = (kind: string, name: string) => ({ refs: [{ kind, namespace: 'shop', name }] });
  const cart = node('cart');
  const acts = (given: PolicyRow): boolean => actingOn([given])(cart).length === 1;
  expect(acts(policy('VirtualService', { hosts: ['cart'] }))).toBe(true);
  expect(acts(policy('VirtualService', { hosts: ['cart.other.svc.cluster.local'] }))).toBe(false);
  expect(acts(policy('DestinationRule', { hosts: ['cart.shop.svc.cluster.local'] }, 'x'))).toBe(
    true,
  );
  expect(acts(policy('HTTPRoute', refersTo('Service', 'cart')))).toBe(true);
  expect(acts(policy('HTTPRoute', refersTo('Gateway', 'cart')))).toBe(false);
  expect(acts(policy('AuthorizationPolicy', refersTo('Gateway', 'cart')))).toBe(false);
  expect(acts(policy('AuthorizationPolicy', {}))).toBe(true);
  expect(acts(policy('AuthorizationPolicy', {}, 'other'))).toBe(false);
  expect(acts(policy('PeerAuthentication', {}, 'istio-system'))).toBe(true);
  const selects = (app: string) => ({ selector: { app } });
  expect(acts(policy('AuthorizationPolicy', selects('cart')))).toBe(true);
  expect(acts(policy('AuthorizationPolicy', selects('front')))).toBe(false);
  expect(acts(policy('ServiceEntry', { hosts: ['cart'] }))).toBe(false);
  const both = [policy('VirtualService', { hosts: ['cart'] }), policy('AuthorizationPolicy', {})];
  const graph = { nodes: [node('front'), cart], edges: [edge('front', 'cart')] };
  expect(marksOf(graph, both)).toEqual(new Map([[idOf('cart'), 'ap vs']]));
});

it('knows what is told of a node by its own cluster, else by another', () => {
  const told = (clusterName: string, name: string) => ({ clusterName, namespace: 'shop', name });
  const nodes = [
    nodeOf('a', 'cart'),
    nodeOf('b', 'cart', { cluster: 'd' }),
    nodeOf('c', 'web', { cluster: 'd' }),
    nodeOf('e', 'web', { cluster: '' }),
  ];
  const subjects = [told('c', 'cart'), told('d', 'cart'), told('c', 'web')];
  expect(
    subjectsOf({ nodes, edges: [] }, subjects).map(([id, { clusterName }]) => id + clusterName),
  ).toEqual(['ac', 'bd', 'ec']);
});

it('shares out what a waypoint costs by the rates of the edges through it', () => {
  const waypoint = (name: string, costPerHour: number | null, currency: string | null = 'EUR') => ({
    clusterName: 'c',
    namespace: 'shop',
    name,
    costPerHour,
    currency,
  });
  const graph = {
    nodes: [node('front'), node('cart'), node('pay'), node('w', { kind: 'waypoint' })],
    edges: [
      edge('front', 'cart', { waypoint: true, rate: 3 }),
      edge('pay', 'cart', { waypoint: true, rate: 1 }),
      edge('front', 'pay', { rate: 5 }),
      edge('cart', 'pay', { waypoint: true, rate: 0 }),
    ],
  };
  const used = new Map([
    [idOf('cart'), 'c/shop/w'],
    [idOf('pay'), 'c/shop/idle'],
  ]);
  const given = [
    waypoint('w', 4),
    waypoint('idle', 2),
    waypoint('other', null),
    waypoint('abroad', 1, 'USD'),
  ];
  const { byId, ...sums } = costsOf(graph, used, given);
  expect(Object.fromEntries(byId)).toEqual({
    [edge('front', 'cart').id]: 3,
    [edge('pay', 'cart').id]: 1,
    [idOf('cart')]: 4,
    [idOf('w')]: 4,
  });
  expect(sums).toEqual({ total: 6, idle: 2, currency: 'EUR', waypoints: 4, unpriced: 2 });
});
