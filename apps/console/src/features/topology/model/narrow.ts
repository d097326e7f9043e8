import { ask } from '@ambit/topology/filter/ask';
import { parseQuestion, QuestionError } from '@ambit/topology/filter/parse';
import type { Graph } from '@ambit/topology/model';

export interface Narrowed {
  graph: Graph;
  /** What is wrong with the question, for people; null when it was understood. */
  problem: { message: string; from: number; to: number } | null;
}

/**
 * The part of a graph that a question is about: nodes it is true of with the edges among them, and edges it is true of
 * with their ends. A question that is not understood leaves the graph whole and says why.
 */
export function narrow(graph: Graph, where: string): Narrowed {
  if (where.trim() === '') return { graph, problem: null };
  try {
    const found = ask(graph, parseQuestion(where));
    const edges = graph.edges.filter(
      (edge) =>
        found.edges.has(edge.id) || (found.nodes.has(edge.source) && found.nodes.has(edge.target)),
    );
    const kept = new Set(found.nodes);
    for (const { source, target } of edges) kept.add(source).add(target);
    return { graph: { nodes: graph.nodes.filter(({ id }) => kept.has(id)), edges }, problem: null };
  } catch (error) {
    if (!(error instanceof QuestionError)) throw error;
    return { graph, problem: { message: error.message, from: error.from, to: error.to } };
  }
}
