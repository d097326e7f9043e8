import type { Graph, GraphEdge, GraphNode } from '../model.ts';
import type { Ends } from './fields.ts';
import type { Operator, Question } from './parse.ts';

/** What answers a question, by id. */
export interface Found {
  nodes: Set<string>;
  edges: Set<string>;
}

type Thing = { node: GraphNode } | { edge: GraphEdge; ends: Ends };

/** Everything in a graph that a question is true of. What a node or an edge does not have is never true of it, nor is its opposite. */
export function ask(graph: Graph, question: Question): Found {
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const holds = compile(question);
  const nodes = graph.nodes.filter((node) => holds({ node }) === true);
  const edges = graph.edges.filter(
    (edge) =>
      holds({ edge, ends: { source: byId.get(edge.source), target: byId.get(edge.target) } }) ===
      true,
  );
  return { nodes: new Set(nodes.map(({ id }) => id)), edges: new Set(edges.map(({ id }) => id)) };
}

/** True, false, or undefined where the question has no meaning for the thing. */
type Holds = (thing: Thing) => boolean | undefined;

function compile(question: Question): Holds {
  switch (question.is) {
    case 'all':
      return () => true;
    case 'not': {
      const inner = compile(question.of);
      return (thing) => {
        const answer = inner(thing);
        return answer === undefined ? undefined : !answer;
      };
    }
    case 'and': {
      const all = question.of.map(compile);
      return (thing) => {
        const answers = all.map((holds) => holds(thing));
        if (answers.includes(false)) return false;
        return answers.includes(undefined) ? undefined : true;
      };
    }
    case 'or': {
      const all = question.of.map(compile);
      return (thing) => {
        const answers = all.map((holds) => holds(thing));
        if (answers.includes(true)) return true;
        return answers.includes(undefined) && !answers.includes(false) ? undefined : false;
      };
    }
    case 'text': {
      const text = question.text.toLowerCase();
      return (thing) =>
        'node' in thing ? thing.node.name.toLowerCase().includes(text) : undefined;
    }
    case 'compare':
      return compileCompare(question);
  }
}

function compileCompare({ field, operator, value }: Question & { is: 'compare' }): Holds {
  const { ofNode, ofEdge } = field;
  const test = typeof value === 'number' ? numberTest(operator, value) : wordTest(operator, value);
  return (thing) => {
    const told = 'node' in thing ? ofNode?.(thing.node) : ofEdge?.(thing.edge, thing.ends);
    if (told === undefined || told === null) return undefined;
    if (typeof told !== 'string' && typeof told !== 'number') {
      const isOpposite = operator.startsWith('!');
      return isOpposite ? told.every(test) : told.some(test);
    }
    return test(told);
  };
}

function numberTest(operator: Operator, value: number): (told: string | number) => boolean {
  switch (operator) {
    case '>':
      return (told) => Number(told) > value;
    case '>=':
      return (told) => Number(told) >= value;
    case '<':
      return (told) => Number(told) < value;
    case '<=':
      return (told) => Number(told) <= value;
    case '!=':
    case '!~':
      return (told) => Number(told) !== value;
    case '=':
    case '~':
      return (told) => Number(told) === value;
  }
}

function wordTest(operator: Operator, value: string): (told: string | number) => boolean {
  const wanted = value.toLowerCase();
  const matches = operator.endsWith('~')
    ? (told: string): boolean => globMatches(wanted, told)
    : (told: string): boolean => told === wanted;
  const isOpposite = operator.startsWith('!');
  return (told) => matches(String(told).toLowerCase()) !== isOpposite;
}

/** Whether a text is what a pattern says, with * for any characters. Without one: whether it contains it. Linear in both. */
export function globMatches(pattern: string, text: string): boolean {
  const parts = pattern.split('*');
  if (parts.length === 1) return text.includes(pattern);
  const first = parts[0]!;
  const last = parts.at(-1)!;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) {
    return false;
  }
  let at = first.length;
  const end = text.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found === -1 || found + part.length > end) return false;
    at = found + part.length;
  }
  return at <= end;
}
