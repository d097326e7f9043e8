import { metrics, protocols, reporters, type Metric } from '../model.ts';
import type { Signals } from '../signals.ts';
import { mergeReporters, type Reading } from './merge.ts';
import { createRegistry, type Registry } from './registry.ts';

/** Traffic of one link: from a workload, through a service, to a workload; one entry a protocol, null for none. */
export interface Link {
  source: number;
  service: number;
  destination: number;
  /** By index of `protocols`. */
  signals: (Signals | null)[];
  /** The tcp of this link is what ztunnel carried. */
  ztunnel: boolean;
}

/** Links and series that are kept at once; a mesh of 10,000 services with ten edges each needs a tenth of it. */
export const mostLinks = 1_000_000;
export const mostSeries = 4_000_000;

export interface TelemetryStore {
  readonly registry: Registry;
  readonly links: readonly Link[];
  /** Series that were refused because there were too many, since the last round began. */
  readonly dropped: () => number;
  /** The number of a series, the same for the same identity; -1 when it is refused. `boundMs` only for buckets. */
  series(
    metric: Metric,
    source: number,
    service: number,
    destination: number,
    facet: number,
    boundMs?: number,
  ): number;
  /** Begins a round: what is not added to before `commit` is gone then. */
  begin(): void;
  /**
   * Adds to the rate of a series in this round; what is no positive number counts as 0.
   * @param part which part of the source told it, for `commit`
   */
  add(series: number, rate: number, part?: number): void;
  /**
   * Ends the round.
   * @param isUnanswered parts of the source that said nothing: what they told before stays as it was
   * @returns numbers of the links whose traffic is not what it was
   */
  commit(isUnanswered?: (part: number) => boolean): number[];
}

/** Holds the last known rate of every series, and merges only what a round touched. */
export function createTelemetryStore(
  defaultCluster: string,
  limits: { series?: number } = {},
): TelemetryStore {
  const seriesAtMost = Math.min(limits.series ?? mostSeries, mostSeries);
  const registry = createRegistry(defaultCluster);
  const links: Link[] = [];
  const linkSeries: number[][] = [];
  const linkIds = new Map<number, number>();
  const linkIndexes = new Map<number, Map<string, number>>();
  const bounds: number[] = [];
  const boundIds = new Map<number, number>();
  let table = createTable(4_096);
  let count = 0;
  let round = 0;
  let dropped = 0;

  const linkOf = (source: number, service: number, destination: number): number => {
    const key = (source * 131_072 + service) * 131_072 + destination;
    const found = linkIds.get(key);
    if (found !== undefined) return found;
    if (links.length >= mostLinks) return -1;
    linkIds.set(key, links.length);
    linkSeries.push([]);
    return (
      links.push({ source, service, destination, signals: [null, null, null], ztunnel: false }) - 1
    );
  };

  const boundOf = (boundMs: number | undefined): number => {
    if (boundMs === undefined) return 0;
    let id = boundIds.get(boundMs);
    if (id === undefined) boundIds.set(boundMs, (id = bounds.push(boundMs)));
    return id;
  };

  /** Links have few series, so most are found by looking through them; of those with many there is an index. */
  const find = (link: number, facet: number, metric: number, bound: number): number | undefined => {
    const series = linkSeries[link]!;
    if (series.length > indexedFrom) return indexOf(link).get(keyOf(facet, metric, bound));
    for (const id of series) {
      if (table.facet[id] === facet && table.metric[id] === metric && table.bound[id] === bound) {
        return id;
      }
    }
    return undefined;
  };
  const indexOf = (link: number): Map<string, number> => {
    let index = linkIndexes.get(link);
    if (index === undefined) {
      index = new Map();
      for (const id of linkSeries[link]!) {
        index.set(keyOf(table.facet[id]!, table.metric[id]!, table.bound[id]!), id);
      }
      linkIndexes.set(link, index);
    }
    return index;
  };
  const remember = (
    link: number,
    facet: number,
    metric: number,
    bound: number,
    id: number,
  ): void => {
    linkSeries[link]!.push(id);
    linkIndexes.get(link)?.set(keyOf(facet, metric, bound), id);
  };

  const readingsOf = (link: number, protocol: number): Reading[] => {
    const readings: Reading[] = [];
    for (const series of linkSeries[link]!) {
      if (table.stamp[series] !== round || table.protocol[series] !== protocol) continue;
      const facet = table.facet[series]!;
      readings.push({
        metric: metrics[table.metric[series]!]!,
        reporter: reporters.indexOf(registry.facets[facet]!.reporter),
        value: table.value[series]!,
        codeId: registry.facetCodes[facet]!,
        isError: registry.facetIsError[facet]!,
        mutualTls: registry.facets[facet]!.mutualTls,
        bound: table.bound[series] === 0 ? 0 : bounds[table.bound[series]! - 1]!,
      });
    }
    return readings;
  };

  const recompute = (id: number): void => {
    const link = links[id]!;
    link.ztunnel = linkSeries[id]!.some(
      (series) => table.stamp[series] === round && registry.facets[table.facet[series]!]!.ztunnel,
    );
    for (let protocol = 0; protocol < protocols.length; protocol++) {
      const readings = readingsOf(id, protocol);
      link.signals[protocol] =
        readings.length === 0 ? null : mergeReporters(protocols[protocol]!, readings);
    }
  };

  return {
    registry,
    links,
    dropped: () => dropped,
    series: (metric, source, service, destination, facet, boundMs) => {
      const link =
        source < 0 || service < 0 || destination < 0 || facet < 0
          ? -1
          : linkOf(source, service, destination);
      if (link < 0) {
        dropped++;
        return -1;
      }
      const metricId = metrics.indexOf(metric);
      const bound = boundOf(boundMs);
      const found = find(link, facet, metricId, bound);
      if (found !== undefined) return found;
      if (count >= seriesAtMost) {
        dropped++;
        return -1;
      }
      if (count === table.size) table = grow(table);
      const id = count++;
      remember(link, facet, metricId, bound, id);
      table.link[id] = link;
      table.facet[id] = facet;
      table.metric[id] = metricId;
      table.bound[id] = bound;
      table.protocol[id] = protocols.indexOf(registry.facets[facet]!.protocol);
      return id;
    },
    begin: () => {
      round++;
      dropped = 0;
    },
    add: (series, rate, part = 0) => {
      if (series < 0) return;
      table.part[series] = part;
      const value = rate > 0 && rate < Infinity ? rate : 0;
      if (table.stamp[series] === round) table.next[series]! += value;
      else {
        table.next[series] = value;
        table.stamp[series] = round;
      }
    },
    commit: (isUnanswered = never) => {
      const changed = new Set<number>();
      for (let series = 0; series < count; series++) {
        if (table.stamp[series] === round) {
          if (table.isThere[series] === 1 && table.value[series] === table.next[series]) continue;
          table.value[series] = table.next[series]!;
          table.isThere[series] = 1;
          changed.add(table.link[series]!);
        } else if (table.isThere[series] === 1) {
          if (isUnanswered(table.part[series]!)) {
            table.stamp[series] = round;
            continue;
          }
          table.isThere[series] = 0;
          changed.add(table.link[series]!);
        }
      }
      for (const link of changed) recompute(link);
      return [...changed];
    },
  };
}

const never = (): boolean => false;

/** Series of one link from which on they have an index. */
const indexedFrom = 64;
const keyOf = (facet: number, metric: number, bound: number): string =>
  `${facet} ${metric} ${bound}`;

interface Table {
  size: number;
  link: Int32Array;
  facet: Int32Array;
  metric: Uint8Array;
  protocol: Uint8Array;
  bound: Uint16Array;
  value: Float64Array;
  next: Float64Array;
  stamp: Uint32Array;
  isThere: Uint8Array;
  part: Uint32Array;
}

const createTable = (size: number): Table => ({
  size,
  link: new Int32Array(size),
  facet: new Int32Array(size),
  metric: new Uint8Array(size),
  protocol: new Uint8Array(size),
  bound: new Uint16Array(size),
  value: new Float64Array(size),
  next: new Float64Array(size),
  stamp: new Uint32Array(size),
  isThere: new Uint8Array(size),
  part: new Uint32Array(size),
});

function grow(old: Table): Table {
  const table = createTable(old.size * 2);
  table.link.set(old.link);
  table.facet.set(old.facet);
  table.metric.set(old.metric);
  table.protocol.set(old.protocol);
  table.bound.set(old.bound);
  table.value.set(old.value);
  table.next.set(old.next);
  table.stamp.set(old.stamp);
  table.isThere.set(old.isThere);
  table.part.set(old.part);
  return table;
}
