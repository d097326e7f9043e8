'use client';

import { absoluteTime, relativeTickMs, relativeTime } from '@/lib/format.ts';
import { useNow } from '@/lib/use-now.ts';
import { Tooltip } from './tooltip.tsx';

/** Relative time, the absolute one on hover and focus. */
export function Time({ at, never = 'never' }: { at: string | null; never?: string }) {
  const tick = at ? relativeTickMs(at, Date.now()) : 60_000;
  const now = useNow(tick);
  if (!at) return <span className="text-ink-3">{never}</span>;
  return (
    <Tooltip content={absoluteTime(at)}>
      <time dateTime={at} className="tnum whitespace-nowrap" suppressHydrationWarning>
        {relativeTime(at, now)}
      </time>
    </Tooltip>
  );
}
