// The grammar of RE2 as Go's regexp/syntax reads it (github.com/google/re2/wiki/Syntax): checked, not run.

type Repeat = { min: number; max: number };
/** What the last item of a group repeats at most, for the limit on nested counts. */
type Item = { repeated: number };
type Group = { last: Item | undefined; most: number };

class Refused extends Error {}

function refuse(problem: string): never {
  throw new Refused(problem);
}

const maxRepeat = 1000;
const posixNames = new Set(
  'alnum alpha ascii blank cntrl digit graph lower print punct space upper word xdigit'.split(' '),
);
const posixClass = /\[:\^?(\w*):\]/y;
const flags = /\(\?([imsU]*)(-[imsU]+)?([:)])/y;
const namedGroup = /\(\?P?<[A-Za-z0-9_]+>/y;
const repeat = /\{(0|[1-9]\d*)(,(0|[1-9]\d*)?)?\}/y;
const escape =
  /\\(?:x\{([0-9A-Fa-f]+)\}|x([0-9A-Fa-f]{2})|(0[0-7]{0,2}|[1-7][0-7]{1,2})|([afnrtv])|([^\w]|_))/suy;
const unicodeClass = /\\[pP](?:\{\^?([^}]*)\}|(.))/suy;
const escapeCodes: Record<string, number> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

const categoryNames = new Map<string, boolean>([
  ['Any', true],
  ['Assigned', true],
  ['Ascii', true],
  ['Lc', true],
]);

/** Whether Unicode has a category or script of that name; case, "_", "-" and spaces do not matter. */
function isUnicodeName(written: string): boolean {
  const bare = written.replace(/[-_ ]/g, '');
  const name = `${bare.slice(0, 1).toUpperCase()}${bare.slice(1).toLowerCase()}`;
  const known = categoryNames.get(name);
  if (known !== undefined) return known;
  const spaced = written.replace(/[- ]/g, '_').split('_').filter(Boolean);
  const titled = spaced.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase());
  const found = ['gc', 'sc'].some((property) =>
    [name, titled.join('_')].some((value) => {
      try {
        return value !== '' && new RegExp(`\\p{${property}=${value}}`, 'u').unicode;
      } catch {
        return false;
      }
    }),
  );
  categoryNames.set(name, found);
  return found;
}

function checkUnicodeClass(text: string, at: number): number {
  const found = match(unicodeClass, text, at);
  const name = found?.[1] ?? found?.[2];
  if (!found || name === undefined || !isUnicodeName(name)) {
    refuse(`there is no character class ${JSON.stringify(text.slice(at, at + 8))}`);
  }
  return at + found[0].length;
}

/** The code point and the end of an escape that stands for one character. */
function readEscape(text: string, at: number): { code: number; end: number } {
  const found = match(escape, text, at);
  if (!found) refuse(`RE2 has no escape ${JSON.stringify(text.slice(at, at + 2))}`);
  const [whole, braced, hex, octal, letter, punctuation] = found;
  const end = at + whole.length;
  if (braced !== undefined || hex !== undefined) {
    const code = Number.parseInt(braced ?? hex ?? '', 16);
    if (code > 0x10ffff) refuse('a \\x{} above 10FFFF is no character');
    return { code, end };
  }
  if (octal !== undefined) return { code: Number.parseInt(octal, 8), end };
  if (letter !== undefined) return { code: escapeCodes[letter] ?? 0, end };
  const code = (punctuation ?? '').codePointAt(0) ?? 0;
  if (code >= 0x80) refuse(`RE2 has no escape ${JSON.stringify(whole)}`);
  return { code, end };
}

function readClassChar(text: string, at: number): { code: number; end: number } {
  if (at >= text.length) refuse('a [ has no closing ]');
  if (text[at] === '\\') return readEscape(text, at);
  const code = text.codePointAt(at) ?? 0;
  return { code, end: at + (code > 0xffff ? 2 : 1) };
}

function checkClass(text: string, start: number): number {
  let at = start + 1;
  if (text[at] === '^') at += 1;
  let isFirst = true;
  while (at >= text.length || text[at] !== ']' || isFirst) {
    isFirst = false;
    const posix = match(posixClass, text, at);
    const isNamed = text.startsWith('[:', at) && text.includes(':]', at + 2);
    if (isNamed && !posixNames.has(posix?.[1] ?? '')) refuse('an unknown [:class:]');
    if (isNamed && posix) at += posix[0].length;
    else if (/\\[pP]/y.test(text.slice(at, at + 2))) at = checkUnicodeClass(text, at);
    else if (/^\\[dDsSwW]/.test(text.slice(at, at + 2))) at += 2;
    else {
      const low = readClassChar(text, at);
      at = low.end;
      if (text[at] !== '-' || at + 1 >= text.length || text[at + 1] === ']') continue;
      const high = readClassChar(text, at + 1);
      if (high.code < low.code) refuse(`a range in [ ] runs backwards`);
      at = high.end;
    }
  }
  return at + 1;
}

function readRepeat(text: string, at: number): { repeat: Repeat; end: number } | undefined {
  const char = text[at];
  if (char === '*' || char === '+' || char === '?') {
    return { repeat: { min: char === '+' ? 1 : 0, max: char === '?' ? 1 : -1 }, end: at + 1 };
  }
  const found = char === '{' ? match(repeat, text, at) : undefined;
  if (!found) return undefined;
  const [whole, low = '0', comma, high] = found;
  const min = Number(low);
  const max = comma === undefined ? min : high === undefined ? -1 : Number(high);
  if (min > maxRepeat || max > maxRepeat || (max >= 0 && min > max)) {
    refuse(`${whole} is no possible count: at most ${maxRepeat}, the smaller first`);
  }
  return { repeat: { min, max }, end: at + whole.length };
}

/** How often the counts inside an item multiply; `*`, `+` and `?` count as once. */
function multiply(item: Item, { min, max }: Repeat, isCounted: boolean): Item {
  if (!isCounted) return item;
  if (max === 0) return { repeated: 1 };
  const times = Math.max(max < 0 ? min : max, 1);
  const repeated = item.repeated * times;
  if ((min >= 2 || max >= 2) && repeated > maxRepeat)
    refuse('nested counts multiply to more than 1000');
  return { repeated };
}

type Parser = { text: string; groups: Group[] };

const top = (parser: Parser): Group => parser.groups.at(-1) as Group;

function addItem(parser: Parser, item: Item): void {
  const group = top(parser);
  group.last = item;
  group.most = Math.max(group.most, item.repeated);
}

function openGroup(parser: Parser, at: number): number {
  const group: Group = { last: undefined, most: 1 };
  if (parser.text[at + 1] !== '?') {
    parser.groups.push(group);
    return at + 1;
  }
  const named = match(namedGroup, parser.text, at);
  if (named) {
    parser.groups.push(group);
    return at + named[0].length;
  }
  const found = match(flags, parser.text, at);
  if (!found)
    refuse(`RE2 has no ${JSON.stringify(parser.text.slice(at, at + 4))} (look-around, for one)`);
  if (found[3] === ':') parser.groups.push(group);
  return at + found[0].length;
}

function closeGroup(parser: Parser): void {
  const group = parser.groups.pop() as Group;
  if (parser.groups.length === 0) refuse('a ) closes nothing');
  addItem(parser, { repeated: group.most });
}

function readQuoted(parser: Parser, at: number): number {
  const end = parser.text.indexOf('\\E', at + 2);
  const stop = end < 0 ? parser.text.length : end;
  if (stop > at + 2) addItem(parser, { repeated: 1 });
  return end < 0 ? stop : end + 2;
}

function readBackslash(parser: Parser, at: number): number {
  const next = parser.text[at + 1];
  if (next === undefined) refuse('it ends in a backslash');
  if (next === 'Q') return readQuoted(parser, at);
  const end = /[pP]/.test(next)
    ? checkUnicodeClass(parser.text, at)
    : /[AbBzdDsSwW]/.test(next)
      ? at + 2
      : readEscape(parser.text, at).end;
  addItem(parser, { repeated: 1 });
  return end;
}

function parse(parser: Parser): void {
  const { text } = parser;
  let wasRepeat = false;
  for (let at = 0; at < text.length;) {
    const found = readRepeat(text, at);
    if (found) {
      const group = top(parser);
      if (!group.last) refuse(`${JSON.stringify(text.slice(at, found.end))} has nothing to repeat`);
      if (wasRepeat) refuse('two repetitions follow each other');
      addItem(parser, multiply(group.last, found.repeat, text[at] === '{'));
      at = text[found.end] === '?' ? found.end + 1 : found.end;
      wasRepeat = true;
      continue;
    }
    wasRepeat = false;
    const char = text[at];
    if (char === '(') at = openGroup(parser, at);
    else if (char === '[') {
      at = checkClass(text, at);
      addItem(parser, { repeated: 1 });
    } else if (char === '\\') at = readBackslash(parser, at);
    else {
      if (char === ')') closeGroup(parser);
      else if (char === '|') top(parser).last = undefined;
      else addItem(parser, { repeated: 1 });
      at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
    }
  }
  if (parser.groups.length > 1) refuse('a ( has no closing )');
}

/** Why `pattern` is no RE2 regular expression, or undefined when it is one. */
export function regexProblem(pattern: string): string | undefined {
  try {
    parse({ text: pattern, groups: [{ last: undefined, most: 1 }] });
    return undefined;
  } catch (error) {
    if (error instanceof Refused) return error.message;
    throw error;
  }
}
