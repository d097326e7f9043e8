'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { useTRPCClient } from '@/lib/trpc.tsx';
import { Select } from '@/ui/field.tsx';

const spans = ['1h', '6h', '24h', '72h'] as const;
type Span = (typeof spans)[number];

const hoursAgo = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();

/**
 * The golden signals of something over the time span that the address of the page names.
 * @param subject id of a node of the graph
 */
export function useSignals(meshId: string, subject: string) {
  const client = useTRPCClient();
  const [span, setSpan] = useQueryState('span', parseAsStringLiteral(spans).withDefault('1h'));
  const query = useQuery({
    queryKey: [['topology', 'signals'], { input: { meshId, subject, span }, type: 'span' }],
    queryFn: () =>
      client.topology.signals.query({
        meshId,
        subject,
        from: hoursAgo(Number.parseInt(span, 10)),
      }),
    // Half a step of what is shown: between two steps nothing comes.
    refetchInterval: ({ state }) => Math.max(15, (state.data?.stepS ?? 0) / 2) * 1_000,
    placeholderData: keepPreviousData,
  });
  return { query, span, setSpan };
}

interface Props {
  span: Span;
  onChange: (span: Span) => unknown;
}

/** Chooses the time span of signals. */
export function TimeSpan({ span, onChange }: Props) {
  return (
    <Select
      aria-label="Time span"
      value={span}
      onChange={(event) => void onChange(event.target.value as Span)}
    >
      {spans.map((each) => (
        <option key={each} value={each}>
          last {each.replace('h', ' h')}
        </option>
      ))}
    </Select>
  );
}
