import { randomInt } from 'node:crypto';
import type { Inventory } from '@ambit/topology/inventory';
import type { Graph, GraphDiff, GraphEdge, GraphNode } from '@ambit/topology/model';
import type { TelemetryStore } from '@ambit/topology/store/telemetry-store';
import type { ViewOptions } from '@ambit/topology/view/options';
import { createView } from '@ambit/topology/view/view';
import { encodeGraph, type GraphMessage } from '@ambit/topology/wire/message';

/** A graph as somebody looks at it, and how it came to be what it is. */
export interface Shown {
  readonly revision: () => number;
  /** Takes over what a round changed. @returns whether something is shown differently now */
  update(changedLinks: readonly number[]): boolean;
  setInventory(inventory: Inventory): boolean;
  /** The difference to `base` while that is still known and worth it, else the whole. */
  message(stamp: { at: number; windowS: number }, base: number | undefined): GraphMessage;
  graph(): Graph;
  lastLookAt: number;
}

/** Changes that are kept for differences. */
const mostSteps = 128;

export function createShown(
  store: TelemetryStore,
  options: ViewOptions,
  inventory: Inventory,
): Shown {
  const view = createView(store, options, inventory);
  let revision = nextRevision(0);
  let steps: { base: number; revision: number; diff: GraphDiff }[] = [];
  let whole: GraphMessage | null = null;

  const take = (diff: GraphDiff): boolean => {
    const { nodes, edges, removedNodes, removedEdges } = diff;
    if (nodes.length + edges.length + removedNodes.length + removedEdges.length === 0) return false;
    const base = revision;
    revision = nextRevision(base);
    steps.push({ base, revision, diff });
    if (steps.length > mostSteps) steps.shift();
    whole = null;
    return true;
  };

  const wholeMessage = (stamp: { at: number; windowS: number }): GraphMessage => {
    whole ??= encodeGraph({ revision, base: null, ...stamp }, view.graph());
    return { ...whole, ...stamp };
  };

  return {
    lastLookAt: 0,
    revision: () => revision,
    graph: () => view.graph(),
    update: (changed) => take(view.update(changed)),
    setInventory: (next) => take(view.setInventory(next)),
    message: (stamp, base) => {
      if (base === undefined) return wholeMessage(stamp);
      const from = base === revision ? steps.length : steps.findIndex((step) => step.base === base);
      if (from === -1) return wholeMessage(stamp);
      const diff = joined(steps.slice(from).map((step) => step.diff));
      return encodeGraph({ revision, base, ...stamp }, diff);
    },
  };
}

/** Several differences, one after the other, as one. */
export function joined(diffs: readonly GraphDiff[]): GraphDiff {
  const nodes = new Map<string, GraphNode | null>();
  const edges = new Map<string, GraphEdge | null>();
  for (const diff of diffs) {
    for (const id of diff.removedNodes) nodes.set(id, null);
    for (const id of diff.removedEdges) edges.set(id, null);
    for (const node of diff.nodes) nodes.set(node.id, node);
    for (const edge of diff.edges) edges.set(edge.id, edge);
  }
  const set = <T extends { id: string }>(rows: Map<string, T | null>): T[] =>
    [...rows.values()].flatMap((row) => row ?? []).sort((a, b) => (a.id < b.id ? -1 : 1));
  const gone = (rows: Map<string, unknown>): string[] =>
    [...rows].flatMap(([id, row]) => (row === null ? [id] : [])).sort();
  return {
    nodes: set(nodes),
    edges: set(edges),
    removedNodes: gone(nodes),
    removedEdges: gone(edges),
  };
}

/** Revisions of every view and process differ, so that a base is never taken for another's: time, and some chance. */
function nextRevision(last: number): number {
  return Math.max(last + 1, Date.now() * 4_096 + randomInt(4_096));
}
