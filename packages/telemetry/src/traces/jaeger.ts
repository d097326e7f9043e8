import { askJson, type TraceServer } from './ask-json.ts';
import {
  byStart,
  headOf,
  objectsOf,
  spanKinds,
  tagsOf,
  textsOf,
  type SpanKind,
  type TraceSource,
  type TraceSpan,
} from './trace.ts';

interface JaegerTrace {
  traceID?: string;
  spans?: JaegerSpan[];
  processes?: Record<string, { serviceName?: string }>;
}

interface JaegerTag {
  key?: string;
  value?: unknown;
}

interface JaegerSpan {
  spanID?: string;
  operationName?: string;
  references?: { refType?: string; spanID?: string }[];
  /** Microseconds. */
  startTime?: number;
  duration?: number;
  tags?: JaegerTag[];
  logs?: { timestamp?: number; fields?: JaegerTag[] }[];
  processID?: string;
}

/** Jaeger's query API, which its own page uses (jaegertracing.io, "HTTP JSON"). */
export function createJaeger(server: TraceServer): TraceSource {
  const ask = (path: string, query: Record<string, string>, signal?: AbortSignal) =>
    askJson(server, path, query, 'Jaeger', signal) as Promise<{ data?: unknown } | null>;
  return {
    list: async (search, signal) => {
      const { service, fromMs, toMs, minDurationMs, failed, limit } = search;
      const answer = await ask(
        'api/traces',
        {
          service,
          start: String(Math.round(fromMs * 1000)),
          end: String(Math.round(toMs * 1000)),
          limit: String(limit),
          ...(minDurationMs ? { minDuration: `${minDurationMs}ms` } : {}),
          ...(failed ? { tags: '{"error":"true"}' } : {}),
        },
        signal,
      );
      return objectsOf<JaegerTrace>(answer?.data)
        .flatMap((trace) => headOf(String(trace.traceID ?? ''), spansOf(trace)) ?? [])
        .toSorted((a, b) => b.startMs - a.startMs)
        .slice(0, limit);
    },
    get: async (traceId, signal) => {
      const answer = await ask(`api/traces/${traceId}`, {}, signal);
      const [trace] = objectsOf<JaegerTrace>(answer?.data);
      return trace ? byStart(spansOf(trace)) : null;
    },
    services: async (signal) => textsOf((await ask('api/services', {}, signal))?.data),
  };
}

function spansOf({ spans, processes }: JaegerTrace): TraceSpan[] {
  return objectsOf<JaegerSpan>(spans).map((span) => {
    const tags = tagsOf(objectsOf<JaegerTag>(span.tags).map(({ key = '', value }) => [key, value]));
    const kind = spanKinds.find((each) => each === tags['span.kind']) ?? ('internal' as SpanKind);
    const parent = objectsOf<{ refType?: string; spanID?: string }>(span.references).find(
      ({ refType }) => refType === 'CHILD_OF',
    );
    return {
      spanId: String(span.spanID ?? ''),
      parentSpanId: parent?.spanID ?? null,
      service: processes?.[span.processID ?? '']?.serviceName ?? '',
      operation: String(span.operationName ?? ''),
      kind,
      startMs: (span.startTime ?? 0) / 1000,
      durationMs: (span.duration ?? 0) / 1000,
      failed: tags.error === 'true' || /^5\d\d$/.test(tags['http.status_code'] ?? ''),
      tags,
      events: objectsOf<{ timestamp?: number; fields?: JaegerTag[] }>(span.logs).map(
        ({ timestamp = 0, fields }) => ({
          atMs: timestamp / 1000,
          name: objectsOf<JaegerTag>(fields)
            .map(({ key, value }) => `${key}=${String(value)}`)
            .join(' ')
            .slice(0, 500),
        }),
      ),
    };
  });
}
