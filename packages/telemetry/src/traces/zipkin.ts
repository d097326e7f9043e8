import { askJson, type TraceServer } from './ask-json.ts';
import {
  byStart,
  headOf,
  objectsOf,
  spanKinds,
  tagsOf,
  textsOf,
  type TraceSource,
  type TraceSpan,
} from './trace.ts';

interface ZipkinSpan {
  traceId?: string;
  id?: string;
  parentId?: string;
  kind?: string;
  name?: string;
  /** Microseconds. */
  timestamp?: number;
  duration?: number;
  localEndpoint?: { serviceName?: string };
  tags?: Record<string, unknown>;
  annotations?: { timestamp?: number; value?: string }[];
  shared?: boolean;
}

/** Zipkin's API v2 (zipkin.io, "Zipkin API"). */
export function createZipkin(server: TraceServer): TraceSource {
  const ask = (path: string, query: Record<string, string>, signal?: AbortSignal) =>
    askJson(server, path, query, 'Zipkin', signal);
  return {
    list: async (search, signal) => {
      const { service, fromMs, toMs, minDurationMs, failed, limit } = search;
      const answer = await ask(
        'api/v2/traces',
        {
          serviceName: service,
          endTs: String(Math.round(toMs)),
          lookback: String(Math.round(toMs - fromMs)),
          limit: String(limit),
          ...(minDurationMs ? { minDuration: String(minDurationMs * 1000) } : {}),
          ...(failed ? { annotationQuery: 'error' } : {}),
        },
        signal,
      );
      return objectsOf<unknown>(answer)
        .flatMap((spans) => {
          const of = objectsOf<ZipkinSpan>(spans);
          return headOf(String(of[0]?.traceId ?? ''), of.map(toSpan)) ?? [];
        })
        .toSorted((a, b) => b.startMs - a.startMs)
        .slice(0, limit);
    },
    get: async (traceId, signal) => {
      const spans = objectsOf<ZipkinSpan>(await ask(`api/v2/trace/${traceId}`, {}, signal));
      return spans.length === 0 ? null : byStart(spans.map(toSpan));
    },
    services: async (signal) => textsOf(await ask('api/v2/services', {}, signal)),
  };
}

function toSpan(span: ZipkinSpan): TraceSpan {
  const tags = tagsOf(Object.entries(span.tags ?? {}));
  const id = String(span.id ?? '');
  const isShared = span.shared === true;
  return {
    // Both sides of a call share one id there; here the server's is the child of the client's.
    spanId: isShared ? `${id}-server` : id,
    parentSpanId: isShared ? id : (span.parentId ?? null),
    service: span.localEndpoint?.serviceName ?? '',
    operation: String(span.name ?? ''),
    kind: spanKinds.find((each) => each === span.kind?.toLowerCase()) ?? 'internal',
    startMs: (span.timestamp ?? 0) / 1000,
    durationMs: (span.duration ?? 0) / 1000,
    failed: tags.error !== undefined || /^5\d\d$/.test(tags['http.status_code'] ?? ''),
    tags,
    events: objectsOf<{ timestamp?: number; value?: string }>(span.annotations).map(
      ({ timestamp = 0, value = '' }) => ({ atMs: timestamp / 1000, name: value.slice(0, 500) }),
    ),
  };
}
