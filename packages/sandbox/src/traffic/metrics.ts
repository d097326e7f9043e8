import { durationBounds as bounds } from '@ambit/contracts/agent/telemetry';

export type Labels = Record<string, string>;

interface Series {
  labels: string;
  value: number;
}

interface Distribution {
  labels: string;
  counts: number[];
  sum: number;
  count: number;
}

/** The counters of one simulated proxy. */
export interface ProxyMetrics {
  /** Labels are given as their text (`labelText`): making it is most of the work. */
  add(name: string, labels: string, by?: number): void;
  observe(name: string, labels: string, value: number): void;
}

export interface MetricsBook {
  /** The proxy of a pod, by `namespace/name`; made when it is not known. */
  of(pod: string): ProxyMetrics;
  /** Forgets the proxies of pods that are gone: their counters go with them. */
  keepOnly(pods: (pod: string) => boolean): void;
  /** Prometheus text of one proxy, or of all; each series then names its `namespace` and `pod`. */
  text(pod: string | null): string;
}

export function createMetricsBook(): MetricsBook {
  const proxies = new Map<string, Proxy>();
  return {
    of: (pod) => {
      let proxy = proxies.get(pod);
      if (proxy === undefined) proxies.set(pod, (proxy = createProxy()));
      return proxy;
    },
    keepOnly: (keep) => {
      for (const pod of proxies.keys()) if (!keep(pod)) proxies.delete(pod);
    },
    text: (pod) => {
      const shown = [...proxies].filter(([name]) => pod === null || name === pod);
      const lines: string[] = [
        '# Simulated by the Ambit sandbox: no request was sent.',
        // What a proxy with Istio's metrics shows before its first request.
        ...(pod === null ? [] : ['istio_build{component="proxy",tag="sandbox"} 1']),
      ];
      for (const name of counterNames(shown)) {
        lines.push(`# TYPE ${name} counter`);
        for (const [key, proxy] of shown) lines.push(...counterLines(name, proxy, key));
      }
      for (const name of histogramNames(shown)) {
        lines.push(`# TYPE ${name} histogram`);
        for (const [key, proxy] of shown) lines.push(...histogramLines(name, proxy, key));
      }
      return `${lines.join('\n')}\n`;
    },
  };
}

interface Proxy extends ProxyMetrics {
  counters: Map<string, Map<string, Series>>;
  histograms: Map<string, Map<string, Distribution>>;
}

function createProxy(): Proxy {
  const counters = new Map<string, Map<string, Series>>();
  const histograms = new Map<string, Map<string, Distribution>>();
  return {
    counters,
    histograms,
    add: (name, labels, by = 1) => {
      const series = within(counters, name);
      const found = series.get(labels);
      if (found) found.value += by;
      else series.set(labels, { labels, value: by });
    },
    observe: (name, labels, value) => {
      const all = within(histograms, name);
      let found = all.get(labels);
      if (found === undefined) {
        found = { labels, counts: bounds.map(() => 0), sum: 0, count: 0 };
        all.set(labels, found);
      }
      const at = bounds.findIndex((bound) => value <= bound);
      if (at >= 0) found.counts[at]!++;
      found.sum += value;
      found.count++;
    },
  };
}

function within<T>(maps: Map<string, Map<string, T>>, name: string): Map<string, T> {
  let map = maps.get(name);
  if (map === undefined) maps.set(name, (map = new Map()));
  return map;
}

const escape = (value: string): string =>
  value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');

export const labelText = (labels: Labels): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${escape(value)}"`)
    .join(',');

const counterNames = (shown: [string, Proxy][]): string[] =>
  [...new Set(shown.flatMap(([, { counters }]) => [...counters.keys()]))].sort();
const histogramNames = (shown: [string, Proxy][]): string[] =>
  [...new Set(shown.flatMap(([, { histograms }]) => [...histograms.keys()]))].sort();

function podLabels(key: string): string {
  const slash = key.indexOf('/');
  return labelText({ namespace: key.slice(0, slash), pod: key.slice(slash + 1) });
}

const counterLines = (name: string, { counters }: Proxy, key: string): string[] =>
  [...(counters.get(name)?.values() ?? [])].map(
    ({ labels, value }) => `${name}{${labels},${podLabels(key)}} ${value}`,
  );

function histogramLines(name: string, { histograms }: Proxy, key: string): string[] {
  return [...(histograms.get(name)?.values() ?? [])].flatMap(({ labels, counts, sum, count }) => {
    const all = `${labels},${podLabels(key)}`;
    let below = 0;
    const buckets = bounds.map((bound, index) => {
      below += counts[index]!;
      return `${name}_bucket{${all},le="${bound}"} ${below}`;
    });
    return [
      ...buckets,
      `${name}_bucket{${all},le="+Inf"} ${count}`,
      `${name}_sum{${all}} ${Math.round(sum * 1000) / 1000}`,
      `${name}_count{${all}} ${count}`,
    ];
  });
}
