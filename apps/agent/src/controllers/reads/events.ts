import type { Read, ReadEvent } from '@ambit/contracts/agent/reads';
import type { KubeClient } from '../../kube/client.ts';

const most = 200;

interface KubeEvent {
  type?: string;
  reason?: string;
  message?: string;
  count?: number;
  series?: { count?: number; lastObservedTime?: string };
  source?: { component?: string };
  reportingComponent?: string;
  firstTimestamp?: string | null;
  lastTimestamp?: string | null;
  eventTime?: string | null;
  metadata: { creationTimestamp?: string };
}

/** Kubernetes Events about one object, newest first. */
export async function readEvents(
  client: Pick<KubeClient, 'request'>,
  { namespace, objectKind, name }: Extract<Read, { kind: 'events' }>,
  signal: AbortSignal,
): Promise<ReadEvent[]> {
  // Events of what is in no namespace stand in "default".
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace || 'default')}/events`;
  const { items } = await client.request<{ items: KubeEvent[] | null }>('GET', path, {
    signal,
    query: {
      fieldSelector: `involvedObject.kind=${objectKind},involvedObject.name=${name}`,
      limit: '500',
    },
  });
  return (items ?? [])
    .map((event): ReadEvent => {
      const lastAt =
        event.series?.lastObservedTime ??
        event.lastTimestamp ??
        event.eventTime ??
        event.metadata.creationTimestamp ??
        null;
      return {
        type: event.type ?? '',
        reason: event.reason ?? '',
        message: (event.message ?? '').slice(0, 2_000),
        count: event.series?.count ?? event.count ?? 1,
        source: event.source?.component || event.reportingComponent || '',
        firstAt: event.firstTimestamp ?? event.eventTime ?? lastAt,
        lastAt,
      };
    })
    .sort((a, b) => ((a.lastAt ?? '') < (b.lastAt ?? '') ? 1 : -1))
    .slice(0, most);
}
