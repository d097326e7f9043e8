import type {
  HTTPMatchRequest,
  L4MatchAttributes,
  StringMatch,
  TLSMatchAttributes,
} from '@ambit/istio/validation/generated/types';

/** Whether every text that `narrow` takes, `wide` takes too; false where that is not certain. */
export function covers(wide: StringMatch | undefined, narrow: StringMatch | undefined): boolean {
  if (!wide || (!wide.exact && !wide.prefix && !wide.regex)) return true;
  if (wide.regex) return wide.regex === narrow?.regex || wide.regex === '.*';
  if (wide.exact) return wide.exact === narrow?.exact;
  const prefix = wide.prefix ?? '';
  return (narrow?.exact ?? narrow?.prefix)?.startsWith(prefix) ?? false;
}

const lower = (match: StringMatch | undefined): StringMatch | undefined =>
  match && {
    ...(match.exact ? { exact: match.exact.toLowerCase() } : {}),
    ...(match.prefix ? { prefix: match.prefix.toLowerCase() } : {}),
    ...(match.regex ? { regex: match.regex } : {}),
  };

function coversUri(wide: HTTPMatchRequest, narrow: HTTPMatchRequest): boolean {
  // Every path begins with a slash, also one that a regex matches.
  if (wide.uri?.prefix === '/') return true;
  if (wide.ignoreUriCase) return covers(lower(wide.uri), lower(narrow.uri));
  if (narrow.ignoreUriCase && wide.uri) return false;
  return covers(wide.uri, narrow.uri);
}

function coversMap(
  wide: ReadonlyMap<string, StringMatch> | undefined,
  narrow: ReadonlyMap<string, StringMatch> | undefined,
): boolean {
  return [...(wide ?? [])].every(([name, match]) => {
    const own = narrow?.get(name);
    return own !== undefined && covers(match, own);
  });
}

const sameMap = (a: ReadonlyMap<string, StringMatch> | undefined, b: typeof a): boolean =>
  [...(a ?? [])].every(([name, match]) => {
    const own = b?.get(name);
    return (
      own !== undefined &&
      own.exact === match.exact &&
      own.prefix === match.prefix &&
      own.regex === match.regex
    );
  });

type Common = {
  port?: number;
  gateways?: string[];
  sourceLabels?: Map<string, string>;
  sourceNamespace?: string;
};

function coversCommon(wide: Common, narrow: Common, gateways: readonly string[]): boolean {
  if (wide.port !== undefined && wide.port !== narrow.port) return false;
  if (wide.sourceNamespace && wide.sourceNamespace !== narrow.sourceNamespace) return false;
  for (const [key, value] of wide.sourceLabels ?? []) {
    if (narrow.sourceLabels?.get(key) !== value) return false;
  }
  const from = narrow.gateways?.length ? narrow.gateways : gateways;
  return !wide.gateways?.length || from.every((name) => wide.gateways?.includes(name));
}

/** Whether every request that `narrow` takes, `wide` takes too. `gateways` are those of the VirtualService. */
export function coversHttp(
  wide: HTTPMatchRequest,
  narrow: HTTPMatchRequest,
  gateways: readonly string[],
): boolean {
  return (
    coversUri(wide, narrow) &&
    covers(wide.method, narrow.method) &&
    covers(wide.scheme, narrow.scheme) &&
    covers(wide.authority, narrow.authority) &&
    coversMap(wide.headers, narrow.headers) &&
    coversMap(wide.queryParams, narrow.queryParams) &&
    sameMap(wide.withoutHeaders, narrow.withoutHeaders) &&
    coversCommon(wide, narrow, gateways)
  );
}

const coversSni = (wide: string, narrow: string): boolean =>
  wide === narrow || wide === '*' || (wide.startsWith('*.') && narrow.endsWith(wide.slice(1)));

const coversSubnets = (wide: readonly string[] | undefined, narrow: typeof wide): boolean =>
  !wide?.length || (narrow?.length ? narrow.every((subnet) => wide.includes(subnet)) : false);

export function coversTls(
  wide: TLSMatchAttributes,
  narrow: TLSMatchAttributes,
  gateways: readonly string[],
): boolean {
  const hosts = narrow.sniHosts ?? [];
  return (
    hosts.length > 0 &&
    hosts.every((host) => wide.sniHosts?.some((other) => coversSni(other, host))) &&
    coversSubnets(wide.destinationSubnets, narrow.destinationSubnets) &&
    coversCommon(wide, narrow, gateways)
  );
}

export function coversTcp(
  wide: L4MatchAttributes,
  narrow: L4MatchAttributes,
  gateways: readonly string[],
): boolean {
  return (
    coversSubnets(wide.destinationSubnets, narrow.destinationSubnets) &&
    (!wide.sourceSubnet || wide.sourceSubnet === narrow.sourceSubnet) &&
    coversCommon(wide, narrow, gateways)
  );
}

export type Place = { rule: number; match: number | undefined };

export type Dead = {
  /** The rule, or one match of it, that nothing reaches. */
  at: Place;
  /** What takes its requests before; a rule without matches takes all. */
  by: Place[];
};

/** Rules and matches that earlier ones take everything from, with those. */
export function deadMatches<M>(
  rules: readonly { match?: M[] }[],
  isCovered: (wide: M, narrow: M) => boolean,
): Dead[] {
  const earlier: { place: Place; match: M }[] = [];
  const dead: Dead[] = [];
  let takesAll: Place | undefined;
  for (const [rule, { match: matches = [] }] of rules.entries()) {
    if (takesAll) {
      dead.push({ at: { rule, match: undefined }, by: [takesAll] });
      continue;
    }
    if (matches.length === 0) {
      takesAll = { rule, match: undefined };
      continue;
    }
    const found: Dead[] = [];
    const own: typeof earlier = [];
    for (const [index, match] of matches.entries()) {
      const place = { rule, match: index };
      const takes = (other: { match: M }): boolean => isCovered(other.match, match);
      const by = earlier.find(takes) ?? own.find(takes);
      if (by) found.push({ at: place, by: [by.place] });
      else own.push({ place, match });
    }
    if (found.length === matches.length) {
      dead.push({ at: { rule, match: undefined }, by: found.flatMap(({ by }) => by) });
    } else dead.push(...found);
    earlier.push(...own);
  }
  return dead;
}
