import { protocols, reporters, type Metric } from '@ambit/topology/model';
import { addSignals, emptySignals, histogramQuantile, type Signals } from '@ambit/topology/signals';
import { mergeReporters, type Reading } from '@ambit/topology/store/merge';
import { facetOf, isError } from '@ambit/topology/store/registry';
import { roundMs, roundRate, roundShare } from '@ambit/topology/text';

/** Rates of one series over time, as a source has them. */
export interface HistoryRow {
  metric: Metric;
  labels: Readonly<Record<string, string>>;
  /** By index of the times that were asked for; undefined where the source has nothing. */
  values: (number | undefined)[];
  /**
   * What the source covers: a cluster, or all (null). Sources of one cluster are alternatives, clusters add up, and a
   * source of all is an alternative to both.
   */
  scope: string | null;
  /**
   * The link it tells of, or links of which the same proxies tell, as a text: what is told of the same are alternatives, and
   * others add up. Left out: the source has only the sum of all.
   */
  link?: string;
}

/** Golden signals by time; null where nobody tells. */
export interface History {
  rate: (number | null)[];
  errorShare: (number | null)[];
  p50Ms: (number | null)[];
  p95Ms: (number | null)[];
  p99Ms: (number | null)[];
  requestBytes: (number | null)[];
  responseBytes: (number | null)[];
}

/**
 * Signals over time from series of one edge, or of one side of a node. Every request counts once, by the rule of the
 * graph (topology, `mergeReporters`), link by link where the rows say their links. Connections count where there are no
 * requests above them.
 */
export function historyOf(rows: readonly HistoryRow[], points: number): History {
  const found: History = {
    rate: [],
    errorShare: [],
    p50Ms: [],
    p95Ms: [],
    p99Ms: [],
    requestBytes: [],
    responseBytes: [],
  };
  const links = linksOf(rows);
  for (let at = 0; at < points; at++) {
    const signals = signalsAt(links, at);
    const quantile = (p: number): number | null => {
      const value = signals?.latency ? histogramQuantile(p, signals.latency.buckets) : null;
      return value === null ? null : roundMs(value);
    };
    found.rate.push(signals ? roundRate(signals.requests) : null);
    found.errorShare.push(
      signals && signals.requests > 0 ? roundShare(signals.errors / signals.requests) : null,
    );
    found.p50Ms.push(quantile(0.5));
    found.p95Ms.push(quantile(0.95));
    found.p99Ms.push(quantile(0.99));
    const tellsBytes = signals !== null && hasBytes(signals);
    found.requestBytes.push(tellsBytes ? roundRate(signals.requestBytes) : null);
    found.responseBytes.push(tellsBytes ? roundRate(signals.responseBytes) : null);
  }
  return found;
}

/** Traffic without a byte is traffic whose bytes nobody tells: headers alone are some. */
const hasBytes = ({ requests, requestBytes, responseBytes }: Signals): boolean =>
  requests === 0 || requestBytes + responseBytes > 0;

/** The signals themselves at each point; null where nobody tells. */
export function signalsOver(rows: readonly HistoryRow[], points: number): (Signals | null)[] {
  const links = linksOf(rows);
  return Array.from({ length: points }, (_, at) => signalsAt(links, at));
}

/** Series that mean the same, told by one or more sources. */
interface Kind {
  /** Its value is that of the moment that is looked at: of many series at many moments objects of their own cost most. */
  reading: Reading;
  byScope: { scope: string | null; rows: HistoryRow['values'][] }[];
}

/** What tells of one link, by the number of its protocol. */
type Link = Kind[][];

function linksOf(rows: readonly HistoryRow[]): Link[] {
  const links = new Map<string, Link>();
  const kinds = new Map<string, Kind>();
  for (const { labels, metric, values, scope, link = '' } of rows) {
    const facet = facetOf((name) => labels[name]);
    if (facet === null) continue;
    const { le } = labels;
    const key = JSON.stringify([metric, facet, le, link]);
    let kind = kinds.get(key);
    if (kind === undefined) {
      const reading: Reading = {
        metric,
        reporter: reporters.indexOf(facet.reporter),
        codeId: 0,
        isError: isError(facet),
        mutualTls: null,
        bound: le === undefined ? 0 : le === '+Inf' ? Infinity : Number(le),
        value: 0,
      };
      kinds.set(key, (kind = { reading, byScope: [] }));
      let of = links.get(link);
      if (of === undefined) links.set(link, (of = protocols.map(() => [])));
      of[protocols.indexOf(facet.protocol)]!.push(kind);
    }
    const of = kind.byScope.find((each) => each.scope === scope);
    if (of) of.rows.push(values);
    else kind.byScope.push({ scope, rows: [values] });
  }
  return [...links.values()];
}

function signalsAt(links: readonly Link[], at: number): Signals | null {
  const found = protocols.map((protocol) => ({
    protocol,
    isTold: false,
    readings: [] as Reading[][],
  }));
  for (const link of links) {
    for (const [protocol, kinds] of link.entries()) {
      const of: Reading[] = [];
      for (const { reading, byScope } of kinds) {
        const value = valueAt(byScope, at);
        if (value === undefined) continue;
        reading.value = value;
        of.push(reading);
        if (reading.metric === 'requests' || reading.metric.startsWith('connections')) {
          found[protocol]!.isTold = true;
        }
      }
      if (of.length > 0) found[protocol]!.readings.push(of);
    }
  }
  const told = found.filter(({ isTold }) => isTold);
  if (told.length === 0) return null;
  const above = told.filter(({ protocol }) => protocol !== 'tcp');
  const sum = emptySignals();
  for (const { protocol, readings } of above.length > 0 ? above : told) {
    for (const of of readings) addSignals(sum, mergeReporters(protocol, of));
  }
  return sum;
}

function valueAt(byScope: Kind['byScope'], at: number): number | undefined {
  let wide: number | undefined;
  let sum: number | undefined;
  for (const { scope, rows } of byScope) {
    let best: number | undefined;
    for (const values of rows) {
      const value = values[at];
      if (value !== undefined && value >= 0 && !(value <= (best ?? -1))) best = value;
    }
    if (best === undefined) continue;
    if (scope === null) wide = best;
    else sum = (sum ?? 0) + best;
  }
  return wide === undefined ? sum : Math.max(wide, sum ?? 0);
}
