'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { useTRPCClient } from '@/lib/trpc.tsx';
import { Select } from '@/ui/field.tsx';

const spans = ['1h', '6h', '24h', '72h'] as const;
export type Span = (typeof spans)[number];

/** The time span that the address of the page names. */
function useSpan() {
  return useQueryState('span', parseAsStringLiteral(spans).withDefault('1h'));
}

/** The first moment of a time span that ends now. */
export const beginOf = (span: Span): string =>
  new Date(Date.now() - Number.parseInt(span, 10) * 3_600_000).toISOString();

/** Half a step of what is shown: between two steps nothing comes. */
export const refetchAfterMs = (stepS: number | undefined): number =>
  Math.max(15, (stepS ?? 0) / 2) * 1_000;

/**
 * The golden signals of something over the time span that the address of the page names.
 * @param subject id of a node of the graph; null: nothing is asked
 */
export function useSignals(meshId: string, subject: string | null) {
  const client = useTRPCClient();
  const [span, setSpan] = useSpan();
  const query = useQuery({
    queryKey: [['topology', 'signals'], { input: { meshId, subject, span }, type: 'span' }],
    queryFn: () =>
      client.topology.signals.query({ meshId, subject: subject ?? '', from: beginOf(span) }),
    enabled: subject !== null,
    refetchInterval: ({ state }) => refetchAfterMs(state.data?.stepS),
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
