// The tokens of the Common Expression Language (github.com/google/cel-spec, langdef.md).

export type Token = { kind: 'word' | 'escaped' | 'number' | 'text' | 'sign' | 'end'; text: string };

const space = /(?:[\t \r\n\f]|\/\/[^\n]*)+/y;
const word = /[A-Za-z_][A-Za-z0-9_]*/y;
/** A field whose name is no word, as in a.`b-c`. */
const escaped = /`[A-Za-z0-9_./ -]+`/y;
const number = /0x[0-9a-fA-F]+[uU]?|(?:\d+\.\d+|\.\d+)(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+|\d+[uU]?/y;
const text =
  /[bB]?[rR](?:"""[^]*?"""|'''[^]*?'''|"[^"\n\r]*"|'[^'\n\r]*')|[bB]?(?:"""(?:\\[^]|[^\\])*?"""|'''(?:\\[^]|[^\\])*?'''|"(?:\\[^]|[^\\"\n\r])*"|'(?:\\[^]|[^\\'\n\r])*')/y;
const sign = /[<>=!]=|&&|\|\||[-+*/%<>!?:.,()[\]{}]/y;
const escapes =
  /\\(?:[abfnrtv"'`?\\]|[0-3][0-7]{2}|[xX][0-9a-fA-F]{2}|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([^]))/g;

function textProblem(token: string): string | undefined {
  const prefix = /^[bBrR]*/.exec(token)?.[0].toLowerCase() ?? '';
  if (prefix.includes('r')) return undefined;
  for (const found of token.matchAll(escapes)) {
    if (found[3] !== undefined) return `the escape \\${found[3]} does not exist`;
    const code = found[1] ?? found[2];
    if (code === undefined) continue;
    if (prefix.includes('b')) return 'bytes cannot have \\u escapes';
    const point = Number.parseInt(code, 16);
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
      return `\\u${code} is no character`;
  }
  return undefined;
}

function numberProblem(token: string): string | undefined {
  const isHex = token.startsWith('0x');
  if (!isHex && /[.eE]/.test(token)) {
    return Number.isFinite(Number(token)) ? undefined : `${token} is too large`;
  }
  const isUnsigned = /[uU]$/.test(token);
  const value = BigInt(isUnsigned ? token.slice(0, -1) : token);
  return value <= (isUnsigned ? 2n ** 64n - 1n : 2n ** 63n) ? undefined : `${token} is too large`;
}

function kindOf(found: string, isText: boolean): Token['kind'] {
  if (isText) return 'text';
  if (found.startsWith('`')) return 'escaped';
  if (/^\.?\d/.test(found)) return 'number';
  return /^\w/.test(found) ? 'word' : 'sign';
}

/** The tokens of an expression, or what is wrong with one of them. */
export function readTokens(expression: string): Token[] | string {
  const tokens: Token[] = [];
  for (let at = 0; at < expression.length;) {
    const read = (pattern: RegExp): string | undefined => {
      pattern.lastIndex = at;
      return pattern.exec(expression)?.[0];
    };
    const skipped = read(space);
    if (skipped !== undefined) {
      at += skipped.length;
      continue;
    }
    const quoted = read(text);
    const digits = quoted === undefined ? read(number) : undefined;
    const problem = quoted ? textProblem(quoted) : digits ? numberProblem(digits) : undefined;
    if (problem) return problem;
    const name = (quoted ?? digits) ? undefined : read(escaped);
    const found = quoted ?? digits ?? name ?? read(word) ?? read(sign);
    if (found === undefined) return `${JSON.stringify(expression[at])} does not belong here`;
    const kind = kindOf(found, quoted !== undefined);
    tokens.push({ kind, text: found });
    at += found.length;
  }
  tokens.push({ kind: 'end', text: '' });
  return tokens;
}
