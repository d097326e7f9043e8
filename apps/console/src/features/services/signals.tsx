'use client';

import { bytesText, msText, rateText, shareText } from '@/lib/format.ts';
import type { Outputs } from '@/lib/session.tsx';
import { Chart, ChartGroup } from '@/ui/chart.tsx';

type Signals = Outputs['topology']['signals'];

/** The golden signals of something over time, under one crosshair. */
export function GoldenSignals({ signals }: { signals: Signals }) {
  const { times, inbound, outbound } = signals;
  const none = times.map(() => null);
  return (
    <ChartGroup>
      <div className="card grid gap-x-8 gap-y-5 p-4 md:grid-cols-2">
        <Chart
          title="Requests"
          times={times}
          format={rateText}
          lines={[
            { name: 'in', values: inbound?.rate ?? none, tone: 'accent' },
            { name: 'out', values: outbound?.rate ?? none, tone: 'idle', dashed: true },
          ]}
        />
        <Chart
          title="Errors"
          times={times}
          format={shareText}
          lines={[
            { name: 'in', values: inbound?.errorShare ?? none, tone: 'bad' },
            { name: 'out', values: outbound?.errorShare ?? none, tone: 'warn', dashed: true },
          ]}
        />
        <Chart
          title="Latency"
          times={times}
          format={msText}
          lines={[
            { name: 'p50', values: inbound?.p50Ms ?? none, tone: 'idle' },
            { name: 'p95', values: inbound?.p95Ms ?? none, tone: 'accent' },
            { name: 'p99', values: inbound?.p99Ms ?? none, tone: 'warn', dashed: true },
          ]}
        />
        <Chart
          title="Bytes in"
          times={times}
          format={bytesText}
          lines={[
            { name: 'requests', values: inbound?.requestBytes ?? none, tone: 'accent' },
            {
              name: 'answers',
              values: inbound?.responseBytes ?? none,
              tone: 'idle',
              dashed: true,
            },
          ]}
        />
      </div>
    </ChartGroup>
  );
}
