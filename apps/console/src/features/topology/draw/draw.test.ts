import type { Graph, GraphNode } from '@ambit/topology/model';
import { expect, it } from 'vitest';
import { edgeRows, nodeRows, numbersEach } from './buffers.ts';
import { carry, fitAll, toScreen, toWorld, zoomAt } from './camera.ts';
import { curveOf, pointAt } from './curve.ts';
import { pick } from './pick.ts';
import { placeLabels } from './place-labels.ts';
import type { Palette } from './palette.ts';
import { lightScene, type Choice } from './light.ts';
import { edgeTone, prepareScene, versionTone, type Look, type Scene } from './scene.ts';
import { edgeOf, nodeOf } from '../testing.ts';

const node = (id: string, more: Partial<GraphNode> = {}) => nodeOf(id, id, more);
const look: Look & Choice = {
  mode: 'errors',
  box: 'namespace',
  selected: '',
  hovered: '',
  changes: null,
  enrolment: new Map(),
  costs: null,
  marks: new Map(),
  flow: true,
};
const places = new Map([
  ['a', { x: 0, y: 0 }],
  ['b', { x: 10, y: 0 }],
  ['c', { x: 0, y: 10 }],
]);
const graph: Graph = {
  nodes: ['a', 'b', 'c'].map((id) => node(id)),
  edges: [
    edgeOf('a', 'b'),
    edgeOf('b', 'a'),
    edgeOf('a', 'c', { health: 'failure' }),
    edgeOf('c', 'c'),
  ],
};
const boxes = new Map([['c/shop', { x: 5, y: 5, radius: 12 }]]);
const sceneOf = (more: Partial<Look & Choice> = {}, given = graph, around = boxes): Scene => {
  const asked = { ...look, ...more };
  const prepared = prepareScene({ graph: given, places, boxes: around, look: asked });
  return lightScene(prepared, given, asked);
};
const size = { width: 800, height: 600 };
const camera = { x: 5, y: 5, scale: 40 };

it('leaves out what has no place yet, with its edges', () => {
  const scene = sceneOf({}, { nodes: [...graph.nodes, node('new')], edges: [edgeOf('a', 'new')] });
  expect(scene.nodes.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  expect(scene.edges).toEqual([]);
});

it('draws trouble last, bends both ways apart, and fades what is not about the selection', () => {
  const scene = sceneOf();
  expect(scene.edges.at(-1)).toMatchObject({ id: 'a>c#http', tone: 'bad' });
  const [there, back] = ['a>b#http', 'b>a#http'].map((id) =>
    pointAt(
      curveOf(
        scene.edges.find((each) => each.id === id)!,
        scene.nodes,
      ),
      0.5,
    ),
  );
  expect(Math.sign(there!.y)).toBe(-Math.sign(back!.y));
  const chosen = sceneOf({ selected: 'b' });
  const strength = (id: string) => chosen.nodes.find((each) => each.id === id)!.strength;
  expect(strength('c')).toBeLessThan(strength('a'));
});

it('keeps edges between the same two where they are while one points at them', () => {
  const given = {
    nodes: graph.nodes,
    edges: [edgeOf('a', 'b', { rate: 1 }), edgeOf('a', 'b', { rate: 9, protocol: 'tcp' })],
  };
  const bends = (hovered: string) =>
    new Map(sceneOf({ hovered }, given).edges.map(({ id, bend }) => [id, bend]));
  expect(bends('a>b#http')).toEqual(bends(''));
  const lit = sceneOf({ hovered: 'a>b#http' }, given);
  expect(lit.lit).toBe(1);
  expect(lit.edges.map(({ id, strength }) => [id, strength])).toEqual([
    ['a>b#tcp', 0.04],
    ['a>b#http', 1],
  ]);
});

it('fades the many so that the few can be seen', () => {
  const edges = Array.from({ length: 3_000 }, (_, at) =>
    edgeOf('a', 'b', { rate: at, id: `a>b#${at}` }),
  );
  const scene = sceneOf({}, { nodes: graph.nodes, edges });
  expect(scene.edges.at(-1)!.strength).toBe(1);
  expect(scene.edges[0]!.strength).toBeLessThan(0.25);
});

it('shows no colour of health for what has no traffic', () => {
  for (const mode of ['errors', 'latency', 'security', 'rate'] as const) {
    expect(edgeTone(edgeOf('a', 'b', { traffic: 'idle', mutualTlsShare: 0 }), mode)).toBe('line');
  }
  expect(edgeTone(edgeOf('a', 'b', { mutualTlsShare: 0 }), 'security')).toBe('bad');
  expect(edgeTone(edgeOf('a', 'b', { mutualTlsShare: null }), 'security')).toBe('line');
  expect(edgeTone(edgeOf('a', 'b', { p95Ms: null }), 'latency')).toBe('line');
  expect(versionTone('v1')).not.toBe(versionTone('v2'));
});

it('picks the node before the edge, the edge before the box, and nothing beside them', () => {
  const scene = sceneOf();
  expect(pick(scene, { x: 0.1, y: 0 }, 40)).toBe('a');
  const middle = pointAt(
    curveOf(
      scene.edges.find(({ id }) => id === 'a>b#http')!,
      scene.nodes,
    ),
    0.5,
  );
  expect(pick(scene, middle, 40)).toBe('a>b#http');
  expect(pick(scene, { x: 5, y: -7 }, 40)).toBe('box:c/shop');
  expect(pick(scene, { x: 7, y: 7 }, 40)).toBe('');
});

it('keeps the point under the pointer where it is while zooming, and fits all in view', () => {
  const at = { x: 100, y: 70 };
  const before = toWorld(camera, size, at);
  const after = toWorld(zoomAt(camera, size, at, 1.7), size, at);
  expect(after.x).toBeCloseTo(before.x);
  expect(after.y).toBeCloseTo(before.y);
  const fitted = fitAll(sceneOf().boxes, size);
  const top = toScreen(fitted, size, { x: 5, y: -7 });
  expect(top.y).toBeGreaterThan(0);
  expect(fitAll([], size).scale).toBeGreaterThan(0);
});

it('carries what was written for one camera to where another sees it', () => {
  const view = { width: 800, height: 600 };
  const to = zoomAt({ ...camera, x: 7, y: 2 }, view, { x: 90, y: 400 }, 1.3);
  const [by, , , , x, y] = carry(camera, to, view)
    .slice('matrix('.length, -1)
    .split(', ')
    .map(Number) as [number, number, number, number, number, number];
  for (const point of [
    { x: 5, y: 5 },
    { x: -20, y: 31 },
  ]) {
    const was = toScreen(camera, view, point);
    const is = toScreen(to, view, point);
    expect(was.x * by + x).toBeCloseTo(is.x, 6);
    expect(was.y * by + y).toBeCloseTo(is.y, 6);
  }
});

it('places no label over another, and numbers only when near', () => {
  const options = { selected: '', hovered: '', measure: (text: string) => text.length * 7 };
  const many: Scene = {
    ...sceneOf(),
    boxes: [],
    edges: [],
    nodes: Array.from({ length: 200 }, (_, at) => ({
      ...sceneOf().nodes[0]!,
      id: `n${at}`,
      label: `node-${at}`,
      x: at % 20,
      y: Math.floor(at / 20),
    })),
  };
  const labels = placeLabels(many, { x: 10, y: 5, scale: 30 }, size, options);
  expect(labels.length).toBeGreaterThan(10);
  const rects = labels.map(({ text, x, y }) => ({
    left: x - text.length * 3.5,
    right: x + text.length * 3.5,
    top: y - 8,
    bottom: y + 8,
  }));
  rects.forEach((a, at) =>
    rects.slice(at + 1).forEach((b) => {
      const apart =
        a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
      expect(apart).toBe(true);
    }),
  );
  const far = placeLabels(many, { x: 10, y: 5, scale: 10 }, size, options);
  expect(far).toEqual([]);
  const asked = placeLabels(many, { x: 10, y: 5, scale: 10 }, size, {
    ...options,
    selected: 'n105',
  });
  expect(asked.map(({ id }) => id)).toEqual(['n105']);
});

it('lays out memory as the shaders read it', () => {
  const tones = ['line', 'ink', 'ok', 'calm', 'warn', 'bad', 'accent', 'busy', 'idle', 'surface'];
  const palette = Object.fromEntries(
    [...tones, 'v0', 'v1', 'v2', 'v3', 'v4', 'ink2', 'canvas'].map((tone) => [
      tone,
      [1, 0.5, 0, 1],
    ]),
  ) as unknown as Palette;
  const scene = sceneOf();
  const edges = edgeRows(scene.edges, scene.nodes, palette);
  const last = (scene.edges.length - 1) * numbersEach;
  expect(Array.from(edges.slice(last, last + 2))).toEqual([0, 0]);
  expect(Array.from(edges.slice(last + 12, last + 16))).toEqual([1, 0.5, 0, 1]);
  expect(edges.length % 8_192).toBe(0);
  const nodes = nodeRows(scene, palette);
  expect(Array.from(nodes.slice(0, 4))).toEqual([5, 5, 12, 9]);
  expect(nodes[numbersEach + 2]).toBeCloseTo(scene.nodes[0]!.radius);
});

it('bundles many edges between boxes for looking from afar, in the colour of their trouble', () => {
  const two = [node('a'), node('b', { namespace: 'bank' })];
  const both = new Map([
    ['c/shop', { x: 0, y: 0, radius: 2 }],
    ['c/bank', { x: 10, y: 0, radius: 2 }],
  ]);
  const build = (health: 'healthy' | 'failure', many: number, more: Partial<Choice> = {}): Scene =>
    sceneOf(
      more,
      {
        nodes: two,
        edges: Array.from({ length: many }, (_, at) =>
          edgeOf('a', 'b', { health, id: `a>b#${at}` }),
        ),
      },
      both,
    );
  expect(build('healthy', 100).far).toBeNull();
  expect(build('failure', 2_000).far).toMatchObject([{ from: 0, to: 1, tone: 'bad' }]);
  expect(build('healthy', 2_000).far).toMatchObject([{ tone: 'line' }]);
  const chosen = build('healthy', 2_000, { selected: 'a' });
  expect(chosen.far).toBeNull();
  expect(chosen.lit).toBe(2_000);
});

it('shows the marks of policies below the number of an edge, from near', () => {
  const scene = sceneOf({ marks: new Map([['b', 'ap vs']]) });
  const detailAt = (scale: number) =>
    placeLabels(
      scene,
      { ...camera, scale },
      { width: 4_000, height: 4_000 },
      {
        selected: '',
        hovered: '',
        measure: () => 20,
      },
    ).find(({ id }) => id === 'a>b#http')?.detail;
  expect(detailAt(80)).toBe('ap vs');
  expect(detailAt(60)).toBe('');
});

it('colours what bears a part of the cost of waypoints, and says how much in a month', () => {
  const costs = {
    byId: new Map([
      ['a>b#http', 0.1],
      ['b', 0.1],
    ]),
    total: 0.1,
    idle: 0,
    currency: 'EUR',
    waypoints: 1,
    unpriced: 0,
  };
  const scene = sceneOf({ mode: 'cost', costs });
  expect(scene.edges.find(({ id }) => id === 'a>b#http')).toMatchObject({
    tone: 'busy',
    label: 'EUR 73.00/mo',
  });
  expect(scene.edges.find(({ id }) => id === 'b>a#http')).toMatchObject({
    tone: 'line',
    label: '',
  });
  expect(scene.nodes.find(({ id }) => id === 'b')).toMatchObject({
    fill: 'busy',
    detail: 'EUR 73.00/mo',
  });
});
