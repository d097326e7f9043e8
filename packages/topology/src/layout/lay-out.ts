import { relax, type Spring } from './forces.ts';
import { createRoom, middleOf, placeNear } from './groups.ts';
import type { Circle, Layout, LayoutEdge, LayoutInput, LayoutNode, Point } from './shape.ts';
import { assignSlots, radiusOf, slotKey, slotsAround } from './slots.ts';

/** A group gets room for this many times its nodes, so that it can grow without pushing others. */
const spare = 1.5;
/** A group that is fuller than its room by this much is crowded. */
const crowdedFrom = 1.05;

/**
 * Places the nodes of a graph: groups apart from each other, connected ones near, and in a group every node
 * on a place of its own. With the layout before, nobody who was there moves: new nodes take free places near
 * what they are connected to, in their group. The same input gives the same layout.
 */
export function layOut(input: LayoutInput, before?: Layout): Layout {
  const members = new Map<string, LayoutNode[]>();
  for (const node of input.nodes) {
    const there = members.get(node.group);
    if (there) there.push(node);
    else members.set(node.group, [node]);
  }
  let inner: ReadonlyMap<string, LayoutEdge[]> | undefined;
  let near: ReadonlyMap<string, LayoutEdge[]> | undefined;
  const groups = placeGroups(members, input, before);
  const nodes = new Map<string, Point & { group: string }>();
  let crowded = false;
  for (const [group, list] of members) {
    const circle = groups.get(group)!;
    if (radiusOf(list.length) > circle.radius * crowdedFrom) crowded = true;
    const kept = list.filter(({ id }) => before?.nodes.get(id)?.group === group);
    for (const { id } of kept) nodes.set(id, before!.nodes.get(id)!);
    const isNew = before?.groups.has(group) !== true || kept.length === 0;
    const places = isNew
      ? placeAll(list, circle, (inner ??= innerEdges(input)).get(group) ?? [])
      : placeMore(
          list.filter(({ id }) => !nodes.has(id)),
          list.length,
          circle,
          nodes,
          (near ??= neighboursOf(input.edges)),
        );
    for (const [id, place] of places) nodes.set(id, { ...place, group });
  }
  return { nodes, groups, crowded };
}

function placeGroups(
  members: ReadonlyMap<string, LayoutNode[]>,
  { nodes, edges }: LayoutInput,
  before: Layout | undefined,
): Map<string, Circle> {
  const groupOf = new Map(nodes.map(({ id, group }) => [id, group]));
  const between = new Map<string, Map<string, number>>();
  const connect = (a: string, b: string, weight: number): void => {
    let of = between.get(a);
    if (of === undefined) between.set(a, (of = new Map()));
    of.set(b, (of.get(b) ?? 0) + weight);
  };
  for (const { source, target, weight } of edges) {
    const [a, b] = [groupOf.get(source), groupOf.get(target)];
    if (a === undefined || b === undefined || a === b) continue;
    connect(a, b, weight);
    connect(b, a, weight);
  }
  const wanted = [...members]
    .map(([group, list]) => ({ group, radius: radiusOf(list.length * spare) }))
    .sort((a, b) => b.radius - a.radius || (a.group < b.group ? -1 : 1));
  const stays = [...(before?.groups ?? [])].filter(([group]) => members.has(group));
  const largest = Math.max(
    1,
    ...wanted.map(({ radius }) => radius),
    ...stays.map(([, { radius }]) => radius),
  );
  const room = createRoom(largest);
  const placed = new Map<string, Circle>();
  for (const [group, circle] of stays) {
    placed.set(group, circle);
    room.add(circle);
  }
  for (const { group, radius } of wanted) {
    if (placed.has(group)) continue;
    const pulls = [...(between.get(group) ?? [])].flatMap(([other, weight]) => {
      const at = placed.get(other);
      return at ? [{ at, weight }] : [];
    });
    const circle = placeNear(room, middleOf(pulls), radius);
    placed.set(group, circle);
    room.add(circle);
  }
  return placed;
}

function placeAll(
  list: readonly LayoutNode[],
  circle: Circle,
  edges: readonly LayoutEdge[],
): [string, Point][] {
  const sorted = [...list].sort((a, b) => (a.id < b.id ? -1 : 1));
  const numbers = new Map(sorted.map(({ id }, at) => [id, at]));
  const springs = edges.flatMap(({ source, target, weight }): Spring[] => {
    const [from, to] = [numbers.get(source), numbers.get(target)];
    return from === undefined || to === undefined || from === to ? [] : [{ from, to, weight }];
  });
  const slots = slotsAround(circle, sorted.length);
  const wishes = spreadOver(relax(sorted.length, springs), circle, slots);
  const places = assignSlots(wishes, slots);
  return sorted.map(({ id }, at) => [id, places[at]!]);
}

/** Moves and scales places so that they lie as far out as slots do. */
function spreadOver(places: readonly Point[], circle: Circle, slots: readonly Point[]): Point[] {
  const farOut = (points: readonly Point[], middle: Point): number =>
    Math.sqrt(points.reduce((sum, { x, y }) => sum + (x - middle.x) ** 2 + (y - middle.y) ** 2, 0));
  const middle = middleOf(places.map((at) => ({ at, weight: 1 })));
  const scale = farOut(slots, circle) / Math.max(1e-9, farOut(places, middle));
  return places.map(({ x, y }) => ({
    x: circle.x + (x - middle.x) * scale,
    y: circle.y + (y - middle.y) * scale,
  }));
}

/** Places for new nodes of a group where others stay. */
function placeMore(
  list: readonly LayoutNode[],
  total: number,
  circle: Circle,
  nodes: ReadonlyMap<string, Point & { group: string }>,
  near: ReadonlyMap<string, LayoutEdge[]>,
): [string, Point][] {
  if (list.length === 0) return [];
  const taken = new Set<string>();
  for (const place of nodes.values()) taken.add(slotKey(place));
  // As many places as there would be if all who were there had stood nearest to the middle, and those who left still stood.
  const slots = slotsAround(circle, total * 2 + list.length).filter(
    (slot) => !taken.has(slotKey(slot)),
  );
  const sorted = [...list].sort((a, b) => (a.id < b.id ? -1 : 1));
  const wishes = sorted.map(({ id }) => {
    const pulls = (near.get(id) ?? []).flatMap(({ source, target, weight }) => {
      const at = nodes.get(source === id ? target : source);
      return at && Math.hypot(at.x - circle.x, at.y - circle.y) <= circle.radius
        ? [{ at, weight }]
        : [];
    });
    return pulls.length === 0 ? circle : middleOf(pulls);
  });
  const places = assignSlots(wishes, slots.slice(0, Math.max(list.length, total)));
  return sorted.map(({ id }, at) => [id, places[at]!]);
}

/** Edges that stay within a group, by that group. */
function innerEdges({ nodes, edges }: LayoutInput): Map<string, LayoutEdge[]> {
  const groupOf = new Map(nodes.map(({ id, group }) => [id, group]));
  const inner = new Map<string, LayoutEdge[]>();
  for (const edge of edges) {
    const group = groupOf.get(edge.source);
    if (group === undefined || group !== groupOf.get(edge.target)) continue;
    const there = inner.get(group);
    if (there) there.push(edge);
    else inner.set(group, [edge]);
  }
  return inner;
}

function neighboursOf(edges: readonly LayoutEdge[]): Map<string, LayoutEdge[]> {
  const near = new Map<string, LayoutEdge[]>();
  for (const edge of edges) {
    for (const id of [edge.source, edge.target]) {
      const there = near.get(id);
      if (there) there.push(edge);
      else near.set(id, [edge]);
    }
  }
  return near;
}
