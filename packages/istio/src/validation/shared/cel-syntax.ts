import { readTokens } from './cel-tokens.ts';
import type { Token } from './cel-tokens.ts';

/** What an expression is, as far as the macros ask. */
type Shape = 'name' | 'select' | 'other';
type Parser = { tokens: Token[]; at: number; depth: number };

class Refused extends Error {}

function refuse(problem: string): never {
  throw new Refused(problem);
}

const maxDepth = 250;
const maxLength = 100_000;
const literals = new Set(['true', 'false', 'null']);
const reserved = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);
const relations = new Set(['<', '<=', '>=', '>', '==', '!=', 'in']);
const arithmetic = new Set(['*', '/', '%', '+', '-']);
/** Macros whose first argument is the name of a variable, with the numbers of arguments they take. */
const loops = new Map([
  ['all', [2]],
  ['exists', [2]],
  ['exists_one', [2]],
  ['existsOne', [2]],
  ['filter', [2]],
  ['map', [2, 3]],
]);

const peek = (parser: Parser): Token => parser.tokens[parser.at] as Token;
const isNext = (parser: Parser, text: string): boolean => {
  const { kind, text: found } = peek(parser);
  return found === text && kind !== 'text' && kind !== 'end';
};

function take(parser: Parser, text: string): boolean {
  if (!isNext(parser, text)) return false;
  parser.at += 1;
  return true;
}

function unexpected(parser: Parser): never {
  const { kind, text } = peek(parser);
  return refuse(
    kind === 'end' ? 'the expression breaks off' : `${JSON.stringify(text)} does not belong here`,
  );
}

function need(parser: Parser, text: string): void {
  if (!take(parser, text)) unexpected(parser);
}

function identifier(parser: Parser): string {
  const { kind, text } = peek(parser);
  if (kind !== 'word' || text === 'in' || literals.has(text)) unexpected(parser);
  parser.at += 1;
  return text;
}

function fieldName(parser: Parser): { name: string; isEscaped: boolean } {
  const { kind, text } = peek(parser);
  if (kind !== 'escaped') return { name: identifier(parser), isEscaped: false };
  parser.at += 1;
  return { name: text, isEscaped: true };
}

function list(parser: Parser, close: string, mayTrail: boolean, item: () => Shape): Shape[] {
  const found: Shape[] = [];
  if (take(parser, close)) return found;
  if (mayTrail && take(parser, ',')) {
    need(parser, close);
    return found;
  }
  for (;;) {
    found.push(item());
    if (take(parser, close)) return found;
    need(parser, ',');
    if (mayTrail && take(parser, close)) return found;
  }
}

function entry(parser: Parser, key: () => unknown): Shape {
  key();
  need(parser, ':');
  return expression(parser);
}

function callArguments(parser: Parser): Shape[] {
  return list(parser, ')', false, () => expression(parser));
}

function primary(parser: Parser): Shape {
  if (take(parser, '(')) {
    const inner = expression(parser);
    need(parser, ')');
    return inner;
  }
  if (take(parser, '[')) {
    list(parser, ']', true, () => expression(parser));
    return 'other';
  }
  if (take(parser, '{')) {
    list(parser, '}', true, () => entry(parser, () => expression(parser)));
    return 'other';
  }
  const { kind, text } = peek(parser);
  if (kind === 'text' || kind === 'number' || (kind === 'word' && literals.has(text))) {
    parser.at += 1;
    return 'other';
  }
  take(parser, '.');
  const name = identifier(parser);
  if (!take(parser, '(')) {
    if (reserved.has(name) && !isMessage(parser)) refuse(`${name} is a reserved word`);
    return 'name';
  }
  if (reserved.has(name)) refuse(`${name} is a reserved word`);
  const found = callArguments(parser);
  if (name === 'has' && found.length === 1 && found[0] !== 'select') {
    refuse('has() needs a field, like has(a.b)');
  }
  return 'other';
}

/** Whether a chain of names ends in "{": then it is the name of a message type. */
function isMessage(parser: Parser): boolean {
  let at = parser.at;
  while (parser.tokens[at]?.text === '.' && parser.tokens[at + 1]?.kind === 'word') at += 2;
  return parser.tokens[at]?.text === '{';
}

function member(parser: Parser): Shape {
  let shape = primary(parser);
  let isChain = shape === 'name';
  for (;;) {
    if (take(parser, '.')) {
      const { name, isEscaped } = fieldName(parser);
      shape = 'select';
      if (isEscaped) isChain = false;
      if (isEscaped || !take(parser, '(')) continue;
      const found = callArguments(parser);
      if (loops.get(name)?.includes(found.length) && found[0] !== 'name') {
        refuse(`the first argument of ${name}() must be the name of a variable`);
      }
      [shape, isChain] = ['other', false];
    } else if (take(parser, '[')) {
      expression(parser);
      need(parser, ']');
      [shape, isChain] = ['other', false];
    } else if (isChain && take(parser, '{')) {
      list(parser, '}', true, () => entry(parser, () => fieldName(parser)));
      [shape, isChain] = ['other', false];
    } else return shape;
  }
}

function unary(parser: Parser): Shape {
  const isNegated = isNext(parser, '!');
  const isMinus = isNext(parser, '-');
  while (take(parser, isMinus ? '-' : '!')) continue;
  if (isNegated && isNext(parser, '-')) {
    parser.at += 1;
    if (peek(parser).kind !== 'number') unexpected(parser);
  }
  const shape = member(parser);
  return isNegated || isMinus ? 'other' : shape;
}

/** A chain of binary operators; their precedence does not matter for what is valid. */
function binary(parser: Parser): Shape {
  let shape = unary(parser);
  const isOperator = ({ kind, text }: Token): boolean =>
    kind !== 'text' &&
    (relations.has(text) || arithmetic.has(text) || text === '&&' || text === '||');
  while (isOperator(peek(parser))) {
    parser.at += 1;
    unary(parser);
    shape = 'other';
  }
  return shape;
}

function expression(parser: Parser): Shape {
  parser.depth += 1;
  if (parser.depth > maxDepth) refuse('the expression is nested too deep');
  const shape = binary(parser);
  const isConditional = take(parser, '?');
  if (isConditional) {
    binary(parser);
    need(parser, ':');
    expression(parser);
  }
  parser.depth -= 1;
  return isConditional ? 'other' : shape;
}

/** Why `text` is no CEL expression, or undefined when it parses; types and names are not looked at. */
export function celProblem(text: string): string | undefined {
  if (text.length > maxLength) return `it is longer than ${maxLength} characters`;
  const tokens = readTokens(text);
  if (typeof tokens === 'string') return tokens;
  try {
    const parser: Parser = { tokens, at: 0, depth: 0 };
    expression(parser);
    if (peek(parser).kind !== 'end') unexpected(parser);
    return undefined;
  } catch (error) {
    if (error instanceof Refused) return error.message;
    throw error;
  }
}
