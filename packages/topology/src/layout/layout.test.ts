import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { layOut } from './lay-out.ts';
import type { Layout, LayoutInput } from './shape.ts';

const graph = fc.record({
  nodes: fc.uniqueArray(
    fc.record({ id: fc.nat(200).map(String), group: fc.nat(6).map((n) => `g${n}`) }),
    {
      selector: ({ id }) => id,
      maxLength: 60,
    },
  ),
  edges: fc.array(
    fc.record({
      source: fc.nat(200).map(String),
      target: fc.nat(200).map(String),
      weight: fc.double({ min: 0.001, max: 1e6, noNaN: true }),
    }),
    { maxLength: 120 },
  ),
});

function holds({ nodes }: LayoutInput, layout: Layout): void {
  expect(layout.nodes.size).toBe(nodes.length);
  const places = [...layout.nodes.values()];
  for (const [at, a] of places.entries()) {
    expect(Number.isFinite(a.x) && Number.isFinite(a.y)).toBe(true);
    for (const b of places.slice(at + 1)) {
      expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(0.98);
    }
  }
  const circles = [...layout.groups.values()];
  for (const [at, a] of circles.entries()) {
    for (const b of circles.slice(at + 1)) {
      expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThanOrEqual(a.radius + b.radius);
    }
  }
}

describe('a layout', () => {
  test('gives every node a place of its own, inside its group, and groups apart', () => {
    fc.assert(
      fc.property(graph, (input) => {
        const layout = layOut(input);
        holds(input, layout);
        expect(layout.crowded).toBe(false);
        for (const { x, y, group } of layout.nodes.values()) {
          const circle = layout.groups.get(group)!;
          expect(Math.hypot(x - circle.x, y - circle.y)).toBeLessThanOrEqual(circle.radius);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('is the same for the same graph, in whatever order it is told', () => {
    fc.assert(
      fc.property(graph, (input) => {
        const other = { nodes: [...input.nodes].reverse(), edges: input.edges };
        const [a, b] = [layOut(input), layOut(other)];
        for (const [id, place] of a.nodes) expect(b.nodes.get(id)).toEqual(place);
      }),
      { numRuns: 40 },
    );
  });

  test('moves nobody when others come and go', () => {
    fc.assert(
      fc.property(graph, graph, graph, (...inputs) => {
        let before: Layout | undefined;
        for (const input of inputs) {
          const layout = layOut(input, before);
          expect(layout.nodes.size).toBe(input.nodes.length);
          for (const { id, group } of input.nodes) {
            const was = before?.nodes.get(id);
            if (was?.group === group && before!.groups.has(group)) {
              expect(layout.nodes.get(id)).toEqual(was);
            }
          }
          for (const [group, circle] of before?.groups ?? []) {
            if (layout.groups.has(group)) expect(layout.groups.get(group)).toEqual(circle);
          }
          before = layout;
        }
      }),
      { numRuns: 60 },
    );
  });

  test('that is given new nodes puts them on free places', () => {
    fc.assert(
      fc.property(graph, graph, (first, second) => {
        const moved = {
          ...second,
          nodes: [
            ...first.nodes,
            ...second.nodes.filter(({ id }) => !first.nodes.some((node) => node.id === id)),
          ],
        };
        holds(moved, layOut(moved, layOut(first)));
      }),
      { numRuns: 60 },
    );
  });
});

test('what is connected is nearer than what is not', () => {
  const nodes = Array.from({ length: 300 }, (_, at) => ({ id: `n${at}`, group: 'one' }));
  const edges = nodes.slice(1).map(({ id }, at) => ({
    source: `n${Math.floor(at / 3)}`,
    target: id,
    weight: 1,
  }));
  const { nodes: places } = layOut({ nodes, edges });
  const far = (a: string, b: string): number =>
    Math.hypot(places.get(a)!.x - places.get(b)!.x, places.get(a)!.y - places.get(b)!.y);
  const mean = (list: number[]): number => list.reduce((sum, n) => sum + n, 0) / list.length;
  const connected = mean(edges.map(({ source, target }) => far(source, target)));
  const any = mean(nodes.map(({ id }, at) => far(id, `n${(at * 7919 + 13) % 300}`)));
  expect(connected).toBeLessThan(any / 2);
});

test('a group that outgrows its room says that it is crowded', () => {
  const nodes = (count: number) =>
    Array.from({ length: count }, (_, at) => ({ id: `n${at}`, group: 'one' }));
  const first = layOut({ nodes: nodes(20), edges: [] });
  expect(layOut({ nodes: nodes(24), edges: [] }, first).crowded).toBe(false);
  expect(layOut({ nodes: nodes(80), edges: [] }, first).crowded).toBe(true);
});
