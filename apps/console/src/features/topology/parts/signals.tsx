'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useTRPC } from '@/lib/trpc.tsx';
import { Chart, ChartGroup } from '@/ui/chart.tsx';
import { ErrorNote, Skeleton } from '@/ui/states.tsx';
import { msText, rateText, shareText } from '@/lib/format.ts';

interface Props {
  meshId: string;
  subject: string;
  /** The end of the hour that is shown; null for now. */
  at: number | null;
  isEdge: boolean;
}

/** How many points there are before nobody has told yet: the newest are still under way. */
const toldUntil = (all: readonly ({ rate: (number | null)[] } | null)[]): number =>
  1 + Math.max(...all.map((each) => each?.rate.findLastIndex((value) => value !== null) ?? -1), 0);

/** The golden signals of a node or an edge over an hour. */
export function Signals({ meshId, subject, at, isEdge }: Props) {
  const trpc = useTRPC();
  const to = at === null ? {} : { to: new Date(at).toISOString() };
  const query = useQuery(
    trpc.topology.signals.queryOptions(
      { meshId, subject, stepS: 60, ...to },
      { placeholderData: keepPreviousData, ...(at === null ? { refetchInterval: 30_000 } : {}) },
    ),
  );
  if (query.error && !query.data) return <ErrorNote error={query.error} />;
  if (!query.data) return <Skeleton lines={6} />;
  const { inbound, outbound } = query.data;
  const times = query.data.times.slice(0, toldUntil([inbound, outbound]));
  const main = inbound ?? outbound;
  if (!main) return <p className="text-sm text-ink-3">Nobody told of it in this hour.</p>;
  return (
    <ChartGroup>
      <div className="grid gap-4">
        <Chart
          title="Rate"
          times={times}
          format={rateText}
          lines={
            isEdge
              ? [{ name: 'rate', values: main.rate, tone: 'accent' }]
              : [
                  ...(inbound
                    ? [{ name: 'in', values: inbound.rate, tone: 'accent' as const }]
                    : []),
                  ...(outbound
                    ? [
                        {
                          name: 'out',
                          values: outbound.rate,
                          tone: 'idle' as const,
                          dashed: true,
                        },
                      ]
                    : []),
                ]
          }
        />
        <Chart
          title="Errors"
          times={times}
          format={shareText}
          lines={[{ name: 'share that fails', values: main.errorShare, tone: 'bad' }]}
        />
        <Chart
          title="Duration"
          times={times}
          format={msText}
          lines={[
            { name: 'p50', values: main.p50Ms, tone: 'idle' },
            { name: 'p95', values: main.p95Ms, tone: 'accent' },
            { name: 'p99', values: main.p99Ms, tone: 'warn', dashed: true },
          ]}
        />
      </div>
    </ChartGroup>
  );
}
