import { RE2JS } from '@bufbuild/re2';

interface Matcher {
  test(value: string): boolean;
}

const compiled = new Map<string, Matcher>();
const MAX_CACHED = 2_000;

/** Patterns of the server's own kinds: they may run on the engine that is fast but backtracks. */
const trusted = new Set<string>();

/** Rules of the server's own kinds: they run without a watch over their time. */
const trustedRules = new Set<string>();

export const isTrustedRule = (rule: string): boolean => trustedRules.has(rule);

/** Longest text a pattern is tried on, and longest pattern. */
const MAX_TEXT = 16_384;
const MAX_PATTERN = 2_000;

/**
 * A pattern of a schema or rule, in RE2's syntax. Patterns that came through the API run in
 * linear time, whatever they are.
 * @throws Error when it is no RE2 expression, or too long
 */
export function compilePattern(pattern: string): Matcher {
  const found = compiled.get(pattern);
  if (found !== undefined) return found;
  const expression = (trusted.has(pattern) ? native(pattern) : undefined) ?? linear(pattern);
  const matcher = {
    test: (value: string) => value.length <= MAX_TEXT && expression.test(value),
  };
  if (compiled.size >= MAX_CACHED) compiled.clear();
  compiled.set(pattern, matcher);
  return matcher;
}

function linear(pattern: string): Matcher {
  if (pattern.length > MAX_PATTERN) throw new Error('the pattern is too long');
  const repeats = [...pattern.matchAll(/\{(?:\d+,)?(\d+)\}/g)].reduce(
    (all, [, times]) => all * Number(times),
    1,
  );
  if (repeats > 10_000) throw new Error('the pattern repeats too often');
  return new RE2JS(pattern);
}

/** The same as a JavaScript expression, when its syntax allows. */
function native(pattern: string): Matcher | undefined {
  if (/\(\?[^:]|\\[AzCQpP]|\[\[:/.test(pattern)) return undefined;
  try {
    return new RegExp(pattern, 'u');
  } catch {
    return undefined;
  }
}

const literal =
  /\.matches\(\s*(?:r"""([\s\S]*?)"""|r'([^']*)'|r"([^"]*)"|'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)")\s*\)/g;

/** Takes up the patterns and rules of a schema that whoever runs the server has chosen. */
export function trustPatterns(schema: unknown): void {
  if (Array.isArray(schema)) schema.forEach(trustPatterns);
  else if (typeof schema === 'object' && schema !== null) {
    for (const [key, value] of Object.entries(schema)) {
      if (typeof value !== 'string') trustPatterns(value);
      else if (key === 'pattern') trusted.add(value);
      else if (key === 'messageExpression') trustedRules.add(value);
      else if (key === 'rule') {
        trustedRules.add(value);
        for (const [, ...forms] of value.matchAll(literal)) {
          const [block, single, double, quoted, written] = forms;
          const escaped = quoted ?? written;
          trusted.add(block ?? single ?? double ?? escaped!.replaceAll(/\\(.)/g, '$1'));
        }
      }
    }
  }
}
