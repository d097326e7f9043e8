import { facetOf } from '@ambit/topology/store/registry';
import type { HistoryRow } from '../history.ts';
import type { Ends } from '../side.ts';
import type { Problem } from '../source.ts';
import type { Range } from './matrix.ts';
import type { Whose } from './native.ts';
import { shortestWindowS } from './window.ts';

export interface HistoryQuestion extends Ends, Range {
  matchers: string;
  latency: boolean;
  scope: string | null;
  /** The cluster that a label of this source means. */
  clusterOf?: (label: string) => string;
  /** Whose pods are, as for the graph; left out: Envoy's own counters are not asked for. */
  whose?: Whose;
  /** Over how many seconds rates are taken at least. */
  windowS?: number;
  /** Values of one question that are read link by link at most. */
  mostValues?: number;
}

export interface HistoryAnswer {
  rows: HistoryRow[];
  problems: Problem[];
}

export const windowOf = ({ stepS, windowS = shortestWindowS }: HistoryQuestion): number =>
  Math.max(windowS, stepS);

/** About 8 MB, and a tenth of a second to read. */
export const defaultMostValues = 300_000;
/** A value takes some 25 bytes. */
export const bytesFor = (values: number): number => 4 * 1024 * 1024 + values * 50;

/** Rows that mean the same are one: labels may differ where what they say does not. */
export function sumUp(rows: readonly HistoryRow[]): HistoryRow[] {
  const found = new Map<string, HistoryRow>();
  for (const row of rows) {
    const { metric, labels, values, link } = row;
    const key = JSON.stringify([metric, facetOf((name) => labels[name]), labels['le'], link]);
    const sum = found.get(key);
    if (sum === undefined) found.set(key, { ...row, values: [...values] });
    else {
      for (let at = 0; at < values.length; at++) {
        if (values[at] !== undefined) sum.values[at] = (sum.values[at] ?? 0) + values[at]!;
      }
    }
  }
  return [...found.values()];
}
