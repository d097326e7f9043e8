import type { IntegrationRow, Settings } from '../integration/settings.ts';

/**
 * Page of a trace for people: what the integration says, else where Jaeger and Zipkin have theirs (jaegertracing.io,
 * "/trace/{id}"; zipkin.io, "/zipkin/traces/{id}"). Empty for Tempo, which has none of its own, and for servers that only
 * an agent reaches.
 */
export function traceLink(
  { kind, url, settings }: Pick<IntegrationRow, 'kind' | 'url' | 'settings'>,
  traceId: string,
): string {
  const { traceUrl = '', reach } = settings as unknown as Partial<Settings>;
  const id = encodeURIComponent(traceId);
  if (traceUrl !== '') return traceUrl.replaceAll('{traceId}', id);
  if (reach === 'agent') return '';
  const root = url.replace(/\/+$/, '');
  if (kind === 'jaeger') return `${root}/trace/${id}`;
  return kind === 'zipkin' ? `${root.replace(/\/zipkin$/, '')}/zipkin/traces/${id}` : '';
}
