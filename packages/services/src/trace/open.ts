import { createJaeger } from '@ambit/telemetry/traces/jaeger';
import { createTempo } from '@ambit/telemetry/traces/tempo';
import type { TraceSource } from '@ambit/telemetry/traces/trace';
import { createZipkin } from '@ambit/telemetry/traces/zipkin';
import type { OpenIntegration } from '../integration/settings.ts';
import { transportOf, type Reacher } from '../integration/transport.ts';

const makers = { jaeger: createJaeger, tempo: createTempo, zipkin: createZipkin };

/** What asks a server of traces; `close` it after. */
export function openTraces(
  platform: Reacher,
  integration: OpenIntegration,
): TraceSource & { close(): void } {
  const { kind, url, headers, settings } = integration;
  if (kind === 'prometheus') throw new Error('a Prometheus has no traces');
  const transport = transportOf(platform, integration);
  const source = makers[kind]({ url, headers, timeoutMs: settings.timeoutMs, transport });
  return { ...source, close: () => transport.close() };
}
