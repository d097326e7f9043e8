import type { Point } from './shape.ts';

export interface Spring {
  from: number;
  to: number;
  weight: number;
}

const repulsion = 0.35;
const gravity = 0.05;
const golden = Math.PI * (3 - Math.sqrt(5));

/**
 * Places for nodes of one group around 0, 0 in which connected ones are near each other. No chance in it: the
 * same nodes and springs give the same places. Nodes repel only near ones, so it is quick for thousands.
 */
export function relax(count: number, springs: readonly Spring[]): Point[] {
  const degree = new Float64Array(count);
  for (const { from, to, weight } of springs) {
    degree[from]! += weight;
    degree[to]! += weight;
  }
  const order = breadthFirst(count, springs, degree);
  const x = new Float64Array(count);
  const y = new Float64Array(count);
  order.forEach((node, at) => {
    const far = 0.6 * Math.sqrt(at);
    x[node] = far * Math.cos(at * golden);
    y[node] = far * Math.sin(at * golden);
  });
  // Large groups get fewer rounds: the time stays within what somebody waits for.
  const rounds = Math.min(100, Math.max(30, Math.round(15_000 / count)));
  const reach = 0.15 * Math.sqrt(count) + 0.5;
  const heaviest = Math.max(1e-9, ...springs.map(({ weight }) => weight));
  const moveX = new Float64Array(count);
  const moveY = new Float64Array(count);
  for (let round = 0; round < rounds; round++) {
    const heat = reach * (1 - round / rounds) + 0.05;
    moveX.fill(0);
    moveY.fill(0);
    for (const { from, to, weight } of springs) {
      const pull = 0.15 + 0.25 * Math.sqrt(weight / heaviest);
      const dx = (x[to]! - x[from]!) * pull;
      const dy = (y[to]! - y[from]!) * pull;
      moveX[from]! += dx;
      moveY[from]! += dy;
      moveX[to]! -= dx;
      moveY[to]! -= dy;
    }
    repel(x, y, moveX, moveY);
    for (let node = 0; node < count; node++) {
      const dx = moveX[node]! - x[node]! * gravity;
      const dy = moveY[node]! - y[node]! * gravity;
      const length = Math.hypot(dx, dy);
      const step = length > heat ? heat / length : 1;
      x[node]! += dx * step;
      y[node]! += dy * step;
    }
  }
  return Array.from({ length: count }, (_, node) => ({ x: x[node]!, y: y[node]! }));
}

const cellSize = 4;

interface Cell {
  nodes: number[];
  x: number;
  y: number;
}

/** With no more nodes than that each is pushed by each. */
const fewNodes = 150;

/**
 * Pushes nodes apart, the more the nearer they are: those in cells around one by one, each cell farther away
 * as one body in its middle.
 */
function repel(x: Float64Array, y: Float64Array, moveX: Float64Array, moveY: Float64Array): void {
  /** Two nodes push each other alike, the other way round. */
  const part = (one: number, other: number): void => {
    let dx = x[one]! - x[other]!;
    let dy = y[one]! - y[other]!;
    let square = dx * dx + dy * dy;
    if (square < 1e-6) {
      dx = Math.cos(one * golden) * 1e-3;
      dy = Math.sin(one * golden) * 1e-3;
      square = 1e-6;
    }
    const strength = repulsion / (square > 0.04 ? square : 0.04);
    moveX[one]! += dx * strength;
    moveY[one]! += dy * strength;
    moveX[other]! -= dx * strength;
    moveY[other]! -= dy * strength;
  };
  if (x.length <= fewNodes) {
    for (let one = 1; one < x.length; one++)
      for (let other = 0; other < one; other++) part(one, other);
    return;
  }
  const list = cellsOf(x, y);
  const near = 1.5 * cellSize;
  list.forEach((cell, at) => {
    for (let inner = 1; inner < cell.nodes.length; inner++)
      for (let other = 0; other < inner; other++) part(cell.nodes[inner]!, cell.nodes[other]!);
    for (let before = 0; before < at; before++) {
      const other = list[before]!;
      if (Math.abs(cell.x - other.x) < near && Math.abs(cell.y - other.y) < near) {
        for (const node of cell.nodes) for (const each of other.nodes) part(node, each);
      } else {
        pushFar(cell, other);
        pushFar(other, cell);
      }
    }
  });

  function pushFar(cell: Cell, from: Cell): void {
    const mass = repulsion * from.nodes.length;
    for (const node of cell.nodes) {
      const dx = x[node]! - from.x;
      const dy = y[node]! - from.y;
      const strength = mass / Math.max(dx * dx + dy * dy, 0.04);
      moveX[node]! += dx * strength;
      moveY[node]! += dy * strength;
    }
  }
}

/** Nodes by the cell of a grid they are in, with the middle of each. */
function cellsOf(x: Float64Array, y: Float64Array): Cell[] {
  const cells = new Map<number, Cell>();
  const cellOf = (at: number): number => Math.floor(at / cellSize);
  for (let node = 0; node < x.length; node++) {
    const key = cellOf(x[node]!) * 1_000_003 + cellOf(y[node]!);
    let cell = cells.get(key);
    if (cell === undefined) cells.set(key, (cell = { nodes: [], x: 0, y: 0 }));
    cell.nodes.push(node);
    cell.x += x[node]!;
    cell.y += y[node]!;
  }
  const list = [...cells.values()];
  for (const cell of list) {
    cell.x /= cell.nodes.length;
    cell.y /= cell.nodes.length;
  }
  return list;
}

/** Nodes from the most connected outwards, then what is left. */
function breadthFirst(count: number, springs: readonly Spring[], degree: Float64Array): number[] {
  const near: number[][] = Array.from({ length: count }, () => []);
  for (const { from, to } of springs) {
    near[from]!.push(to);
    near[to]!.push(from);
  }
  const byDegree = Array.from({ length: count }, (_, node) => node).sort(
    (a, b) => degree[b]! - degree[a]! || a - b,
  );
  const seen = new Uint8Array(count);
  const order: number[] = [];
  for (const start of byDegree) {
    if (seen[start] === 1) continue;
    seen[start] = 1;
    order.push(start);
    for (let at = order.length - 1; at < order.length; at++) {
      for (const next of near[order[at]!]!) {
        if (seen[next] === 1) continue;
        seen[next] = 1;
        order.push(next);
      }
    }
  }
  return order;
}
