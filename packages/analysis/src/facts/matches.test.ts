import type { HTTPMatchRequest, StringMatch } from '@ambit/istio/validation/generated/types';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { coversHttp, deadMatches } from './matches.ts';

type Request = { path: string; method: string; port: number; headers: Map<string, string> };

const takes = (match: StringMatch | undefined, text: string): boolean => {
  if (match?.exact) return text === match.exact;
  if (match?.prefix) return text.startsWith(match.prefix);
  return match?.regex ? new RegExp(`^(?:${match.regex})$`).test(text) : true;
};

/** What a proxy does, written for requests instead of for matches. */
const isTaken = (match: HTTPMatchRequest, request: Request): boolean =>
  (match.ignoreUriCase
    ? takes(
        {
          ...(match.uri?.exact ? { exact: match.uri.exact.toLowerCase() } : {}),
          ...(match.uri?.prefix ? { prefix: match.uri.prefix.toLowerCase() } : {}),
          ...(match.uri?.regex ? { regex: match.uri.regex } : {}),
        },
        match.uri?.regex ? request.path : request.path.toLowerCase(),
      )
    : takes(match.uri, request.path)) &&
  takes(match.method, request.method) &&
  (match.port === undefined || match.port === request.port) &&
  [...(match.headers ?? [])].every(([name, one]) => {
    const value = request.headers.get(name);
    return value !== undefined && takes(one, value);
  }) &&
  [...(match.withoutHeaders ?? [])].every(([name, one]) => {
    const value = request.headers.get(name);
    return value === undefined || !takes(one, value);
  });

const stringMatch = (texts: string[]): fc.Arbitrary<StringMatch> =>
  fc.oneof(
    fc.constantFrom(...texts).map((exact) => ({ exact })),
    fc.constantFrom(...texts).map((prefix) => ({ prefix })),
    fc.constantFrom(...texts).map((text) => ({ regex: `${text}.*` })),
  );

const paths = ['/', '/a', '/a/b', '/A', '/ab', '/b'];
const headers = fc.dictionary(
  fc.constantFrom('x', 'y'),
  fc.oneof(stringMatch(['1', '12', '2']), fc.constant({})),
  { maxKeys: 2 },
);

const match: fc.Arbitrary<HTTPMatchRequest> = fc.record(
  {
    uri: stringMatch(paths),
    method: stringMatch(['GET', 'PUT']),
    port: fc.constantFrom(80, 8080),
    ignoreUriCase: fc.constant(true),
    headers: headers.map((entries) => new Map(Object.entries(entries))),
    withoutHeaders: headers.map((entries) => new Map(Object.entries(entries))),
  },
  { requiredKeys: [] },
);

const rules = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.array(match, { minLength: 1, maxLength: 3 }).map((all) => ({ match: all })),
    },
    { weight: 1, arbitrary: fc.constant({}) },
  ),
  { minLength: 1, maxLength: 5 },
);

function* requests(): Generator<Request> {
  for (const path of [...paths, '/abc', '/B', '/a/c'])
    for (const method of ['GET', 'PUT', 'GETX', 'POST'])
      for (const port of [80, 8080])
        for (const x of [undefined, '1', '12', '2', '3'])
          for (const y of [undefined, '1']) {
            const entries = [
              ...(x === undefined ? [] : [['x', x] as const]),
              ...(y === undefined ? [] : [['y', y] as const]),
            ];
            yield { path, method, port, headers: new Map(entries) };
          }
}

const all = [...requests()];

it('calls a match dead only when no request comes first to it', () => {
  let dead = 0;
  fc.assert(
    fc.property(rules, (list: { match?: HTTPMatchRequest[] }[]) => {
      const found = deadMatches(list, (wide, narrow) => coversHttp(wide, narrow, ['mesh']));
      dead += found.length;
      const isDead = new Set(
        found.flatMap(({ at }) =>
          at.match === undefined
            ? [
                `${at.rule}/`,
                ...(list[at.rule]?.match ?? []).map((_, index) => `${at.rule}/${index}`),
              ]
            : [`${at.rule}/${at.match}`],
        ),
      );
      for (const request of all) {
        const rule = list.findIndex(
          ({ match: of }) => !of?.length || of.some((one) => isTaken(one, request)),
        );
        if (rule < 0) continue;
        const of = list[rule]?.match ?? [];
        const first = of.length === 0 ? '' : of.findIndex((one) => isTaken(one, request));
        if (isDead.has(`${rule}/${first}`)) throw new Error(`rule ${rule} takes ${request.path}`);
      }
    }),
    { numRuns: 150 },
  );
  expect(dead).toBeGreaterThan(20);
});
