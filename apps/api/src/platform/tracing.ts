import { SpanKind, SpanStatusCode, context, propagation, trace } from '@opentelemetry/api';

/**
 * Starts tracing when an OTLP endpoint is given; without one nothing is loaded and spans cost nothing.
 * @returns a function that sends what is left
 */
export async function startTracing(
  role: string,
  endpoint: string | null,
): Promise<() => Promise<void>> {
  if (endpoint === null) return async () => {};
  const [{ NodeSDK }, { OTLPTraceExporter }] = await Promise.all([
    import('@opentelemetry/sdk-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
  ]);
  const sdk = new NodeSDK({
    serviceName: `ambit-${role}`,
    traceExporter: new OTLPTraceExporter({ url: `${endpoint}/v1/traces` }),
    instrumentations: [],
  });
  sdk.start();
  return () => sdk.shutdown().catch(() => {});
}

const tracer = trace.getTracer('ambit');

/**
 * Runs `work` in a span, below the trace that `carrier` (HTTP headers, lower case) continues, if it does.
 * The span carries the error when `work` throws.
 */
export function inSpan<T>(
  name: string,
  attributes: Record<string, string | number>,
  work: () => Promise<T>,
  carrier: Record<string, string> = {},
): Promise<T> {
  const parent = propagation.extract(context.active(), carrier);
  const kind = 'traceparent' in carrier ? SpanKind.SERVER : SpanKind.INTERNAL;
  return tracer.startActiveSpan(name, { attributes, kind }, parent, async (span) => {
    try {
      return await work();
    } catch (error) {
      span.recordException(error instanceof Error ? error : String(error));
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** The span under way as a W3C traceparent; undefined when nothing is traced. */
export function traceparentNow(): string | undefined {
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent;
}

/** Tells the span of the request under way what the request was, and how it was answered. */
export function describeRequestSpan(name: string, status: number): void {
  const span = trace.getActiveSpan();
  span?.updateName(name);
  span?.setAttribute('http.response.status_code', status);
  if (status >= 500) span?.setStatus({ code: SpanStatusCode.ERROR });
}
