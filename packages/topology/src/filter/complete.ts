import type { Graph } from '../model.ts';
import { fields, fieldsByName, type Field } from './fields.ts';
import { operators, tokensOf, type Token } from './parse.ts';

export interface Completion {
  text: string;
  says: string;
}

export interface Completions {
  /** What of the text the chosen one replaces. */
  from: number;
  to: number;
  options: Completion[];
}

const mostOptions = 20;

/** What may come where the cursor stands, with values that the graph has. */
export function complete(text: string, cursor: number, graph: Graph): Completions {
  const before = text.slice(0, cursor);
  let tokens: Token[];
  try {
    tokens = tokensOf(before);
  } catch {
    return { from: cursor, to: cursor, options: [] };
  }
  const last = tokens.at(-1);
  const isTyping = last !== undefined && last.to === before.length && last.kind === 'word';
  const typed = isTyping ? last.text.toLowerCase() : '';
  const from = isTyping ? last.from : cursor;
  const [two, one] = tokens.slice(0, isTyping ? -1 : undefined).slice(-2);
  const previous = one ?? two;
  const field = one && two?.kind === 'word' ? fieldsByName.get(two.text.toLowerCase()) : undefined;
  const options =
    previous?.kind === 'operator'
      ? valuesOf(field, graph)
      : isTyping || previous === undefined || !isField(previous)
        ? begins
        : operatorsOf(fieldsByName.get(previous.text.toLowerCase())!);
  const fitting = options.filter((option) => option.text.toLowerCase().startsWith(typed));
  return { from, to: cursor, options: fitting.slice(0, mostOptions) };
}

const isField = ({ kind, text }: Token): boolean =>
  kind === 'word' && fieldsByName.has(text.toLowerCase());

const begins: Completion[] = [
  ...fields.map(({ name, says }) => ({ text: name, says })),
  { text: 'and', says: 'both are true' },
  { text: 'or', says: 'one is true' },
  { text: 'not', says: 'the opposite is true' },
];

const meaning: Record<(typeof operators)[number], string> = {
  '=': 'is',
  '!=': 'is not',
  '~': 'is like, * for any characters',
  '!~': 'is not like',
  '>': 'more than',
  '>=': 'at least',
  '<': 'less than',
  '<=': 'at most',
};

const operatorsOf = ({ kind }: Field): Completion[] =>
  operators
    .filter((sign) => (kind === 'word' ? !/[<>]/.test(sign) : !sign.includes('~')))
    .map((text) => ({ text, says: meaning[text] }));

const examples: Record<Exclude<Field['kind'], 'word'>, string[]> = {
  rate: ['1', '10', '1k'],
  share: ['1%', '5%', '50%'],
  ms: ['100ms', '500ms', '1s'],
};

function valuesOf(field: Field | undefined, graph: Graph): Completion[] {
  if (field === undefined) return [];
  if (field.kind !== 'word') return examples[field.kind].map((text) => ({ text, says: '' }));
  if (field.values) return field.values.map((text) => ({ text, says: '' }));
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const counts = new Map<string, number>();
  const count = (told: string | number | null | undefined | readonly string[]): void => {
    for (const text of told === null || told === undefined ? [] : [told].flat()) {
      if (text !== '') counts.set(String(text), (counts.get(String(text)) ?? 0) + 1);
    }
  };
  for (const node of graph.nodes) count(field.ofNode?.(node));
  for (const edge of graph.edges) {
    count(field.ofEdge?.(edge, { source: byId.get(edge.source), target: byId.get(edge.target) }));
  }
  return [...counts]
    .sort(([a, few], [b, many]) => many - few || (a < b ? -1 : 1))
    .map(([text, times]) => ({ text: quoted(text), says: `${times}` }));
}

const quoted = (text: string): string =>
  /^[^\s()=~<>!"]+$/.test(text) && !/^(and|or|not)$/i.test(text)
    ? text
    : `"${text.replace(/["\\]/g, '\\$&')}"`;
