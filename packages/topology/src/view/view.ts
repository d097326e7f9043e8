import { createJudge, defaultTolerances, worst, type Tolerance } from '../health/tolerance.ts';
import { emptyInventory, type Inventory } from '../inventory.ts';
import type { Graph, GraphDiff, GraphEdge, GraphNode, Protocol } from '../model.ts';
import { addSignals, emptySignals, type Signals } from '../signals.ts';
import type { Link, TelemetryStore } from '../store/telemetry-store.ts';
import { createHops } from './hops.ts';
import { createNodeRows, type NodeRows, type NodeState } from './node-rows.ts';
import { defaultView, type ViewOptions } from './options.ts';
import { createPlaces, type Identity, type Places } from './places.ts';
import { placeLink } from './placement.ts';
import { edgeRow, isActive, sameRow } from './rows.ts';
import { createServing } from './serving.ts';

/** One edge while it is computed: what its links share in it. */
export interface EdgeState {
  id: string;
  from: NodeState;
  to: NodeState;
  protocol: Protocol;
  shares: Map<number, Signals>;
  sum: Signals;
  /** Null while it is not shown. */
  row: GraphEdge | null;
}

/** A view over a store: the same telemetry, grouped and folded as somebody looks at it. */
export interface View {
  /** Takes over what a round changed. @returns what is shown differently now */
  update(changedLinks: readonly number[]): GraphDiff;
  /** Takes another inventory; everything is placed again. */
  setInventory(inventory: Inventory): GraphDiff;
  /** All of it, ordered by id. */
  graph(): Graph;
}

export function createView(
  store: TelemetryStore,
  given: Partial<ViewOptions> = {},
  inventory: Inventory = emptyInventory,
  tolerances: readonly Tolerance[] = defaultTolerances,
): View {
  const options = { ...defaultView, ...given };
  const { registry } = store;
  const judge = createJudge(registry.codes);
  const edges = new Map<string, EdgeState>();
  const nodes = new Map<string, NodeState>();
  const linkEdges: EdgeState[][] = [];
  const shownEdges = new Map<string, GraphEdge>();
  const shownNodes = new Map<string, GraphNode>();
  const serving = createServing();
  let places!: Places;
  let rows!: NodeRows;
  let hops!: ReturnType<typeof createHops>;
  let renamed = registry.renamed();

  const nodeOf = (identity: Identity): NodeState => {
    let node = nodes.get(identity.id);
    if (node === undefined) {
      node = { identity, incoming: new Set(), outgoing: new Set(), isInventory: false };
      nodes.set(identity.id, node);
    } else node.identity = identity;
    return node;
  };

  const edgeOf = (from: Identity, to: Identity, protocol: Protocol): EdgeState => {
    const id = `${from.id}>${to.id}#${protocol}`;
    let edge = edges.get(id);
    if (edge === undefined) {
      const ends = { from: nodeOf(from), to: nodeOf(to) };
      edge = { id, ...ends, protocol, shares: new Map(), sum: emptySignals(), row: null };
      edges.set(id, edge);
      edge.from.outgoing.add(edge);
      edge.to.incoming.add(edge);
    } else {
      edge.from.identity = from;
      edge.to.identity = to;
    }
    return edge;
  };

  const sumOf = ({ shares }: EdgeState): Signals => {
    if (shares.size === 1) return shares.values().next().value!;
    const sum = emptySignals();
    for (const signals of shares.values()) addSignals(sum, signals);
    return sum;
  };

  const place = (id: number, link: Link, touched: Set<EdgeState>): void => {
    for (const edge of linkEdges[id] ?? []) {
      edge.shares.delete(id);
      touched.add(edge);
    }
    linkEdges[id] = placeLink(link, places, options, hops.isCovered).map((share) => {
      const edge = edgeOf(share.from, share.to, share.protocol);
      edge.shares.set(id, share.signals);
      touched.add(edge);
      return edge;
    });
  };

  const refresh = (touched: Set<EdgeState>, also: Iterable<NodeState>): GraphDiff => {
    const diff: GraphDiff = { nodes: [], edges: [], removedNodes: [], removedEdges: [] };
    const touchedNodes = new Set(also);
    for (const edge of touched) {
      touchedNodes.add(edge.from).add(edge.to);
      const { id } = edge;
      edge.sum = sumOf(edge);
      const isShown = edge.shares.size > 0 && (options.idle || isActive(edge.sum));
      const { codes } = edge.sum;
      const health = worst(
        judge(edge.protocol, 'outbound', codes, rows.tolerancesOf(edge.from)),
        judge(edge.protocol, 'inbound', codes, rows.tolerancesOf(edge.to)),
      );
      const ends = { source: edge.from.identity.id, target: edge.to.identity.id };
      edge.row = isShown
        ? edgeRow({ id, ...ends, protocol: edge.protocol }, edge.sum, registry.codes, health)
        : null;
      show(shownEdges, id, edge.row, diff.edges, diff.removedEdges);
      if (edge.shares.size === 0) {
        edges.delete(id);
        edge.from.outgoing.delete(edge);
        edge.to.incoming.delete(edge);
      }
    }
    for (const node of touchedNodes) {
      const { id } = node.identity;
      show(shownNodes, id, rows.row(node), diff.nodes, diff.removedNodes);
      if (!node.isInventory && node.incoming.size + node.outgoing.size === 0) nodes.delete(id);
    }
    sortById(diff.nodes);
    sortById(diff.edges);
    diff.removedNodes.sort();
    diff.removedEdges.sort();
    return diff;
  };

  const takeInventory = (next: Inventory): Iterable<NodeState> => {
    places = createPlaces(registry, next, options, serving.serviceOf);
    rows = createNodeRows(next, tolerances, judge, places);
    hops = createHops(places);
    for (const node of nodes.values()) node.isInventory = false;
    for (const identity of rows.inventoryNodes) nodeOf(identity).isInventory = true;
    return [...nodes.values()];
  };

  /** Places everything again: the inventory is another one, or workloads are called otherwise. */
  const rebuild = (next: Inventory): GraphDiff => {
    renamed = registry.renamed();
    const also = takeInventory(next);
    const touched = new Set<EdgeState>();
    hops.note(store.links.keys(), store.links);
    store.links.forEach((link, id) => place(id, link, touched));
    return refresh(touched, also);
  };

  serving.note(store.links.keys(), store.links, registry);
  rebuild(inventory);

  return {
    update: (changed) => {
      const moved = serving.note(changed, store.links, registry);
      if (registry.renamed() !== renamed) return rebuild(inventory);
      const dirty = new Set(changed);
      if (options.by === 'service' && moved.size > 0) {
        store.links.forEach(({ source, destination }, id) => {
          if (moved.has(source) || moved.has(destination)) dirty.add(id);
        });
      }
      for (const id of hops.note(changed, store.links)) dirty.add(id);
      const touched = new Set<EdgeState>();
      for (const id of dirty) place(id, store.links[id]!, touched);
      return refresh(touched, []);
    },
    setInventory: (next) => {
      inventory = next;
      return rebuild(next);
    },
    graph: () => ({
      nodes: sortById([...shownNodes.values()]),
      edges: sortById([...shownEdges.values()]),
    }),
  };
}

function show<T extends { id: string }>(
  shown: Map<string, T>,
  id: string,
  row: T | null,
  set: T[],
  removed: string[],
): void {
  const before = shown.get(id);
  if (row === null) {
    if (before === undefined) return;
    shown.delete(id);
    removed.push(id);
  } else if (before === undefined || !sameRow(before, row)) {
    shown.set(id, row);
    set.push(row);
  }
}

const sortById = <T extends { id: string }>(rows: T[]): T[] =>
  rows.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
