import { writeFileSync } from 'node:fs';

/** One measured number, as runs are compared by. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** The peer's value in the same run on the same machine. */
  peer: number | null;
  /** value / peer, or as the program says. */
  ratio: number | null;
}

export const round = (value: number): number => Number(value.toPrecision(4));

/** A figure; with a peer, `ratio` is value / peer. */
export function figure(name: string, value: number, unit: string, peer?: number): Figure {
  return {
    name,
    value: round(value),
    unit,
    peer: peer === undefined ? null : round(peer),
    ratio: peer === undefined ? null : round(value / peer),
  };
}

/** The p-th quantile (0 to 1) of samples, by the nearest rank. */
export function quantile(samples: number[], p: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN;
}

export function table(figures: Figure[]): string {
  const rows = [
    ['figure', 'value', 'unit', 'peer', 'ratio'],
    ...figures.map(({ name, value, unit, peer, ratio }) =>
      [name, value, unit, peer ?? '-', ratio ?? '-'].map(String),
    ),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 || column === 2
            ? cell.padEnd(widths[column]!)
            : cell.padStart(widths[column]!),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function writeFigures(file: string, figures: Figure[]): void {
  writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`);
}
