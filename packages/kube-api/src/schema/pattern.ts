const compiled = new Map<string, { test(value: string): boolean }>();
const MAX_CACHED = 2_000;

/** Longest text a pattern is tried on: the engine backtracks, unlike RE2 upstream. */
const MAX_TEXT = 16_384;

/**
 * A pattern of a schema (RE2 syntax) as a JavaScript one. Inline flags at the front are carried
 * over; a pattern that JavaScript cannot read matches everything.
 */
export function compilePattern(pattern: string): { test(value: string): boolean } {
  const found = compiled.get(pattern);
  if (found !== undefined) return found;
  const expression = toRegExp(pattern);
  const matcher = {
    test: (value: string) =>
      expression === undefined || (value.length <= MAX_TEXT && expression.test(value)),
  };
  if (compiled.size >= MAX_CACHED) compiled.clear();
  compiled.set(pattern, matcher);
  return matcher;
}

export function toRegExp(pattern: string): RegExp | undefined {
  const inline = /^(\^?)\(\?([ims]+)\)/.exec(pattern);
  const source = (inline === null ? pattern : inline[1]! + pattern.slice(inline[0].length))
    .replaceAll('(?P<', '(?<')
    .replaceAll('\\A', '^')
    .replaceAll('\\z', '$')
    .replaceAll('\\C', '.')
    .replaceAll('[[:alnum:]]', '[0-9A-Za-z]')
    .replaceAll('[[:alpha:]]', '[A-Za-z]')
    .replaceAll('[[:digit:]]', '[0-9]');
  const flags = inline?.[2] ?? '';
  for (const mode of ['u', '']) {
    try {
      return new RegExp(source, flags + mode);
    } catch {
      continue;
    }
  }
  return undefined;
}
