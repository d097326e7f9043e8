import type { Metric } from '@ambit/topology/model';
import type { Counters } from './counters.ts';
import { nativeMetricOf, standardLabels, type Self } from './envoy.ts';
import { parseExposition, parseLabels } from './parse.ts';
import { metricOf } from './standard.ts';

/** Labels that tell edges apart; all others (pods, principals, what a user added) are summed away. */
export const edgeLabels = [
  'reporter',
  'source_cluster',
  'source_workload_namespace',
  'source_workload',
  'source_canonical_service',
  'source_canonical_revision',
  'destination_cluster',
  'destination_service',
  'destination_service_namespace',
  'destination_service_name',
  'destination_workload_namespace',
  'destination_workload',
  'destination_canonical_service',
  'destination_canonical_revision',
  'request_protocol',
  'response_code',
  'grpc_response_status',
  'response_flags',
  'connection_security_policy',
  'app',
] as const;

/** What is summed of an edge beside its histogram. */
export const foldedMetrics = [
  'requests',
  'requestBytes',
  'responseBytes',
  'connectionsOpened',
  'connectionsClosed',
  'durationSum',
  'durationCount',
] as const satisfies readonly Metric[];

/** The pod that is scraped. */
export interface Target {
  /** `namespace/pod`. */
  pod: string;
  /** It is ztunnel, which says so in no label. */
  ztunnel: boolean;
  /** Who it is, to read Envoy's own counters where Istio's are absent. */
  self?: Self;
}

/** An edge with its rates a second, summed over the proxies that were scraped. It is the same object as long as it is told of. */
export interface FoldedEdge {
  /** In the order of `edgeLabels`; empty where there is none. */
  labels: readonly string[];
  /** In the order of `foldedMetrics`. */
  rates: Float64Array;
  /** Cumulative, by index of `bounds`; null when it has no histogram. */
  buckets: Float64Array | null;
  /** Which of `foldedMetrics` were told, bit by bit: a rate of 0 that is told is silence, another is ignorance. */
  told: number;
}

export interface Fold {
  /** Takes one scrape of a target. */
  take(target: Target, text: string, atMs: number): { samples: number; bad: number };
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

/** Where a sample goes: a metric of an edge, or a bucket of it. */
interface Slot {
  edge: FoldedEdge & { turn: number };
  column: number;
}

/**
 * Sums what many proxies count into rates by edge. A counter is kept by target, so that a proxy that begins again, or is
 * scraped late, disturbs no other; its rate is over the time since its own last scrape. Series are known again by a
 * number made of their text, so that nothing of a scrape's text is kept.
 */
export function createFold(countersOf: (pod: string) => Counters): Fold {
  const edges = new Map<string, Slot['edge']>();
  const slots = new Map<number, Slot | 'unreadable' | 'elsewhere'>();
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

  const place = (text: string, metric: Metric, ztunnel: boolean, self: Self | undefined) => {
    const given = parseLabels(text);
    if (given === null) return 'unreadable';
    const told = self === undefined ? null : standardLabels(given, self);
    if (self !== undefined && told === null) return 'elsewhere';
    const all = told === null ? given : new Map(Object.entries(told));
    const isZtunnel =
      ztunnel || all.get('app') === 'ztunnel' || (all.get('pod') ?? '').startsWith('ztunnel-');
    const labels = edgeLabels.map((name) =>
      name === 'app' ? (isZtunnel ? 'ztunnel' : '') : own(all.get(name) ?? ''),
    );
    const key = labels.join('\u0000');
    let edge = edges.get(key);
    if (edge === undefined) {
      if (edges.size >= mostEdges) return 'unreadable';
      edge = {
        labels,
        rates: new Float64Array(foldedMetrics.length),
        buckets: null,
        told: 0,
        turn: 0,
      };
      edges.set(key, edge);
    }
    const column =
      metric === 'durationBucket'
        ? bucket + boundOf(all.get('le') ?? '')
        : (foldedMetrics as readonly Metric[]).indexOf(metric);
    if (column < 0 || (metric === 'durationBucket' && column < bucket)) return 'unreadable';
    return { edge, column } satisfies Slot;
  };

  return {
    bounds,
    size: () => edges.size,
    take: (target, text, atMs) => {
      const { ztunnel, self } = target;
      const counters = countersOf(target.pod);
      const isNative = self !== undefined && !hasStandard.test(text);
      const metricOfName = isNative ? nativeMetricOf : metricOf;
      const salt = isNative ? hashOf(JSON.stringify(self), 1) % 0x1_0000 : ztunnel ? 2 : 3;
      const isWanted = (name: string): boolean => metricOfName(name) !== undefined;
      let unreadable = 0;
      const { samples, bad } = parseExposition(text, isWanted, (name, labels, value) => {
        const key = hashOf(labels, hashOf(name, salt) % 0x1_0000_0000);
        const rate = counters.rate(key, value, atMs);
        let slot = slots.get(key);
        if (slot === undefined) {
          slot = place(labels, metricOfName(name)!, ztunnel, isNative ? self : undefined);
          if (slots.size > 40 * mostEdges) slots.clear();
          slots.set(key, slot);
        }
        if (slot === 'unreadable') unreadable++;
        if (rate === null || typeof slot === 'string') return;
        const { edge, column } = slot;
        edge.turn = turn;
        if (column < bucket) {
          edge.rates[column]! += rate;
          edge.told |= 1 << column;
        } else {
          edge.buckets ??= new Float64Array(mostBounds);
          edge.buckets[column - bucket]! += rate;
        }
      });
      counters.end(atMs);
      return { samples, bad: bad + unreadable };
    },
    drain: (use) => {
      let forgotten = 0;
      for (const [key, edge] of edges) {
        if (edge.turn === turn) {
          use(edge);
          edge.told = 0;
          edge.rates.fill(0);
          edge.buckets?.fill(0);
        } else if (edge.turn < turn - forgetAfter) {
          edges.delete(key);
          forgotten++;
        }
      }
      // Slots lead to edges; those of forgotten ones are found anew when they come again.
      if (forgotten > 0) {
        for (const [key, slot] of slots) {
          if (typeof slot !== 'string' && slot.edge.turn < turn - forgetAfter) slots.delete(key);
        }
      }
      turn++;
    },
  };
}

const hasStandard = /^istio_(requests_total|tcp_connections_opened_total)\{/m;

/** A number of 53 bits for a text: two of a million million series meet by chance once in thousands of years. */
function hashOf(text: string, seed: number): number {
  let high = 0xdeadbeef ^ seed;
  let low = 0x41c6ce57 ^ seed;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    high = Math.imul(high ^ code, 2_654_435_761);
    low = Math.imul(low ^ code, 1_597_334_677);
  }
  high =
    Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low =
    Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return 4_294_967_296 * (2_097_151 & low) + (high >>> 0);
}
