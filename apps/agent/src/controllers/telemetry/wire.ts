import {
  durationBounds,
  edgeMetrics,
  telemetryLimits,
  type EdgeMetric,
  type TelemetryReport,
} from '@ambit/contracts/agent/telemetry';
import type { Fold, FoldedEdge } from '@ambit/telemetry/exposition/fold';

/** What moved in one interval, as it travels. */
export type EdgeColumns = Pick<
  TelemetryReport,
  'strings' | 'labels' | 'edges' | 'columns' | 'histograms'
> & {
  /** The edges of `labels`, in their order: who gets the numbers of the reply. */
  fresh: FoldedEdge[];
  /** Edges left out because there were too many. */
  left: number;
};

interface Row {
  number: number;
  edge: FoldedEdge;
  rates: number[];
  buckets: number[] | null;
}

/** Four digits are more than a scrape knows, and half of the bytes. */
const rounded = (value: number): number => (value === 0 ? 0 : Number(value.toPrecision(4)));

/** Takes what moved out of a fold. Edges that stood still are left out: whoever reads knows them as silent. */
export function drainRows(fold: Fold, numberOf: (edge: FoldedEdge) => number): Row[] {
  const boundAt = durationBounds.map((bound) => fold.bounds.indexOf(bound));
  const rows: Row[] = [];
  fold.drain((edge) => {
    const { rates, buckets } = edge;
    if (rates.every((rate) => rate === 0)) return;
    rows.push({
      number: numberOf(edge),
      edge,
      rates: Array.from(rates, rounded),
      buckets: buckets?.some((rate) => rate > 0)
        ? boundAt.map((at) => (at === -1 ? 0 : rounded(buckets[at]!)))
        : null,
    });
  });
  return rows;
}

/** Rows as columns: first those with a number, ascending, then the new ones with their labels. */
export function toColumns(
  rows: readonly Row[],
  most: number = telemetryLimits.edgesPerReport,
): EdgeColumns {
  const taken = rows.slice(0, most);
  const known = taken.filter(({ number }) => number > 0).toSorted((a, b) => a.number - b.number);
  const fresh = taken.filter(({ number }) => number === 0);
  const all = [...known, ...fresh];
  const strings = new Map<string, number>();
  const textOf = (text: string): number => {
    const cut = text.slice(0, 1_000);
    let at = strings.get(cut);
    if (at === undefined) strings.set(cut, (at = strings.size));
    return at;
  };
  const columns: Partial<Record<EdgeMetric, number[]>> = {};
  edgeMetrics.forEach((metric, at) => {
    if (all.some(({ rates }) => rates[at] !== 0))
      columns[metric] = all.map(({ rates }) => rates[at]!);
  });
  const measured = all.flatMap(({ buckets }, row) => (buckets ? [{ row, buckets }] : []));
  const labels = fresh.map(({ edge }) => edge.labels.map(textOf));
  return {
    strings: [...strings.keys()],
    labels,
    edges: differences(known.map(({ number }) => number)),
    columns,
    histograms: {
      rows: differences(measured.map(({ row }) => row)),
      rates: measured.flatMap(({ buckets }) => buckets),
    },
    fresh: fresh.map(({ edge }) => edge),
    left: rows.length - taken.length,
  };
}

const differences = (ascending: readonly number[]): number[] =>
  ascending.map((value, at) => value - (ascending[at - 1] ?? 0));
