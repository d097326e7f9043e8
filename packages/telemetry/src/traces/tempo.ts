import { askJson, type TraceServer } from './ask-json.ts';
import {
  byStart,
  objectsOf,
  tagsOf,
  textsOf,
  type SpanKind,
  type TraceHead,
  type TraceSource,
  type TraceSpan,
} from './trace.ts';

interface TempoHit {
  traceID?: string;
  rootServiceName?: string;
  rootTraceName?: string;
  startTimeUnixNano?: string;
  durationMs?: number;
  serviceStats?: Record<string, { spanCount?: number; errorCount?: number }>;
}

interface Attribute {
  key?: string;
  value?: Record<string, unknown>;
}

/** A span as OTLP writes it in JSON. */
interface OtlpSpan {
  spanId?: string;
  parentSpanId?: string;
  name?: string;
  kind?: string | number;
  startTimeUnixNano?: string;
  endTimeUnixNano?: string;
  attributes?: Attribute[];
  events?: { timeUnixNano?: string; name?: string }[];
  status?: { code?: string | number };
}

interface Batch {
  resource?: { attributes?: Attribute[] };
  scopeSpans?: { spans?: OtlpSpan[] }[];
  instrumentationLibrarySpans?: { spans?: OtlpSpan[] }[];
}

/** Tempo's HTTP API: TraceQL search, and traces as OTLP in JSON (grafana.com, "Tempo HTTP API"). */
export function createTempo(server: TraceServer): TraceSource {
  const ask = (path: string, query: Record<string, string>, signal?: AbortSignal) =>
    askJson(server, path, query, 'Tempo', signal);
  return {
    list: async (search, signal) => {
      const { service, fromMs, toMs, minDurationMs, failed, limit } = search;
      const conditions = [
        `resource.service.name = ${JSON.stringify(service)}`,
        ...(failed ? ['status = error'] : []),
        ...(minDurationMs ? [`traceDuration >= ${minDurationMs}ms`] : []),
      ];
      const answer = (await ask(
        'api/search',
        {
          q: `{ ${conditions.join(' && ')} }`,
          start: String(Math.floor(fromMs / 1000)),
          end: String(Math.ceil(toMs / 1000)),
          limit: String(limit),
        },
        signal,
      )) as { traces?: unknown } | null;
      return objectsOf<TempoHit>(answer?.traces)
        .map(toHead)
        .toSorted((a, b) => b.startMs - a.startMs)
        .slice(0, limit);
    },
    get: async (traceId, signal) => {
      const answer = (await ask(`api/traces/${traceId}`, {}, signal)) as {
        batches?: unknown;
        resourceSpans?: unknown;
      } | null;
      if (answer === null) return null;
      const spans = objectsOf<Batch>(answer.batches ?? answer.resourceSpans).flatMap(spansOf);
      return spans.length === 0 ? null : byStart(spans);
    },
    services: async (signal) => {
      const answer = (await ask('api/search/tag/service.name/values', {}, signal)) as {
        tagValues?: unknown;
      } | null;
      return textsOf(answer?.tagValues);
    },
  };
}

const msOf = (nano: string | undefined): number => Number(nano ?? 0) / 1e6;

function toHead(hit: TempoHit): TraceHead {
  const stats = Object.entries(hit.serviceStats ?? {});
  const sum = (of: 'spanCount' | 'errorCount'): number | null =>
    stats.length === 0 ? null : stats.reduce((total, [, each]) => total + (each[of] ?? 0), 0);
  return {
    traceId: String(hit.traceID ?? ''),
    service: hit.rootServiceName ?? '',
    operation: hit.rootTraceName ?? '',
    startMs: msOf(hit.startTimeUnixNano),
    durationMs: hit.durationMs ?? 0,
    spans: sum('spanCount'),
    errors: sum('errorCount'),
    services: stats.map(([name]) => name).sort(),
  };
}

function spansOf(batch: Batch): TraceSpan[] {
  const resource = attributesOf(batch.resource?.attributes);
  const scopes = objectsOf<{ spans?: OtlpSpan[] }>(
    batch.scopeSpans ?? batch.instrumentationLibrarySpans,
  );
  return scopes.flatMap(({ spans }) =>
    objectsOf<OtlpSpan>(spans).map((span): TraceSpan => {
      const startMs = msOf(span.startTimeUnixNano);
      const code = span.status?.code;
      const parent = hex(span.parentSpanId);
      return {
        spanId: hex(span.spanId),
        parentSpanId: parent === '' ? null : parent,
        service: resource['service.name'] ?? '',
        operation: String(span.name ?? ''),
        kind: kindOf(span.kind),
        startMs,
        durationMs: Math.max(0, msOf(span.endTimeUnixNano) - startMs),
        failed: code === 2 || code === 'STATUS_CODE_ERROR',
        tags: attributesOf(span.attributes),
        events: objectsOf<{ timeUnixNano?: string; name?: string }>(span.events).map((event) => ({
          atMs: msOf(event.timeUnixNano),
          name: String(event.name ?? '').slice(0, 500),
        })),
      };
    }),
  );
}

/** Ids come as base64 of eight bytes, or as sixteen hexadecimal digits. */
function hex(id: string | undefined): string {
  if (id === undefined || id === '') return '';
  return /^[0-9a-f]{16}$/i.test(id) ? id.toLowerCase() : Buffer.from(id, 'base64').toString('hex');
}

const attributesOf = (attributes: unknown): Record<string, string> =>
  tagsOf(
    objectsOf<Attribute>(attributes).map(({ key = '', value }) => [
      key,
      Object.values(value ?? {})[0] ?? '',
    ]),
  );

const kindsByNumber: SpanKind[] = [
  'internal',
  'internal',
  'server',
  'client',
  'producer',
  'consumer',
];

function kindOf(kind: string | number | undefined): SpanKind {
  if (typeof kind === 'number') return kindsByNumber[kind] ?? 'internal';
  const word = kind?.replace('SPAN_KIND_', '').toLowerCase();
  return kindsByNumber.find((each) => each === word) ?? 'internal';
}
