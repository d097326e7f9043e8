import {
  healths,
  nodeKinds,
  protocols,
  trafficStates,
  type Graph,
  type GraphDiff,
  type GraphEdge,
  type GraphNode,
} from '../model.ts';
import { createStringTable } from './columns.ts';

export const wireFormat = 'ambit.topology/1';

type Numbers = (number | null)[];

/**
 * A graph, or what changed in one, as it travels: JSON by columns. Texts are numbers of `strings`; kinds,
 * healths, states and protocols are numbers of the lists in model.ts. `base` is the revision that a change
 * builds on, null for a whole graph. An edge's id is `source>target#protocol`. `codes` holds `codeCount`
 * pairs of text and rate for each edge, one edge after the other.
 */
export interface GraphMessage {
  format: typeof wireFormat;
  revision: number;
  base: number | null;
  /** When the telemetry was read, milliseconds since 1970, and over how many seconds it tells. */
  at: number;
  windowS: number;
  strings: string[];
  nodes: Record<NodeColumn, Numbers>;
  edges: Record<EdgeColumn, Numbers>;
  codes: number[];
  removedNodes: string[];
  removedEdges: string[];
}

type NodeColumn =
  | 'id'
  | 'cluster'
  | 'namespace'
  | 'name'
  | 'app'
  | 'version'
  | 'kind'
  | 'health'
  | 'traffic'
  | 'inRate'
  | 'outRate'
  | 'inErrorShare'
  | 'outErrorShare';
type EdgeColumn =
  | 'source'
  | 'target'
  | 'protocol'
  | 'health'
  | 'traffic'
  | 'waypoint'
  | 'codeCount'
  | 'rate'
  | 'errorShare'
  | 'p50Ms'
  | 'p95Ms'
  | 'p99Ms'
  | 'mutualTlsShare'
  | 'requestBytes'
  | 'responseBytes';

/** What a message is about. */
export type Stamp = Pick<GraphMessage, 'revision' | 'base' | 'at' | 'windowS'>;

/** A whole graph (`base` null) or a change as its message. Rows keep their order. */
export function encodeGraph(stamp: Stamp, graph: Graph | GraphDiff): GraphMessage {
  const { nodes, edges } = graph;
  const table = createStringTable();
  const { of } = table;
  // Column by column with its own function: names that change cost three times as much.
  const nodeColumns: Record<NodeColumn, Numbers> = {
    id: nodes.map(({ id }) => of(id)),
    cluster: nodes.map(({ cluster }) => of(cluster)),
    namespace: nodes.map(({ namespace }) => of(namespace)),
    name: nodes.map(({ name }) => of(name)),
    app: nodes.map(({ app }) => of(app)),
    version: nodes.map(({ version }) => of(version)),
    kind: nodes.map(({ kind }) => nodeKinds.indexOf(kind)),
    health: nodes.map(({ health }) => healths.indexOf(health)),
    traffic: nodes.map(({ traffic }) => trafficStates.indexOf(traffic)),
    inRate: nodes.map(({ inRate }) => inRate),
    outRate: nodes.map(({ outRate }) => outRate),
    inErrorShare: nodes.map(({ inErrorShare }) => inErrorShare),
    outErrorShare: nodes.map(({ outErrorShare }) => outErrorShare),
  };
  const edgeColumns: Record<EdgeColumn, Numbers> = {
    source: edges.map(({ source }) => of(source)),
    target: edges.map(({ target }) => of(target)),
    protocol: edges.map(({ protocol }) => protocols.indexOf(protocol)),
    health: edges.map(({ health }) => healths.indexOf(health)),
    traffic: edges.map(({ traffic }) => trafficStates.indexOf(traffic)),
    waypoint: edges.map(({ waypoint }) => (waypoint ? 1 : 0)),
    codeCount: edges.map(({ codes }) => codes.length),
    rate: edges.map(({ rate }) => rate),
    errorShare: edges.map(({ errorShare }) => errorShare),
    p50Ms: edges.map(({ p50Ms }) => p50Ms),
    p95Ms: edges.map(({ p95Ms }) => p95Ms),
    p99Ms: edges.map(({ p99Ms }) => p99Ms),
    mutualTlsShare: edges.map(({ mutualTlsShare }) => mutualTlsShare),
    requestBytes: edges.map(({ requestBytes }) => requestBytes),
    responseBytes: edges.map(({ responseBytes }) => responseBytes),
  };
  const codes: number[] = [];
  for (const edge of edges) for (const [text, rate] of edge.codes) codes.push(of(text), rate);
  return {
    format: wireFormat,
    ...stamp,
    strings: table.texts,
    nodes: nodeColumns,
    edges: edgeColumns,
    codes,
    removedNodes: 'removedNodes' in graph ? graph.removedNodes : [],
    removedEdges: 'removedEdges' in graph ? graph.removedEdges : [],
  };
}

/** The rows of a message. Throws on another format. */
export function decodeGraph(message: GraphMessage): GraphDiff {
  if (message.format !== wireFormat) {
    throw new Error(
      `The graph is in the format ${message.format}; this reads ${wireFormat}: reload.`,
    );
  }
  const { strings, nodes: n, edges: e, codes } = message;
  const text = (id: number | null | undefined): string => strings[id ?? -1] ?? '';
  const pick = <T extends readonly string[]>(list: T, at: number | null | undefined): T[number] =>
    list[at ?? 0] ?? list[0]!;
  const nodes = n.id.map((id, at): GraphNode => ({
    id: text(id),
    kind: pick(nodeKinds, n.kind[at]),
    cluster: text(n.cluster[at]),
    namespace: text(n.namespace[at]),
    name: text(n.name[at]),
    app: text(n.app[at]),
    version: text(n.version[at]),
    health: pick(healths, n.health[at]),
    traffic: pick(trafficStates, n.traffic[at]),
    inRate: n.inRate[at] ?? 0,
    outRate: n.outRate[at] ?? 0,
    inErrorShare: n.inErrorShare[at] ?? null,
    outErrorShare: n.outErrorShare[at] ?? null,
  }));
  let next = 0;
  const edges = e.source.map((from, at): GraphEdge => {
    const source = text(from);
    const target = text(e.target[at]);
    const protocol = pick(protocols, e.protocol[at]);
    const told: [string, number][] = [];
    for (let left = e.codeCount[at] ?? 0; left > 0; left--) {
      told.push([text(codes[next]), codes[next + 1] ?? 0]);
      next += 2;
    }
    return {
      id: `${source}>${target}#${protocol}`,
      source,
      target,
      protocol,
      layer: protocol === 'tcp' ? 'L4' : 'L7',
      health: pick(healths, e.health[at]),
      traffic: pick(trafficStates, e.traffic[at]),
      rate: e.rate[at] ?? 0,
      errorShare: e.errorShare[at] ?? null,
      p50Ms: e.p50Ms[at] ?? null,
      p95Ms: e.p95Ms[at] ?? null,
      p99Ms: e.p99Ms[at] ?? null,
      mutualTlsShare: e.mutualTlsShare[at] ?? null,
      requestBytes: e.requestBytes[at] ?? 0,
      responseBytes: e.responseBytes[at] ?? 0,
      waypoint: e.waypoint[at] === 1,
      codes: told,
    };
  });
  const { removedNodes, removedEdges } = message;
  return { nodes, edges, removedNodes, removedEdges };
}

/** A graph after a change, ordered by id; the given one is left as it was. */
export function applyDiff(graph: Graph, diff: GraphDiff): Graph {
  return {
    nodes: applyRows(graph.nodes, diff.nodes, diff.removedNodes),
    edges: applyRows(graph.edges, diff.edges, diff.removedEdges),
  };
}

function applyRows<T extends { id: string }>(rows: T[], set: T[], removed: string[]): T[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const id of removed) byId.delete(id);
  for (const row of set) byId.set(row.id, row);
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}
