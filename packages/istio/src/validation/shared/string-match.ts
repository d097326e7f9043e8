import type { StringMatch } from '../generated/types.ts';
import { regexProblem } from './re2.ts';
import { byteLength } from './json.ts';

/** A regular expression as Istio takes it: RE2 syntax, at most 1,024 bytes. */
export function istioRegexProblem(pattern: string): string | undefined {
  if (byteLength(pattern) > 1024) return 'the regular expression is longer than 1024 bytes';
  const problem = regexProblem(pattern);
  return problem && `no RE2 regular expression: ${problem}`;
}

/** Checks the regular expression of a match, if it is one. */
export function matchRegexProblem(match: StringMatch | undefined): string | undefined {
  if (match?.regex === undefined) return undefined;
  return match.regex === '' ? 'the regular expression is empty' : istioRegexProblem(match.regex);
}

/** As `matchRegexProblem`, and an empty prefix is refused. */
export function stringMatchProblem(match: StringMatch | undefined): string | undefined {
  return match?.prefix === '' ? 'the prefix is empty' : matchRegexProblem(match);
}
