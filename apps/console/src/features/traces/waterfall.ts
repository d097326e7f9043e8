import type { Span } from '@ambit/contracts/operations/trace';

/** A span in the order and depth in which a trace is read. */
export interface Row {
  span: Span;
  /** 0 for a root. */
  depth: number;
  /** Place among the rows of the whole trace; stays when others are folded. */
  at: number;
  /** Place of the row it hangs below; -1 for a root. */
  parent: number;
  children: number;
  /** Spans below it, all of them. */
  below: number;
  /** Failed ones among them. */
  failedBelow: number;
}

/**
 * The spans of a trace as a tree, written down row by row: roots first by start, each followed by what it caused. A span whose
 * parent is missing, or is among its own children, stands as a root.
 */
export function rowsOf(spans: readonly Span[]): Row[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const children = new Map<Span, Span[]>();
  const roots: Span[] = [];
  for (const span of spans) {
    const parent = span.parentSpanId === null ? undefined : byId.get(span.parentSpanId);
    if (!parent || parent === span) roots.push(span);
    else {
      const list = children.get(parent);
      if (list) list.push(span);
      else children.set(parent, [span]);
    }
  }
  const rows: Row[] = [];
  const seen = new Set<Span>();
  const walk = (root: Span): void => {
    const stack = [{ span: root, depth: 0, parent: -1 }];
    while (stack.length > 0) {
      const { span, depth, parent } = stack.pop()!;
      if (seen.has(span)) continue;
      seen.add(span);
      const own = (children.get(span) ?? []).toSorted((a, b) => a.startMs - b.startMs);
      const at = rows.length;
      rows.push({ span, depth, at, parent, children: own.length, below: 0, failedBelow: 0 });
      for (const child of own.toReversed()) {
        stack.push({ span: child, depth: depth + 1, parent: at });
      }
    }
  };
  for (const root of roots.toSorted((a, b) => a.startMs - b.startMs)) walk(root);
  // Spans that are each other's parents have no root; the first of each ring stands as one.
  for (const span of spans) if (!seen.has(span)) walk(span);
  for (const row of rows.toReversed()) {
    const above = rows[row.parent];
    if (!above) continue;
    above.below += row.below + 1;
    above.failedBelow += row.failedBelow + (row.span.failed ? 1 : 0);
  }
  return rows;
}

/** The rows that are shown when some are folded, by their place. */
export function shownRows(rows: readonly Row[], folded: ReadonlySet<number>): Row[] {
  const shown: Row[] = [];
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at]!;
    shown.push(row);
    if (folded.has(row.at)) at += row.below;
  }
  return shown;
}

/** Where a span lies in its trace, as shares of the whole. A span is seen however short it is. */
export function barOf(span: Span, traceMs: number): { left: number; width: number } {
  if (!(traceMs > 0)) return { left: 0, width: 1 };
  const left = Math.min(1, Math.max(0, span.startMs / traceMs));
  return { left, width: Math.min(1 - left, Math.max(0, span.durationMs / traceMs)) };
}

/** Moments for the head of a waterfall: at most six, round in their unit. */
export function ticksOf(traceMs: number): number[] {
  if (!(traceMs > 0)) return [0];
  const rough = traceMs / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough)!;
  return Array.from({ length: Math.floor(traceMs / step) + 1 }, (_, at) => at * step);
}

/** Time that spans of each service took in themselves, without what they waited for below; the most first. */
export function ownTimes(rows: readonly Row[]): { service: string; ms: number; spans: number }[] {
  const own = new Map<Row, number>(rows.map((row) => [row, row.span.durationMs]));
  for (const row of rows) {
    const parent = rows[row.parent];
    if (!parent) continue;
    const { startMs, durationMs } = row.span;
    const end = Math.min(startMs + durationMs, parent.span.startMs + parent.span.durationMs);
    const inside = Math.max(0, end - Math.max(startMs, parent.span.startMs));
    own.set(parent, (own.get(parent) ?? 0) - inside);
  }
  const sums = new Map<string, { service: string; ms: number; spans: number }>();
  for (const [{ span }, ms] of own) {
    const sum = sums.get(span.service) ?? { service: span.service, ms: 0, spans: 0 };
    sum.ms += Math.max(0, ms);
    sum.spans++;
    sums.set(span.service, sum);
  }
  return [...sums.values()].sort((a, b) => b.ms - a.ms);
}

/** "<0.1 ms", "4.2 ms", "120 ms", "1.24 s". */
export function spanText(ms: number): string {
  if (ms < 0.1) return '<0.1 ms';
  if (ms < 1_000) return `${Number(ms.toPrecision(ms < 100 ? 2 : 3))} ms`;
  return `${Number((ms / 1_000).toPrecision(3))} s`;
}
