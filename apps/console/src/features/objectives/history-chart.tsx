'use client';

import { exactShareText } from '@/lib/format.ts';
import type { Outputs } from '@/lib/session.tsx';
import { Chart } from '@/ui/chart.tsx';

type Point = Outputs['objective']['status']['history'][number];

/** The share of bad requests over time, with what is allowed; where nobody told there is a gap. */
export function HistoryChart({ history, target }: { history: Point[]; target: number }) {
  const times = history.map(({ to }) => Date.parse(to));
  const bad = history.map(({ good, total, coverage }) =>
    coverage > 0 && total > 0 ? (total - good) / total : coverage > 0 ? 0 : null,
  );
  return (
    <Chart
      title="Bad requests"
      times={times}
      format={(value) => exactShareText(value)}
      lines={[
        { name: 'bad', values: bad, tone: 'bad' },
        {
          name: 'allowed',
          values: times.map(() => 1 - target),
          tone: 'idle',
          dashed: true,
          reference: true,
        },
      ]}
    />
  );
}
