import { createPrometheusClient, type PrometheusClient } from '@ambit/telemetry/prometheus/client';
import { nativeProbe } from '@ambit/telemetry/prometheus/native';
import { scrapeEveryQuery, windowFor } from '@ambit/telemetry/prometheus/window';
import { toProblem } from '@ambit/telemetry/source';
import type { OpenIntegration } from './settings.ts';
import type { Check } from './test.ts';
import { transportOf, type Reacher } from './transport.ts';

/** Rates over more than this are worth a word: alerts on them come late. */
const slowWindowS = 120;
/** Clocks this far apart are worth saying. */
const clockMs = 30_000;

interface Step {
  name: string;
  run(): Promise<Omit<Check, 'name'>>;
}

/** Asks a Prometheus what topology needs of it, step by step; after a failure nothing more is asked. */
export async function checkPrometheus(
  platform: Reacher,
  integration: OpenIntegration,
): Promise<Check[]> {
  const { url, headers, settings } = integration;
  const client = createPrometheusClient({
    url,
    headers,
    timeoutMs: settings.timeoutMs,
    transport: transportOf(platform, integration),
  });
  try {
    return await inOrder(stepsFor(client, settings.matchers.replace(/\$(mesh|cluster)/g, '.*')));
  } finally {
    client.close();
  }
}

export async function inOrder(steps: Step[]): Promise<Check[]> {
  const checks: Check[] = [];
  for (const { name, run } of steps) {
    if (checks.some(({ outcome }) => outcome === 'failed')) {
      checks.push({ name, outcome: 'skipped', message: 'Not asked: what is above failed first.' });
      continue;
    }
    try {
      checks.push({ name, ...(await run()) });
    } catch (error) {
      checks.push({ name, outcome: 'failed', message: toProblem(error).message });
    }
  }
  return checks;
}

function stepsFor(client: PrometheusClient, matchers: string): Step[] {
  const vector = async (promql: string): Promise<{ values: number[]; atMs: number | null }> => {
    const values: number[] = [];
    const { atMs } = await client.query(promql, (_row, _from, _to, value) => values.push(value));
    return { values, atMs };
  };
  const own = matchers === '' ? '' : `{${matchers}}`;
  return [
    {
      name: 'It answers queries',
      run: async () => {
        const { values, atMs } = await vector('vector(1)');
        if (values.length !== 1) {
          return {
            outcome: 'failed',
            message: 'It answers, but not as Prometheus does: vector(1) is not one value.',
          };
        }
        const apart = atMs === null ? 0 : Math.abs(atMs - Date.now());
        if (apart > clockMs) {
          return {
            outcome: 'warning',
            message: `It answers, and its clock is ${Math.round(apart / 1000)} s away from this one: set both by NTP.`,
          };
        }
        return { outcome: 'ok', message: 'It answers as Prometheus does, and its clock is right.' };
      },
    },
    {
      name: 'It has metrics of Istio',
      run: async () => {
        const { values } = await vector(`count(istio_requests_total${own})`);
        const series = values[0] ?? 0;
        if (series > 0) {
          return { outcome: 'ok', message: `It has ${series} series of istio_requests_total.` };
        }
        const { values: all } = await vector('count(istio_requests_total)');
        if (own !== '' && (all[0] ?? 0) > 0) {
          return {
            outcome: 'warning',
            message: `It has ${all[0]} series of istio_requests_total, none of which fits the matchers ${own}.`,
          };
        }
        const { values: tcp } = await vector(`count(istio_tcp_connections_opened_total${own})`);
        if ((tcp[0] ?? 0) > 0) {
          return {
            outcome: 'ok',
            message: `It has ${tcp[0]} series of connections, and none of requests: they come from sidecars and waypoints.`,
          };
        }
        const { values: native } = await vector(nativeProbe({ matchers }));
        const nameless = [matchers, 'pod="",kubernetes_pod_name=""'].filter((text) => text !== '');
        const unnamed =
          (native[0] ?? 0) > 0
            ? (await vector(nativeProbe({ matchers: nameless.join() }))).values
            : [];
        if ((unnamed[0] ?? 0) > 0) {
          return {
            outcome: 'warning',
            message: `It has no istio_requests_total, and ${unnamed[0]} series of Envoy's own counters of services that say no pod: let the scrape configuration add the labels namespace and pod.`,
          };
        }
        return (native[0] ?? 0) > 0
          ? {
              outcome: 'ok',
              message: `It has no istio_requests_total, and ${native[0]} series of Envoy's own counters of services: the graph is made of those. They know what was asked and not which workload answered, and nothing that a proxy answered itself.`,
            }
          : {
              outcome: 'warning',
              message:
                'It has no istio_requests_total: no proxy was scraped yet, or its scrape configuration leaves proxies out (istio.io, "Prometheus": option 1).',
            };
      },
    },
    {
      name: 'Its data is fresh',
      run: async () => {
        const { values } = await vector(
          `time() - max(timestamp(istio_build${own}) or timestamp(envoy_server_live${own}))`,
        );
        const age = values[0];
        if (age === undefined) {
          return {
            outcome: 'warning',
            message:
              'It has neither istio_build nor envoy_server_live: whether proxies without traffic are scraped cannot be told.',
          };
        }
        return age > 120
          ? {
              outcome: 'warning',
              message: `The newest scrape of a proxy is ${Math.round(age)} s old: look at its targets.`,
            }
          : { outcome: 'ok', message: `The newest scrape of a proxy is ${Math.round(age)} s old.` };
      },
    },
    {
      name: 'It scrapes often enough',
      run: async () => {
        const { values } = await vector(scrapeEveryQuery(matchers));
        const every = values[0] ?? Number.NaN;
        const windowS = windowFor(every);
        if (windowS === null) {
          return {
            outcome: 'ok',
            message: 'How often it scrapes proxies cannot be told yet: rates are over a minute.',
          };
        }
        const told = `It scrapes proxies every ${Math.round(every)} s, and rates are over ${windowS} s`;
        return windowS > slowWindowS
          ? {
              outcome: 'warning',
              message: `${told}: what happens is seen so much later. Every 15 s (scrape_interval) is better.`,
            }
          : { outcome: 'ok', message: `${told}.` };
      },
    },
  ];
}
