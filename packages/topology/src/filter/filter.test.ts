import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Graph, GraphEdge, GraphNode } from '../model.ts';
import { ask, globMatches } from './ask.ts';
import { complete } from './complete.ts';
import { parseQuestion, QuestionError } from './parse.ts';

const node = (name: string, more: Partial<GraphNode> = {}): GraphNode => ({
  id: name,
  kind: 'workload',
  cluster: 'c1',
  namespace: 'shop',
  name,
  app: name,
  version: 'v1',
  health: 'healthy',
  traffic: 'active',
  inRate: 10,
  outRate: 0,
  inErrorShare: null,
  outErrorShare: null,
  ...more,
});
const edge = (source: string, target: string, more: Partial<GraphEdge> = {}): GraphEdge => ({
  id: `${source}>${target}`,
  source,
  target,
  protocol: 'http',
  layer: 'L7',
  health: 'healthy',
  traffic: 'active',
  rate: 10,
  errorShare: 0,
  p50Ms: null,
  p95Ms: null,
  p99Ms: null,
  mutualTlsShare: 1,
  requestBytes: 0,
  responseBytes: 0,
  waypoint: false,
  codes: [['200 -', 10]],
  ...more,
});
const graph: Graph = {
  nodes: [
    node('front'),
    node('cart', { namespace: 'Shop 2', inErrorShare: 0.2, health: 'failure' }),
    node('db', { kind: 'external', inRate: 2000 }),
  ],
  edges: [
    edge('front', 'cart', {
      errorShare: 0.06,
      p95Ms: 250,
      codes: [
        ['503 UF', 1],
        ['200 -', 9],
      ],
    }),
    edge('cart', 'db', { protocol: 'tcp', layer: 'L4', mutualTlsShare: null, errorShare: null }),
  ],
};

const found = (text: string): string[] => {
  const { nodes, edges } = ask(graph, parseQuestion(text));
  return [...nodes, ...edges];
};

describe('a question', () => {
  test.each([
    ['', ['front', 'cart', 'db', 'front>cart', 'cart>db']],
    ['cart', ['cart']],
    ['FRO', ['front']],
    ['namespace = shop', ['front', 'db']],
    ['namespace = "shop 2"', ['cart']],
    ['not namespace = shop', ['cart']],
    ['namespace != shop', ['cart']],
    ['name ~ *r*t', ['front', 'cart']],
    ['kind = external or health = failure', ['cart', 'db']],
    ['in >= 2k', ['db']],
    ['errors > 5%', ['cart', 'front>cart']],
    ['errors > 5', ['cart', 'front>cart']],
    ['not errors > 5%', []],
    ['errors >= 0 and p95 > 0.2s', ['front>cart']],
    ['p95 > 300ms', []],
    ['code = 503', ['front>cart']],
    ['code != 503', ['cart>db']],
    ['code = UF protocol = http', ['front>cart']],
    ['mtls < 100%', []],
    ['source = cart', ['cart>db']],
    ['target.namespace = "shop 2"', ['front>cart']],
    ['(layer = L4 or code = UF) and not (protocol = tcp)', ['front>cart']],
    ['front or cart and namespace = shop', ['front']],
    ['waypoint = no', ['front>cart', 'cart>db']],
  ])('%s', (text, expected) => {
    expect(found(text)).toEqual(expected);
  });

  test.each([
    ['namespace =', 'needs a value', 10],
    ['nonsense = 1', 'There is no "nonsense"', 0],
    ['(front', 'not closed', 0],
    ['front)', 'closes nothing', 5],
    ['front or', 'missing', 8],
    ['or front', 'nothing before', 0],
    ['name > a', 'is a word', 5],
    ['rate ~ 5', 'is a number', 5],
    ['p95 > 5%', 'is a number, with ms or s', 6],
    ['"front', 'quote is not closed', 0],
    ['front !', 'no meaning', 6],
    [`${'('.repeat(100)}a`, 'too deeply', 41],
    ['x'.repeat(2000), '1000 characters', 1000],
  ])('%s is a mistake that is pointed at', (text, message, from) => {
    expect(() => parseQuestion(text)).toThrow(message);
    try {
      parseQuestion(text);
    } catch (error) {
      expect((error as QuestionError).from).toBe(from);
    }
  });

  test('of any kind is answered or refused', () => {
    const part = fc.constantFrom(
      '(',
      ')',
      'and',
      'or',
      'not',
      '=',
      '~',
      '<',
      'name',
      'rate',
      'p95',
      '5%',
      '*',
      '"a"',
      '!',
      'é',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        try {
          found(parts.join(' '));
        } catch (error) {
          expect(error).toBeInstanceOf(QuestionError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

test('patterns are those of a regular expression with .* for each star', () => {
  const piece = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
  fc.assert(
    fc.property(
      piece,
      fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 }),
      (pattern, text) => {
        const expected = pattern.includes('*')
          ? new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(text)
          : text.includes(pattern);
        expect(globMatches(pattern, text)).toBe(expected);
      },
    ),
    { numRuns: 500 },
  );
});

describe('completion', () => {
  const texts = (text: string): string[] =>
    complete(text, text.length, graph).options.map((option) => option.text);

  test('offers fields, then signs that fit, then values the graph has', () => {
    expect(texts('na')).toEqual(['name', 'namespace']);
    expect(texts('namespace ')).toEqual(['=', '!=', '~', '!~']);
    expect(texts('rate ')).toEqual(['=', '!=', '>', '>=', '<', '<=']);
    expect(texts('namespace = ')).toEqual(['shop', '"Shop 2"']);
    expect(texts('code = ')).toEqual(['-', '200', '503', 'UF']);
    expect(texts('kind = e')).toEqual(['external']);
    expect(texts('front p9')).toEqual(['p95', 'p99']);
    expect(texts('"open')).toEqual([]);
  });

  test('says what of the text is replaced', () => {
    expect(complete('a and na', 8, graph)).toMatchObject({ from: 6, to: 8 });
  });
});
