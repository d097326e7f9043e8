import { fields, fieldsByName, type Field } from './fields.ts';

export const operators = ['=', '!=', '~', '!~', '>', '>=', '<', '<='] as const;
export type Operator = (typeof operators)[number];

/** A question as it is asked of nodes and edges. */
export type Question =
  | { is: 'all' }
  | { is: 'and' | 'or'; of: Question[] }
  | { is: 'not'; of: Question }
  | { is: 'text'; text: string }
  | { is: 'compare'; field: Field; operator: Operator; value: string | number };

/** A mistake in a question, and where: for people. */
export class QuestionError extends Error {
  readonly from: number;
  readonly to: number;
  constructor(message: string, from: number, to: number) {
    super(message);
    this.from = from;
    this.to = to;
  }
}

export interface Token {
  kind: 'word' | 'text' | 'operator' | 'open' | 'close';
  text: string;
  from: number;
  to: number;
}

const longestQuestion = 1_000;
const deepest = 40;
const token = /\s*(?:(\()|(\))|(!=|!~|>=|<=|[=~<>])|"((?:[^"\\]|\\.)*)"|([^\s()=~<>!"]+))/y;

/** The words and signs of a question. Throws QuestionError. */
export function tokensOf(text: string): Token[] {
  if (text.length > longestQuestion) {
    throw new QuestionError(
      `A question has at most ${longestQuestion} characters.`,
      longestQuestion,
      text.length,
    );
  }
  const tokens: Token[] = [];
  token.lastIndex = 0;
  const end = text.trimEnd().length;
  while (token.lastIndex < end) {
    const before = token.lastIndex;
    const found = token.exec(text);
    if (found === null) {
      const from = before + (/^\s*/.exec(text.slice(before))?.[0].length ?? 0);
      throw new QuestionError(
        text[from] === '"' ? 'This quote is not closed.' : `"${text[from]}" has no meaning here.`,
        from,
        end,
      );
    }
    const [all, open, close, operator, quoted, word] = found;
    const to = token.lastIndex;
    const from = to - all.trimStart().length;
    if (open) tokens.push({ kind: 'open', text: open, from, to });
    else if (close) tokens.push({ kind: 'close', text: close, from, to });
    else if (operator) tokens.push({ kind: 'operator', text: operator, from, to });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word, from, to });
    else tokens.push({ kind: 'text', text: quoted!.replace(/\\(.)/g, '$1'), from, to });
  }
  return tokens;
}

/**
 * Reads a question: `namespace = shop and (errors > 5% or p95 > 200ms) not name ~ test*`. What stands beside
 * each other is `and`; a word alone is looked for in names; `~` takes * for any characters. Nothing asks for
 * everything. Throws QuestionError.
 */
export function parseQuestion(text: string): Question {
  const tokens = tokensOf(text);
  let at = 0;
  const isWord = (word: string): boolean =>
    tokens[at]?.kind === 'word' && tokens[at]!.text.toLowerCase() === word;

  const any = (depth: number): Question => {
    const of = [every(depth)];
    while (isWord('or')) {
      at++;
      of.push(every(depth));
    }
    return of.length === 1 ? of[0]! : { is: 'or', of };
  };
  const every = (depth: number): Question => {
    const of = [one(depth)];
    while (at < tokens.length && !isWord('or') && tokens[at]!.kind !== 'close') {
      if (isWord('and')) at++;
      of.push(one(depth));
    }
    return of.length === 1 ? of[0]! : { is: 'and', of };
  };
  const one = (depth: number): Question => {
    const first = tokens[at];
    if (first === undefined)
      throw new QuestionError('Something is missing here.', text.length, text.length);
    if (depth > deepest)
      throw new QuestionError('This is nested too deeply.', first.from, first.to);
    if (isWord('not')) {
      at++;
      return { is: 'not', of: one(depth + 1) };
    }
    at++;
    if (first.kind === 'open') {
      const inner = any(depth + 1);
      if (tokens[at]?.kind !== 'close') {
        throw new QuestionError('This bracket is not closed.', first.from, first.to);
      }
      at++;
      return inner;
    }
    if (first.kind === 'text') return { is: 'text', text: first.text };
    if (first.kind !== 'word' || isWordOf(first, ['and', 'or'])) {
      throw new QuestionError(`"${first.text}" has nothing before it.`, first.from, first.to);
    }
    return tokens[at]?.kind === 'operator' ? compare(first) : { is: 'text', text: first.text };
  };
  const compare = (name: Token): Question => {
    const sign = tokens[at++]!;
    const value = tokens[at++];
    const field = fieldsByName.get(name.text.toLowerCase());
    if (field === undefined) {
      throw new QuestionError(
        `There is no "${name.text}"; there are ${fields.map((each) => each.name).join(', ')}.`,
        name.from,
        name.to,
      );
    }
    if (value === undefined || (value.kind !== 'word' && value.kind !== 'text')) {
      throw new QuestionError(`"${name.text} ${sign.text}" needs a value.`, sign.from, sign.to);
    }
    const operator = sign.text as Operator;
    const isOrder = operator.includes('<') || operator.includes('>');
    if (field.kind === 'word' && isOrder) {
      throw new QuestionError(`${field.name} is a word: use = or ~.`, sign.from, sign.to);
    }
    if (field.kind === 'word') return { is: 'compare', field, operator, value: value.text };
    if (operator.includes('~')) {
      throw new QuestionError(`${field.name} is a number: use =, < or >.`, sign.from, sign.to);
    }
    return { is: 'compare', field, operator, value: numberOf(field, value) };
  };

  if (tokens.length === 0) return { is: 'all' };
  const question = any(0);
  const left = tokens[at];
  if (left !== undefined) {
    throw new QuestionError(`"${left.text}" closes nothing.`, left.from, left.to);
  }
  return question;
}

const isWordOf = ({ text }: Token, words: string[]): boolean => words.includes(text.toLowerCase());

const number = /^(\d+(?:\.\d+)?)(%|ms|s|k|M)?$/;
const factors: Record<string, number> = { '%': 0.01, ms: 1, s: 1000, k: 1e3, M: 1e6 };
const unitsOf = { rate: ['k', 'M'], share: ['%'], ms: ['ms', 's'], word: [] };

function numberOf(field: Field, { text, from, to }: Token): number {
  const [, digits, unit] = number.exec(text) ?? [];
  const units: readonly string[] = unitsOf[field.kind];
  if (digits === undefined || (unit !== undefined && !units.includes(unit))) {
    throw new QuestionError(
      `${field.name} is a number${units.length > 0 ? `, with ${units.join(' or ')} where it is meant` : ''}.`,
      from,
      to,
    );
  }
  const factor = unit === undefined ? (field.kind === 'share' ? 0.01 : 1) : factors[unit]!;
  return Number(digits) * factor;
}
