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
  const kinds = kindsOf(rows);
  for (let at = 0; at < points; at++) {
    const signals = signalsAt(kinds, at);
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
  const kinds = kindsOf(rows);
  return Array.from({ length: points }, (_, at) => signalsAt(kinds, at));
}

/** Series that mean the same, told by one or more sources. */
interface Kind {
  link: string;
  protocol: number;
  reading: Omit<Reading, 'value'>;
  byScope: Map<string | null, HistoryRow[]>;
}

function kindsOf(rows: readonly HistoryRow[]): Kind[] {
  const kinds = new Map<string, Kind>();
  for (const row of rows) {
    const { labels, metric } = row;
    const facet = facetOf((name) => labels[name]);
    if (facet === null) continue;
    const { le } = labels;
    const bound = le === undefined ? 0 : le === '+Inf' ? Infinity : Number(le);
    const { link = '' } = row;
    const key = JSON.stringify([metric, facet, le, link]);
    let kind = kinds.get(key);
    if (kind === undefined) {
      kind = {
        link,
        protocol: protocols.indexOf(facet.protocol),
        reading: {
          metric,
          reporter: reporters.indexOf(facet.reporter),
          codeId: 0,
          isError: isError(facet),
          mutualTls: null,
          bound,
        },
        byScope: new Map(),
      };
      kinds.set(key, kind);
    }
    const of = kind.byScope.get(row.scope);
    if (of) of.push(row);
    else kind.byScope.set(row.scope, [row]);
  }
  return [...kinds.values()];
}

function signalsAt(kinds: readonly Kind[], at: number): Signals | null {
  const byLink = new Map<string, Reading[][]>();
  for (const { link, protocol, reading, byScope } of kinds) {
    const value = valueAt(byScope, at);
    if (value === undefined) continue;
    let readings = byLink.get(link);
    if (!readings) byLink.set(link, (readings = protocols.map(() => [])));
    readings[protocol]!.push({ ...reading, value });
  }
  const links = [...byLink.values()];
  const isTold = (protocol: number): boolean =>
    links.some((readings) =>
      readings[protocol]!.some(
        ({ metric }) => metric === 'requests' || metric.startsWith('connections'),
      ),
    );
  const told = protocols.flatMap((protocol, index) => (isTold(index) ? [{ protocol, index }] : []));
  if (told.length === 0) return null;
  const above = told.filter(({ protocol }) => protocol !== 'tcp');
  const sum = emptySignals();
  for (const { protocol, index } of above.length > 0 ? above : told) {
    for (const readings of links) {
      const of = readings[index]!;
      if (of.length > 0) addSignals(sum, mergeReporters(protocol, of));
    }
  }
  return sum;
}

function valueAt(byScope: Kind['byScope'], at: number): number | undefined {
  let wide: number | undefined;
  let sum: number | undefined;
  for (const [scope, rows] of byScope) {
    let best: number | undefined;
    for (const { values } of rows) {
      const value = values[at];
      if (value !== undefined && value >= 0 && !(value <= (best ?? -1))) best = value;
    }
    if (best === undefined) continue;
    if (scope === null) wide = best;
    else sum = (sum ?? 0) + best;
  }
  return wide === undefined ? sum : Math.max(wide, sum ?? 0);
}
