import type { Graph, GraphEdge, GraphNode, NodeKind } from '@ambit/topology/model';
import { bundleFrom, bundlesOf } from './bundles.ts';
import type { Change } from '../model/compare.ts';
import type { Place } from '../model/hood.ts';
import type { Boxing, Mode } from '../model/url-state.ts';
import { nodeName } from '../model/words.ts';
import { costText, msText, rateText, shareText } from '../../../lib/format.ts';
import type { Costs } from '../model/cost.ts';

/** A colour by what it means; the palette gives it in the theme. */
export type Tone =
  | 'line'
  | 'ink'
  | 'ok'
  | 'warn'
  | 'bad'
  | 'accent'
  | 'busy'
  | 'idle'
  | 'surface'
  /** Healthy, and so no news. */
  | 'calm'
  | 'v0'
  | 'v1'
  | 'v2'
  | 'v3'
  | 'v4';

export const shapes: Record<NodeKind, number> = {
  workload: 0,
  app: 0,
  version: 0,
  service: 1,
  gateway: 2,
  waypoint: 2,
  namespace: 3,
  cluster: 3,
  external: 4,
  unknown: 0,
};

export interface DrawnNode extends Place {
  id: string;
  /** In world units; nodes are at least 1 apart. */
  radius: number;
  shape: number;
  fill: Tone;
  ring: Tone;
  /** Hollow: no telemetry. */
  hollow: boolean;
  /** 0 to 1; how much of it is shown. */
  strength: number;
  label: string;
  detail: string;
  /** Labels of what matters more go first. */
  weight: number;
}

export interface DrawnEdge {
  id: string;
  from: number;
  to: number;
  /** How far the middle is bent, as a share of the length; left of its direction. */
  bend: number;
  /** In pixels. */
  width: number;
  tone: Tone;
  strength: number;
  /** Its strength when it is chosen. */
  most: number;
  dashed: boolean;
  /** Dots a second along it; 0 for none. */
  flow: number;
  label: string;
  /** Marks of the policies that act on its target. */
  detail: string;
}

/** A box is an ellipse: as wide as high times this. Names are wide, so the world is. */
export const stretch = 1.7;

export interface DrawnBox extends Place {
  id: string;
  /** Half of its height. */
  radius: number;
  label: string;
  tone: Tone;
}

export interface Scene {
  nodes: DrawnNode[];
  /** The least important first. */
  edges: DrawnEdge[];
  boxes: DrawnBox[];
  /** Between boxes instead of nodes, for looking from afar; null where edges are few or some are chosen. */
  far: DrawnEdge[] | null;
  /** Edges at the end of the list that belong to what is chosen; 0 without a choice. */
  lit: number;
}

export interface Look {
  mode: Mode;
  box: Boxing;
  changes: ReadonlyMap<string, Change> | null;
  /** How each workload is in the mesh, by node id. */
  enrolment: ReadonlyMap<string, string>;
  /** What waypoints cost; null in other modes, and until it is known. */
  costs: Costs | null;
  /** Marks of the policies that act on a node, by its id. */
  marks: ReadonlyMap<string, string>;
  flow: boolean;
}

export const boxOf = (node: GraphNode, box: Boxing): string => {
  if (box === 'none') return '';
  if (box === 'cluster') return node.cluster;
  if (box === 'app') return `${node.cluster}/${node.namespace}/${node.app || node.name}`;
  return `${node.cluster}/${node.namespace}`;
};

export const boxLabel = (key: string): string => key.split('/').at(-1) || 'outside the mesh';

const changeTones: Record<Change, Tone> = {
  new: 'accent',
  gone: 'idle',
  grown: 'busy',
  shrunk: 'line',
  worse: 'bad',
  better: 'ok',
  same: 'line',
};

const healthTones = {
  none: 'idle',
  healthy: 'ok',
  notReady: 'idle',
  degraded: 'warn',
  failure: 'bad',
} as const;

/** Bounds of the colours of latency, p95 in milliseconds. */
export const latencyBounds = [100, 500, 1_000] as const;

export function edgeTone(edge: GraphEdge, mode: Mode, costs: Costs | null = null): Tone {
  if (edge.traffic !== 'active') return 'line';
  switch (mode) {
    case 'rate':
      return 'accent';
    case 'latency': {
      const { p95Ms } = edge;
      if (p95Ms === null) return 'line';
      if (p95Ms < latencyBounds[0]) return 'ok';
      if (p95Ms < latencyBounds[1]) return 'busy';
      return p95Ms < latencyBounds[2] ? 'warn' : 'bad';
    }
    case 'security': {
      const share = edge.mutualTlsShare;
      if (share === null) return 'line';
      if (share >= 0.999) return 'ok';
      return share > 0 ? 'warn' : 'bad';
    }
    case 'enrolment':
      return edge.waypoint ? 'busy' : edge.layer === 'L7' ? 'accent' : 'line';
    case 'versions':
      return 'line';
    case 'cost':
      return costs?.byId.has(edge.id) ? 'busy' : 'line';
    case 'errors':
      return edge.health === 'degraded' || edge.health === 'failure'
        ? healthTones[edge.health]
        : 'line';
  }
}

const enrolmentTones: Record<string, Tone> = {
  sidecar: 'accent',
  L4: 'ok',
  'L4+L7': 'busy',
  none: 'warn',
};

const versionTones: Tone[] = ['v0', 'v1', 'v2', 'v3', 'v4'];

/** The colour of a version: the same for the same word in every view. */
export function versionTone(version: string): Tone {
  if (version === '') return 'idle';
  let sum = 0;
  for (const letter of version) sum = (sum * 31 + letter.charCodeAt(0)) >>> 0;
  const number = /\d+/.exec(version)?.[0];
  return versionTones[(number === undefined ? sum : Number(number)) % versionTones.length]!;
}

function nodeTone(node: GraphNode, look: Look): Tone {
  if (look.mode === 'versions') return versionTone(node.version);
  if (look.mode === 'enrolment') return enrolmentTones[look.enrolment.get(node.id) ?? ''] ?? 'idle';
  if (look.mode === 'cost') return look.costs?.byId.has(node.id) ? 'busy' : 'idle';
  if (node.traffic !== 'active' && node.health !== 'failure' && node.health !== 'degraded')
    return 'idle';
  return node.health === 'healthy' ? 'calm' : healthTones[node.health];
}

const costLabel = (costs: Costs | null, id: string): string => {
  const perHour = costs?.byId.get(id);
  return perHour === undefined ? '' : costText(perHour, costs!.currency);
};

export function edgeLabel(edge: GraphEdge, mode: Mode, costs: Costs | null = null): string {
  if (edge.traffic !== 'active') return edge.traffic === 'idle' ? 'idle' : '';
  switch (mode) {
    case 'latency':
      return edge.p95Ms === null ? 'not measured' : msText(edge.p95Ms);
    case 'security':
      return edge.mutualTlsShare === null ? 'not known' : `mTLS ${shareText(edge.mutualTlsShare)}`;
    case 'enrolment':
      return edge.waypoint ? 'waypoint' : edge.layer;
    case 'cost':
      return costLabel(costs, edge.id);
    case 'errors':
      return edge.errorShare !== null && edge.errorShare > 0
        ? `${rateText(edge.rate)} · ${shareText(edge.errorShare)} errors`
        : rateText(edge.rate);
    default:
      return rateText(edge.rate);
  }
}

const isTrouble = (tone: Tone): boolean => tone === 'bad' || tone === 'warn';

/** How much matters of an edge: trouble first, then its rate. */
const importanceOf = (edge: GraphEdge, tone: Tone): number =>
  (tone === 'bad' ? 1e9 : tone === 'warn' ? 1e8 : 0) + edge.rate;

/** Fades what matters less as there is more of it, so that many edges are no felt. */
const fadeOf = (rank: number, total: number): number =>
  total <= 150 ? 1 : Math.max(0.05, Math.min(1, 150 / (rank + 1)) ** 0.55);

export interface SceneInput {
  graph: Graph;
  places: ReadonlyMap<string, Place>;
  boxes: ReadonlyMap<string, Place & { radius: number }>;
  look: Look;
}

/** What is drawn of a graph while nothing is chosen. Nodes without a place are left out, with their edges. */
export function prepareScene({ graph, places, boxes, look }: SceneInput): Scene {
  const index = new Map<string, number>();
  const nodes: DrawnNode[] = [];
  for (const node of graph.nodes) {
    const place = places.get(node.id);
    if (!place) continue;
    index.set(node.id, nodes.length);
    nodes.push(drawNode(node, place, look));
  }
  const pairs = new Set(graph.edges.map(({ source, target }) => `${source}>${target}`));
  const ranked = graph.edges
    .map((edge) => {
      const change = look.changes?.get(edge.id);
      const tone =
        change === undefined ? edgeTone(edge, look.mode, look.costs) : changeTones[change];
      return { edge, tone, importance: importanceOf(edge, tone) };
    })
    .sort((a, b) => a.importance - b.importance);
  const edges: DrawnEdge[] = [];
  const parallel = new Map<string, number>();
  ranked.forEach(({ edge, tone }, at) => {
    const from = index.get(edge.source);
    const to = index.get(edge.target);
    if (from === undefined || to === undefined) return;
    const pair = `${edge.source}>${edge.target}`;
    const nth = parallel.get(pair) ?? 0;
    parallel.set(pair, nth + 1);
    const isBoth = pairs.has(`${edge.target}>${edge.source}`);
    const most = edge.traffic === 'active' ? 1 : 0.55;
    edges.push({
      id: edge.id,
      from,
      to,
      bend: (isBoth ? 0.16 : 0.08) + nth * 0.12,
      width: look.mode === 'cost' ? costWidth(look.costs, edge.id) : widthOf(edge),
      tone,
      strength: most * fadeOf(ranked.length - 1 - at, ranked.length),
      most,
      dashed: edge.traffic !== 'active' || look.changes?.get(edge.id) === 'gone',
      flow:
        look.flow && edge.traffic === 'active'
          ? Math.min(2.4, 0.25 + Math.log10(1 + edge.rate))
          : 0,
      label: edgeLabel(edge, look.mode, look.costs),
      detail: look.marks.get(edge.target) ?? '',
    });
  });
  const drawnBoxes: DrawnBox[] = [...boxes].map(([id, { x, y, radius }]) => ({
    id,
    x,
    y,
    radius,
    label: boxLabel(id),
    tone: 'line',
  }));
  const isFar = edges.length >= bundleFrom && drawnBoxes.length > 1;
  const far = isFar ? bundlesOf(ranked, boxNumbers(graph, look.box, drawnBoxes), drawnBoxes) : null;
  return { nodes, edges, boxes: drawnBoxes, far, lit: 0 };
}

const boxNumbers = (graph: Graph, box: Boxing, boxes: readonly DrawnBox[]) => {
  const numbers = new Map(boxes.map(({ id }, at) => [id, at]));
  return new Map(
    graph.nodes.flatMap((node) => {
      const at = numbers.get(boxOf(node, box));
      return at === undefined ? [] : [[node.id, at] as const];
    }),
  );
};

const widthOf = ({ rate, traffic }: GraphEdge): number =>
  traffic === 'active' ? 1.1 + Math.min(3.4, Math.log10(1 + rate) * 0.95) : 1;

/** As wide as its part of the whole. */
const costWidth = (costs: Costs | null, id: string): number =>
  1 + 4 * Math.sqrt((costs?.byId.get(id) ?? 0) / (costs?.total || 1));

function drawNode(node: GraphNode, { x, y }: Place, look: Look): DrawnNode {
  const rate = node.inRate + node.outRate;
  const change = look.changes?.get(node.id);
  const fill = change === undefined ? nodeTone(node, look) : changeTones[change];
  return {
    id: node.id,
    x,
    y,
    radius: 0.14 + Math.min(0.14, Math.log10(1 + rate) * 0.04),
    shape: shapes[node.kind],
    fill,
    ring: 'surface',
    hollow:
      node.traffic === 'missing' || node.traffic === 'unmeasured' || node.traffic === 'unsure',
    strength: 1,
    label: nodeName(node),
    detail: detailOf(node, look),
    weight: (isTrouble(fill) ? 1e6 : 0) + rate,
  };
}

function detailOf(node: GraphNode, look: Look): string {
  if (look.mode === 'versions') return node.version;
  if (look.mode === 'enrolment') return look.enrolment.get(node.id) ?? '';
  if (look.mode === 'cost') return costLabel(look.costs, node.id);
  if (node.traffic === 'idle') return 'idle';
  if (node.traffic !== 'active') return node.traffic === 'missing' ? 'no telemetry' : '';
  const errors = node.inErrorShare ?? 0;
  if (node.inRate === 0) return `${rateText(node.outRate)} out`;
  return errors > 0
    ? `${rateText(node.inRate)} · ${shareText(errors)} errors`
    : rateText(node.inRate);
}
