'use client';

import type { Outputs } from '@/lib/session.tsx';
import { Chart, ChartGroup } from '@/ui/chart.tsx';
import { percent } from '../objectives/words.ts';

type Signals = Outputs['topology']['signals'];

const perSecond = (value: number): string => `${Number(value.toPrecision(3))}/s`;
const ms = (value: number): string => `${Number(value.toPrecision(3))} ms`;
const bytes = (value: number): string =>
  value >= 1e6
    ? `${Number((value / 1e6).toPrecision(3))} MB/s`
    : value >= 1e3
      ? `${Number((value / 1e3).toPrecision(3))} kB/s`
      : `${Number(value.toPrecision(3))} B/s`;

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
          format={perSecond}
          lines={[
            { name: 'in', values: inbound?.rate ?? none, tone: 'accent' },
            { name: 'out', values: outbound?.rate ?? none, tone: 'idle', dashed: true },
          ]}
        />
        <Chart
          title="Errors"
          times={times}
          format={(value) => percent(value)}
          lines={[
            { name: 'in', values: inbound?.errorShare ?? none, tone: 'bad' },
            { name: 'out', values: outbound?.errorShare ?? none, tone: 'warn', dashed: true },
          ]}
        />
        <Chart
          title="Latency"
          times={times}
          format={ms}
          lines={[
            { name: 'p50', values: inbound?.p50Ms ?? none, tone: 'idle' },
            { name: 'p95', values: inbound?.p95Ms ?? none, tone: 'accent' },
            { name: 'p99', values: inbound?.p99Ms ?? none, tone: 'warn', dashed: true },
          ]}
        />
        <Chart
          title="Bytes in"
          times={times}
          format={bytes}
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
