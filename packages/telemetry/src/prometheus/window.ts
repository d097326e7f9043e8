import type { RoundOptions } from '../source.ts';
import type { PrometheusClient } from './client.ts';
import { allOf } from './promql-text.ts';

/** Rates are over a minute where proxies are scraped four times in it, and else over as long as that takes. */
export const shortestWindowS = 60;
const longestWindowS = 600;
const scrapesIn = 4;

/** How long a span is looked at to see how often proxies are scraped. */
const spanS = 600;

/**
 * Seconds between two scrapes of a proxy, of nine tenths of them at most: a minute is what Prometheus does when nothing
 * is said, and rates over a minute would be nothing then. NaN or infinite where that cannot be told yet.
 */
export function scrapeEveryQuery(matchers: string): string {
  const every = ['istio_build', 'envoy_server_live'].map((name) => {
    const own = name === 'istio_build' ? 'component="proxy"' : '';
    const series = `${name}{${allOf(matchers, own)}}`;
    const span = `${spanS}s`;
    return `(timestamp(${series}) - min_over_time(timestamp(${series})[${span}:15s])) / (count_over_time(${series}[${span}]) - 1)`;
  });
  return `quantile(0.9, ${every.join(' or ')})`;
}

/** The window that fits; null where it is not told how often proxies are scraped. */
export function windowFor(scrapeEveryS: number): number | null {
  if (!(scrapeEveryS > 0 && scrapeEveryS < spanS)) return null;
  const fitting = Math.round((scrapeEveryS * scrapesIn) / 30) * 30;
  return Math.min(Math.max(shortestWindowS, fitting), longestWindowS);
}

/** Time that an answer may take; without one a minute is taken. */
const budgetMs = 3_000;

/** Asks how long rates have to be over, at a moment; null where that cannot be told. */
async function askWindow(
  client: Pick<PrometheusClient, 'query'>,
  matchers: string,
  { atMs, signal }: Pick<RoundOptions, 'atMs' | 'signal'>,
): Promise<number | null> {
  let every = Number.NaN;
  const over = AbortSignal.timeout(budgetMs);
  try {
    await client.query(scrapeEveryQuery(matchers), (_row, _from, _to, value) => (every = value), {
      ...(atMs === undefined ? {} : { at: atMs / 1000 }),
      signal: signal ? AbortSignal.any([signal, over]) : over,
    });
  } catch {
    return null;
  }
  return windowFor(every);
}

/** How often it is asked again, once it is known and before. */
const againMs = 5 * 60_000;
const soonMs = 30_000;

/** Over how many seconds rates have to be of a server, at a moment or now. */
export type Windows = (
  client: Pick<PrometheusClient, 'query'>,
  options: Pick<RoundOptions, 'atMs' | 'signal'>,
) => Promise<number>;

/** Windows of one server for all who ask it: what is so now is asked for now and then. */
export function createWindows(matchers: string): Windows {
  let known: number | null = null;
  let until = -Infinity;
  let asking: Promise<void> | null = null;
  return async (client, options) => {
    if (options.atMs !== undefined) {
      return (await askWindow(client, matchers, options)) ?? shortestWindowS;
    }
    if (performance.now() >= until) {
      asking ??= askWindow(client, matchers, options).then((windowS) => {
        known = windowS ?? known;
        until = performance.now() + (known === null ? soonMs : againMs);
        asking = null;
      });
      await asking;
    }
    return known ?? shortestWindowS;
  };
}
