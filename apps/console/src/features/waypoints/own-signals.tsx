'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { beginOf, refetchAfterMs, type Span } from '@/features/services/time-span.tsx';
import { msText, rateText, shareText } from '@/lib/format.ts';
import { useTRPCClient } from '@/lib/trpc.tsx';
import { Chart, ChartGroup } from '@/ui/chart.tsx';
import { ErrorState, Skeleton } from '@/ui/states.tsx';
import type { WaypointDetail } from './words.ts';

/** A waypoint's own requests over time, as its replicas count them. */
export function OwnSignals({
  meshId,
  waypoint: { clusterId, namespace, name, pool },
  span,
}: {
  meshId: string;
  waypoint: WaypointDetail;
  span: Span;
}) {
  const client = useTRPCClient();
  const input = { meshId, clusterId, namespace, name };
  const query = useQuery({
    queryKey: [['waypoint', 'signals'], { input: { ...input, span }, type: 'span' }],
    queryFn: () => client.waypoint.signals.query({ ...input, from: beginOf(span) }),
    refetchInterval: ({ state }) => refetchAfterMs(state.data?.stepS),
    placeholderData: keepPreviousData,
  });
  const { data } = query;
  if (!data) {
    return query.error ? (
      <div className="card">
        <ErrorState error={query.error} what="its requests" onRetry={() => void query.refetch()} />
      </div>
    ) : (
      <Skeleton lines={8} />
    );
  }
  const { times } = data;
  const isAdded = data.addedMs.some((value) => value !== null);
  const isTold = data.rate.some((value) => value !== null);
  return (
    <ChartGroup>
      <div className="card grid gap-x-8 gap-y-5 p-4 md:grid-cols-2">
        <Chart
          title="Requests"
          times={times}
          format={rateText}
          lines={[{ name: 'through it', values: data.rate, tone: 'accent' }]}
        />
        <Chart
          title="Errors"
          times={times}
          format={shareText}
          lines={[{ name: '5xx', values: data.errorShare, tone: 'bad' }]}
        />
        <Chart
          title="Latency through it"
          times={times}
          format={msText}
          lines={[
            { name: 'p50', values: data.p50Ms, tone: 'accent' },
            { name: 'p99', values: data.p99Ms, tone: 'warn', dashed: true },
          ]}
        />
        <Chart
          title="Latency it adds"
          times={times}
          format={msText}
          lines={[{ name: 'mean', values: data.addedMs, tone: 'accent' }]}
        />
        <p className="text-xs text-ink-3 md:col-span-2">
          A request that the waypoint tries again counts once, and what it mirrors counts not at
          all. What it adds is the time of a request in it beside waiting for the server, trying
          again among the waiting.
          {isTold && !isAdded
            ? pool === null
              ? ' What it adds is not told: a waypoint of no pool does not time its requests.'
              : ' What it adds is not told yet: its replicas time requests once they were made anew.'
            : ''}
        </p>
      </div>
    </ChartGroup>
  );
}
