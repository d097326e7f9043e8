import { SourceError, type Problem } from '../source.ts';
import type { PrometheusClient } from './client.ts';
import { partialProblems } from './outcomes.ts';

export interface Range {
  /** Seconds since 1970, both ends included. */
  fromS: number;
  toS: number;
  stepS: number;
}

export interface Matrix {
  rows: { labels: Record<string, string>; values: (number | undefined)[] }[];
  problems: Problem[];
}

export const pointsOf = ({ fromS, toS, stepS }: Range): number =>
  Math.floor((toS - fromS) / stepS) + 1;

/** Asks for series over time; a value is undefined where the server has none. Throws SourceError. */
export async function askMatrix(
  client: Pick<PrometheusClient, 'ask'>,
  promql: string,
  range: Range,
  options: { mostBytes?: number; signal?: AbortSignal | undefined },
): Promise<Matrix> {
  const { fromS, toS, stepS } = range;
  const { mostBytes, signal } = options;
  const form = new URLSearchParams({
    query: promql,
    start: String(fromS),
    end: String(toS),
    step: String(stepS),
  });
  const answer = await client.ask('query_range', form, {
    ...(signal ? { signal } : {}),
    ...(mostBytes === undefined ? {} : { mostBytes }),
  });
  const { status, error, data, warnings, isPartial } = (answer ?? {}) as Record<string, unknown>;
  const { resultType, result } = (data ?? {}) as Record<string, unknown>;
  if (status !== 'success' || resultType !== 'matrix' || !Array.isArray(result)) {
    throw new SourceError(
      'malformed',
      `The answer is no matrix of Prometheus: ${String(error ?? resultType ?? status)}.`,
    );
  }
  const points = pointsOf(range);
  const told = Array.isArray(warnings) ? warnings.map((each) => String(each).slice(0, 500)) : [];
  return {
    problems: partialProblems({ isPartial: isPartial === true, warnings: told.slice(0, 10) }),
    rows: (result as unknown[]).flatMap((row) => {
      const { metric, values } = (row ?? {}) as { metric?: object; values?: unknown };
      if (!metric || !Array.isArray(values)) return [];
      const labels = Object.fromEntries(
        Object.entries(metric).map(([name, value]) => [name, String(value)]),
      );
      const at: (number | undefined)[] = Array.from({ length: points }, () => undefined);
      for (const sample of values as unknown[]) {
        if (!Array.isArray(sample)) continue;
        const place = Math.round((Number(sample[0]) - fromS) / stepS);
        const value = Number(sample[1]);
        if (place >= 0 && place < points && Number.isFinite(value)) at[place] = value;
      }
      return [{ labels, values: at }];
    }),
  };
}

/** Moments of a range that are looked at before all of it is asked for. */
const looks = 4;

/** How many series an expression has, by a few looks at the range: the most of them. Throws SourceError. */
export async function countSeries(
  client: Pick<PrometheusClient, 'ask'>,
  promql: string,
  { fromS, toS, stepS }: Range,
  signal: AbortSignal | undefined,
): Promise<number> {
  // From the end, which is what is there now.
  const every = Math.max(stepS, Math.floor((toS - fromS) / looks));
  const range = { fromS: toS - Math.floor((toS - fromS) / every) * every, toS, stepS: every };
  const { rows } = await askMatrix(client, `count(${promql})`, range, { signal });
  return Math.max(0, ...rows.flatMap(({ values }) => values.map((value) => value ?? 0)));
}
