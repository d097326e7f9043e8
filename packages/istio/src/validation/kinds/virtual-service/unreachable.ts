import type { HTTPMatchRequest, HTTPRoute, StringMatch } from '../../generated/types.ts';
import type { Report } from '../../issue.ts';

type Named = { name?: string };
type Routed<Match> = Named & { match?: Match[] };

/** A text that is equal for values that are equal; what is undefined, or a map without entries, is as good as absent. */
function canonical(value: unknown): string | undefined {
  if (value instanceof Map) {
    if (value.size === 0) return undefined;
    const entries = [...(value as Map<string, unknown>)].sort(([a], [b]) => (a < b ? -1 : 1));
    return `<${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join()}>`;
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value === 'object' && value !== null) return canonicalFields(value);
  return typeof value === 'bigint' ? `${value}n` : JSON.stringify(value);
}

function canonicalFields(value: object, except?: string): string {
  const fields = value as Record<string, unknown>;
  let text = '{';
  for (const key of Object.keys(value).sort()) {
    const item = key === except ? undefined : canonical(fields[key]);
    if (item !== undefined) text += `${key}:${item},`;
  }
  return `${text}}`;
}

const fingerprints = new WeakMap<object, string>();

/** A text that is equal for matches that are equal apart from their name. Matches never change. */
function fingerprint(match: object): string {
  let known = fingerprints.get(match);
  if (known === undefined) fingerprints.set(match, (known = canonicalFields(match, 'name')));
  return known;
}

/** Nothing is repeated and nothing covered where there is one match alone. */
function isSingle(routes: readonly { match?: readonly unknown[] }[]): boolean {
  let count = 0;
  for (const { match } of routes) count += match?.length ?? 0;
  return count < 2;
}

const label = (name: string | undefined, index: number): string =>
  name ? JSON.stringify(name) : `#${index}`;

/** Warns of rules that no request reaches, because an earlier rule takes all or the same requests. */
export function warnUnreachable<Match extends object>(
  report: Report,
  path: string,
  routes: Routed<Match>[],
): void {
  const single = isSingle(routes);
  if (single && routes.length < 2) return;
  const seen = new Map<string, number>();
  let takesAll = -1;
  for (const [index, route] of routes.entries()) {
    const at = `${path}[${index}]`;
    const matches = route.match ?? [];
    if (matches.length === 0) {
      if (takesAll >= 0) {
        report.warn(
          at,
          `Never used: rule ${label(routes[takesAll]?.name, takesAll)} takes every request`,
          { what: 'rule', texts: [`${label(route.name, index)} only the last may take all`] },
        );
      }
      takesAll = index;
      continue;
    }
    let repeated = 0;
    for (const [matchIndex, match] of matches.entries()) {
      const matchAt = `${at}.match[${matchIndex}]`;
      if (takesAll >= 0) {
        report.warn(
          matchAt,
          `Never used: rule ${label(routes[takesAll]?.name, takesAll)} takes every request`,
          { what: 'rule', texts: [`${label(route.name, index)} after one that takes all`] },
        );
        continue;
      }
      const key = single ? '' : fingerprint(match);
      const earlier = seen.get(key);
      if (earlier === undefined) seen.set(key, index);
      else {
        repeated += 1;
        const other = label(routes[earlier]?.name, earlier);
        const own = label((match as Named).name, matchIndex);
        report.warn(matchAt, `Never used: rule ${other} has the same match`, {
          what: 'match',
          texts: [`${label(route.name, index)} ${own} ${other}`],
        });
      }
    }
    if (repeated === matches.length) {
      report.warn(at, 'Never used: earlier rules have all its matches', {
        what: 'rule',
        texts: [`${label(route.name, index)} all matches used`],
      });
    }
  }
}

type Prefixed = {
  path: string;
  label: string;
  matchLabel: string;
  prefix: string;
  port: number;
  texts: string[];
  maps: Map<string, string>[];
};

function matchText(match: StringMatch | undefined): string {
  if (match?.exact) return `exact:${match.exact}`;
  return match?.prefix ? `prefix:${match.prefix}` : '';
}

function matchTexts(matches: Map<string, StringMatch> | undefined): Map<string, string> {
  return new Map([...(matches ?? [])].map(([name, match]) => [name, matchText(match)]));
}

function covers(a: Prefixed, b: Prefixed): boolean {
  return (
    b.prefix.startsWith(a.prefix) &&
    a.port === b.port &&
    a.texts.every((text, index) => text.startsWith(b.texts[index] ?? '')) &&
    a.maps.every((map, index) => {
      const other = b.maps[index] ?? new Map<string, string>();
      return (
        map.size === other.size &&
        [...map].every(([key, text]) => other.has(key) && text.startsWith(other.get(key) ?? ''))
      );
    })
  );
}

function prefixed(
  match: HTTPMatchRequest,
  path: string,
  labels: Pick<Prefixed, 'label' | 'matchLabel'>,
): Prefixed[] {
  if (!match.uri?.prefix) return [];
  return [
    {
      path,
      ...labels,
      prefix: match.uri.prefix,
      port: match.port ?? 0,
      texts: [matchText(match.method) || 'exact:GET', matchText(match.authority)],
      maps: [match.headers, match.queryParams, match.withoutHeaders].map(matchTexts),
    },
  ];
}

/** Earlier matches on shorter prefixes that take every request of `later`. */
function coveringMatches(
  later: Prefixed,
  byPrefix: Map<string, Prefixed[]>,
  lengths: Set<number>,
): Prefixed[] {
  return [...lengths].flatMap((length) => {
    if (length >= later.prefix.length) return [];
    const candidates = byPrefix.get(later.prefix.slice(0, length)) ?? [];
    return candidates.filter((earlier) => covers(earlier, later));
  });
}

/** Warns of a match on a longer path prefix that a rule before it already takes. */
export function warnCovered(report: Report, path: string, routes: HTTPRoute[]): void {
  if (isSingle(routes)) return;
  const found: Prefixed[] = [];
  const seen = new Set<string>();
  for (const [index, route] of routes.entries()) {
    if (!route.match) break;
    for (const [matchIndex, match] of route.match.entries()) {
      const key = fingerprint(match);
      if (seen.has(key)) continue;
      seen.add(key);
      found.push(
        ...prefixed(match, `${path}[${index}].match[${matchIndex}]`, {
          label: label(route.name, index),
          matchLabel: label(match.name, matchIndex),
        }),
      );
    }
  }
  const byPrefix = new Map<string, Prefixed[]>();
  const lengths = new Set<number>();
  for (const later of found) {
    const covering = coveringMatches(later, byPrefix, lengths);
    const [earlier] = covering;
    if (earlier) {
      const prefix = JSON.stringify(earlier.prefix);
      const own = `${later.label} ${later.matchLabel} ${later.prefix}`;
      report.warn(
        later.path,
        `Never used: rule ${earlier.label} already takes the prefix ${prefix}`,
        {
          what: 'match',
          texts: covering.map(
            (other) => `${own} ${other.label} ${other.matchLabel} ${other.prefix}`,
          ),
        },
      );
    }
    lengths.add(later.prefix.length);
    const same = byPrefix.get(later.prefix);
    if (same) same.push(later);
    else byPrefix.set(later.prefix, [later]);
  }
}
