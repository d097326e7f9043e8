import type { Graph } from '@ambit/topology/model';
import type { Boxing } from '../model/url-state.ts';
import { boxOf, type DrawnEdge, type Scene } from './scene.ts';

export interface Choice {
  box: Boxing;
  /** Selected node, edge or box; empty for none. */
  selected: string;
  /** Under the pointer. */
  hovered: string;
}

/**
 * The scene with what is chosen brought out and the rest faded. It comes with every move of the pointer, so it only
 * changes what a choice changes: places, bends and labels stay those of the scene.
 */
export function lightScene(scene: Scene, graph: Graph, choice: Choice): Scene {
  const { selected, hovered } = choice;
  const lit = litOf(graph, choice);
  const nodes = scene.nodes.map((node) => {
    const isAsked = node.id === selected || node.id === hovered;
    const isLit = lit === null || lit.has(node.id);
    if (isLit && !isAsked) return node;
    return {
      ...node,
      ring: isAsked ? ('accent' as const) : node.ring,
      strength: isLit ? 1 : 0.18,
      weight: node.weight + (node.id === selected ? 1e9 : 0),
    };
  });
  const boxes = scene.boxes.map((box) =>
    selected === `box:${box.id}` ? { ...box, tone: 'accent' as const } : box,
  );
  if (lit === null) return { ...scene, nodes, boxes };
  const faded: DrawnEdge[] = [];
  const bright: DrawnEdge[] = [];
  for (const edge of scene.edges) {
    if (lit.has(edge.id)) bright.push({ ...edge, strength: edge.most });
    else faded.push({ ...edge, strength: 0.04 * edge.most });
  }
  return { nodes, boxes, edges: [...faded, ...bright], far: null, lit: bright.length };
}

/** What belongs to what is selected or pointed at; null when all is shown alike. */
function litOf(graph: Graph, { selected, hovered, box }: Choice): ReadonlySet<string> | null {
  const about = hovered || selected;
  if (about === '') return null;
  const lit = new Set<string>();
  const key = about.startsWith('box:') ? about.slice(4) : null;
  const inBox =
    key === null
      ? null
      : new Set(graph.nodes.filter((node) => boxOf(node, box) === key).map(({ id }) => id));
  for (const id of inBox ?? []) lit.add(id);
  for (const edge of graph.edges) {
    const isPart =
      edge.id === about ||
      edge.source === about ||
      edge.target === about ||
      inBox?.has(edge.source) ||
      inBox?.has(edge.target);
    if (isPart) lit.add(edge.id).add(edge.source).add(edge.target);
  }
  if (key === null && lit.size === 0) {
    if (!graph.nodes.some(({ id }) => id === about)) return null;
    lit.add(about);
  }
  return lit;
}
