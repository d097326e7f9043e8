export const spanKinds = ['server', 'client', 'producer', 'consumer', 'internal'] as const;
export type SpanKind = (typeof spanKinds)[number];

/** One span. Times are milliseconds since 1970, with fractions. */
export interface TraceSpan {
  spanId: string;
  parentSpanId: string | null;
  service: string;
  operation: string;
  kind: SpanKind;
  startMs: number;
  durationMs: number;
  failed: boolean;
  tags: Record<string, string>;
  events: { atMs: number; name: string }[];
}

/** What a list tells of a trace. */
export interface TraceHead {
  traceId: string;
  service: string;
  operation: string;
  startMs: number;
  durationMs: number;
  /** Null where the server does not say. */
  spans: number | null;
  errors: number | null;
  services: string[];
}

export interface TraceSearch {
  service: string;
  fromMs: number;
  toMs: number;
  minDurationMs?: number;
  failed?: boolean;
  limit: number;
}

/** A server of traces. Everything throws SourceError. */
export interface TraceSource {
  /** The newest first. */
  list(search: TraceSearch, signal?: AbortSignal): Promise<TraceHead[]>;
  /** Ordered by start; null when it does not know the trace. */
  get(traceId: string, signal?: AbortSignal): Promise<TraceSpan[] | null>;
  /** Names of services it knows, for a test of the connection. */
  services(signal?: AbortSignal): Promise<string[]>;
}

export const mostSpans = 10_000;
const mostTags = 64;
const longestTag = 2_000;

/** The objects of a list from anywhere. */
export const objectsOf = <T>(value: unknown): T[] =>
  Array.isArray(value)
    ? (value as unknown[]).filter((each): each is T => typeof each === 'object' && each !== null)
    : [];

/** The texts of a list from anywhere. */
export const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];

/** Tags from anywhere, as texts of bounded number and length. */
export function tagsOf(entries: Iterable<readonly [string, unknown]>): Record<string, string> {
  const tags: Record<string, string> = {};
  let count = 0;
  for (const [name, value] of entries) {
    if (count++ >= mostTags) break;
    if (name === '__proto__' || name === '') continue;
    const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
    tags[name.slice(0, 200)] = text.slice(0, longestTag);
  }
  return tags;
}

export const byStart = (spans: TraceSpan[]): TraceSpan[] =>
  spans.toSorted((a, b) => a.startMs - b.startMs).slice(0, mostSpans);

/** When the last span ended; milliseconds since 1970. */
export const endOf = (spans: readonly TraceSpan[]): number =>
  spans.reduce((end, span) => Math.max(end, span.startMs + span.durationMs), 0);

/** The head of a trace whose spans are known. Null without any. */
export function headOf(traceId: string, spans: readonly TraceSpan[]): TraceHead | null {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const ordered = spans.toSorted((a, b) => a.startMs - b.startMs);
  const root =
    ordered.find(({ parentSpanId }) => parentSpanId === null || !ids.has(parentSpanId)) ??
    ordered[0];
  if (root === undefined) return null;
  const startMs = ordered[0]!.startMs;
  const end = endOf(ordered);
  return {
    traceId,
    service: root.service,
    operation: root.operation,
    startMs,
    durationMs: end - startMs,
    spans: spans.length,
    errors: spans.filter(({ failed }) => failed).length,
    services: [...new Set(ordered.map(({ service }) => service))].sort(),
  };
}
