import { edgeLabels, edgeMetrics, type EdgeMetric } from '@ambit/contracts/agent/telemetry';
import { metrics, type Metric } from '@ambit/topology/model';
import type { Counters } from './counters.ts';
import {
  countedRequests,
  nativeMetricOf,
  standardLabels,
  type Counted,
  type Self,
} from './envoy.ts';
import { parseLabels, scanExposition } from './parse.ts';
import { metricOf } from './standard.ts';

/** What is summed of an edge beside its histogram. */
const foldedMetrics: readonly Metric[] = edgeMetrics;

/** The pod that is scraped. */
export interface Target {
  /** `namespace/pod`. */
  pod: string;
  /** It is ztunnel, which says so in no label. */
  ztunnel: boolean;
  /** Who it is, to read Envoy's own counters where Istio's are absent. */
  self?: Self;
  /** What `nativeCounts` gives for its text; left out: it is asked here. */
  counted?: Counted | null;
}

/** An edge with its rates a second, summed over the proxies that were scraped. It is the same object as long as it is told of. */
export interface FoldedEdge {
  /** In the order of `edgeLabels`, empty where there is none; all others (pods, principals, what a user added) are summed away. */
  labels: readonly string[];
  /** In the order of `edgeMetrics`. */
  rates: Float64Array;
  /** Cumulative, by index of `bounds`; null when it has no histogram. */
  buckets: Float64Array | null;
  /** Which of `edgeMetrics` were told, bit by bit: a rate of 0 that is told is silence, another is ignorance. */
  told: number;
}

/** Rates of one edge that came by another way than a scrape. */
export interface FoldedRates {
  /** In the order of `edgeLabels`. */
  labels: readonly string[];
  rates: Partial<Record<EdgeMetric, number>>;
  /** Upper bounds in milliseconds and their cumulative rates. */
  buckets: readonly (readonly [number, number])[];
}

export interface Fold {
  /**
   * Takes one scrape of a target. `silently`: only what its counters have reached is noted, since somebody else tells of
   * its traffic now.
   */
  take(
    target: Target,
    text: Buffer,
    atMs: number,
    silently?: boolean,
  ): { samples: number; bad: number };
  /** Adds rates to an edge. @returns false when there are too many edges */
  add(rates: FoldedRates): boolean;
  /**
   * Gives the edges that were told of since the last time, and begins anew: what is given must be used before the next
   * `take`. Edges that nobody told of for a while are forgotten.
   */
  drain(use: (edge: FoldedEdge) => void): void;
  /** Upper bounds of histograms in milliseconds, in the order in which they were met. */
  readonly bounds: readonly number[];
  readonly size: () => number;
}

/** Edges told of at most. */
const mostEdges = 200_000;
const mostBounds = 40;
/** Drains after which an edge that was not told of is forgotten. */
const forgetAfter = 60;
const bucket = foldedMetrics.length;

/** An edge with its number, which counters are marked with; it is never given to another. */
interface Edge extends FoldedEdge {
  number: number;
  turn: number;
}

/** A mark is the number of an edge and a column of it, or why there is none. */
const columnsEach = 64;
const mostNumbers = 2 ** 25;
const unmarked = -1;
const unreadable = -2;
const elsewhere = -3;

/** A proxy that has no metrics of Istio's, and what it counted. */
interface Native {
  self: Self;
  clusters: ReadonlySet<string>;
}

/**
 * Sums what many proxies count into rates by edge. A counter is kept by target, so that a proxy that begins again, or is
 * scraped late, disturbs no other; its rate is over the time since its own last scrape. Series are known again by a
 * number made of their text, so that nothing of a scrape's text is kept.
 */
export function createFold(countersOf: (pod: string) => Counters): Fold {
  const edges = new Map<string, Edge>();
  const byNumber = new Map<number, Edge>();
  let numbers = 0;
  const texts = new Map<string, string>();
  const bounds: number[] = [];
  let turn = 1;

  /** A copy: a part of a scrape's text would keep all of it in memory. */
  const own = (text: string): string => {
    let kept = texts.get(text);
    if (kept === undefined) {
      kept = Buffer.from(text, 'utf8').toString('utf8');
      if (texts.size > mostEdges) texts.clear();
      texts.set(kept, kept);
    }
    return kept;
  };

  const boundOf = (text: string): number => {
    const bound = text === '+Inf' ? Infinity : Number(text);
    const at = bounds.indexOf(bound);
    if (at !== -1) return at;
    return bounds.length < mostBounds && !Number.isNaN(bound) ? bounds.push(bound) - 1 : -1;
  };

  const edgeOf = (labels: readonly string[]): Edge | undefined => {
    const key = labels.join('\u0000');
    const known = edges.get(key);
    if (known !== undefined) return known;
    if (edges.size >= mostEdges || numbers === mostNumbers) return undefined;
    const rates = new Float64Array(foldedMetrics.length);
    const edge = { labels, rates, buckets: null, told: 0, turn, number: numbers++ };
    edges.set(key, edge);
    byNumber.set(edge.number, edge);
    return edge;
  };

  const markFor = (
    text: string,
    metric: Metric,
    ztunnel: boolean,
    native: Native | null,
  ): number => {
    const given = parseLabels(text);
    if (given === null) return unreadable;
    const told = native && standardLabels(metric, given, native.self, native);
    if (told === 'later') return unmarked;
    if (native && told === null) return elsewhere;
    const all = told === null ? given : new Map(Object.entries(told));
    const column =
      metric === 'durationBucket' ? boundOf(all.get('le') ?? '') : foldedMetrics.indexOf(metric);
    if (column === -1) return unreadable;
    const isZtunnel =
      ztunnel || all.get('app') === 'ztunnel' || (all.get('pod') ?? '').startsWith('ztunnel-');
    const labels = edgeLabels.map((name) =>
      name === 'app' ? (isZtunnel ? 'ztunnel' : '') : own(all.get(name) ?? ''),
    );
    const edge = edgeOf(labels);
    if (edge === undefined) return unreadable;
    return edge.number * columnsEach + (metric === 'durationBucket' ? bucket + column : column);
  };

  return {
    bounds,
    size: () => edges.size,
    take: (target, bytes, atMs, silently = false) => {
      const { ztunnel, self } = target;
      const counters = countersOf(target.pod);
      const { counted = self ? nativeCounts(bytes) : null } = target;
      const native = self && counted ? { self, clusters: counted.clusters } : null;
      const metricOfName = native ? nativeMetricOf : metricOf;
      const salt = native ? saltOf(JSON.stringify(self)) : ztunnel ? 1 : 0;
      let dropped = 0;
      const { samples, bad } = scanExposition(
        bytes,
        (name) => {
          const metric = metricOfName(name);
          return metric === undefined ? -1 : salt * metrics.length + metrics.indexOf(metric);
        },
        (sample) => {
          const place = counters.find(sample.low, sample.high);
          if (place === -1) {
            dropped++;
            return;
          }
          const rate = counters.rate(place, sample.value, atMs);
          let mark = counters.mark(place);
          let edge = mark < 0 ? undefined : byNumber.get(Math.floor(mark / columnsEach));
          // Never looked at, or its edge was forgotten and comes again.
          if (edge === undefined && mark !== unreadable && mark !== elsewhere) {
            const labels = bytes.toString('utf8', sample.labelsFrom, sample.labelsTo);
            const metric = metrics[sample.name % metrics.length]!;
            mark = markFor(labels, metric, ztunnel, native);
            counters.setMark(place, mark);
            edge = byNumber.get(Math.floor(mark / columnsEach));
          }
          if (mark === unreadable) dropped++;
          if (rate < 0 || edge === undefined || silently) return;
          const column = mark % columnsEach;
          edge.turn = turn;
          if (column < bucket) {
            edge.rates[column]! += rate;
            edge.told |= 1 << column;
          } else {
            edge.buckets ??= new Float64Array(mostBounds);
            edge.buckets[column - bucket]! += rate;
          }
        },
      );
      counters.end(atMs);
      return { samples, bad: bad + dropped };
    },
    add: ({ labels, rates, buckets }) => {
      const edge = edgeOf(labels.map(own));
      if (edge === undefined) return false;
      edge.turn = turn;
      foldedMetrics.forEach((metric, column) => {
        const rate = rates[metric as EdgeMetric];
        if (rate === undefined) return;
        edge.rates[column]! += rate;
        edge.told |= 1 << column;
      });
      for (const [bound, rate] of buckets) {
        const at = boundOf(String(bound));
        if (at === -1) continue;
        edge.buckets ??= new Float64Array(mostBounds);
        edge.buckets[at]! += rate;
      }
      return true;
    },
    drain: (use) => {
      for (const [key, edge] of edges) {
        if (edge.turn === turn) {
          use(edge);
          edge.told = 0;
          edge.rates.fill(0);
          edge.buckets?.fill(0);
        } else if (edge.turn < turn - forgetAfter) {
          edges.delete(key);
          byNumber.delete(edge.number);
        }
      }
      turn++;
    },
  };
}

/** The last is there before the first request (istio.io, "Istio Standard Metrics"). */
const standardNames = [
  'istio_requests_total{',
  'istio_tcp_connections_opened_total{',
  'istio_build{',
];

/** What an Envoy counted of requests by itself; null for one with Istio's own metrics: then Envoy's are not looked at. */
export const nativeCounts = (bytes: Buffer): Counted | null =>
  standardNames.some((name) => bytes.includes(name)) ? null : countedRequests(bytes);

/** Keeps apart what proxies count of themselves under the same labels: a whole number of 24 bits. */
function saltOf(text: string): number {
  let salt = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) salt = Math.imul(salt ^ text.charCodeAt(at), 16_777_619);
  return 2 + ((salt >>> 0) % 0xff_ffff);
}
