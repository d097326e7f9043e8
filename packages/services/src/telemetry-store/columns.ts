import {
  durationBounds,
  edgeLabels,
  edgeMetrics,
  type TelemetryReport,
} from '@ambit/contracts/agent/telemetry';
import { invalid } from '../kernel/errors.ts';
import type { Reading } from './block.ts';

const isSane = (value: number): boolean => value >= 0 && value <= 1e12;

/**
 * The rows of a report: first those of edges that have a number, then those of its new labels (`number` 0).
 * @throws AmbitError invalid_input for columns that do not fit together
 */
export function readingsOf(report: TelemetryReport): { known: Reading[]; fresh: Reading[] } {
  const { edges, labels, columns, histograms } = report;
  const count = edges.length + labels.length;
  const short = edgeMetrics.find((metric) => (columns[metric]?.length ?? count) !== count);
  if (short) throw invalid(`the column ${short} has not one value for each of ${count} edges`);
  if (histograms.rates.length !== histograms.rows.length * durationBounds.length) {
    throw invalid('the histograms have not one rate for each bound');
  }
  let number = 0;
  const rows = Array.from({ length: count }, (_, row): Reading => {
    if (row < edges.length) number += edges[row]!;
    return {
      number: row < edges.length ? number : 0,
      rates: Float32Array.from(edgeMetrics, (metric) => {
        const value = columns[metric]?.[row] ?? 0;
        return isSane(value) ? value : 0;
      }),
      buckets: null,
    };
  });
  let row = 0;
  histograms.rows.forEach((step, at) => {
    row += step;
    const from = at * durationBounds.length;
    const of = rows[row];
    if (!of) throw invalid(`there is a histogram of row ${row}, and there are ${count} rows`);
    of.buckets = Float32Array.from(
      histograms.rates.slice(from, from + durationBounds.length),
      (value) => (isSane(value) ? value : 0),
    );
  });
  return { known: rows.slice(0, edges.length), fresh: rows.slice(edges.length) };
}

/**
 * Texts of the labels that are new, in the order of `edgeLabels`.
 * @throws AmbitError invalid_input
 */
export function labelsOf({ labels, strings }: TelemetryReport): string[][] {
  return labels.map((row) =>
    row.map((index) => {
      const text = strings[index];
      if (text === undefined) throw invalid(`there is no text ${index} for a label`);
      return text;
    }),
  );
}

/** The labels of an edge by name, without the empty ones. */
export const namedLabels = (texts: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    edgeLabels.flatMap((name, at) => (texts[at] ? [[name, texts[at]] as const] : [])),
  );
