'use client';

import { absoluteTime, relativeTime } from '@/lib/format.ts';
import { useEverySecond } from '@/lib/use-now.ts';
import { Tooltip } from './tooltip.tsx';

/** Relative time, the absolute one on hover. Drawn anew only when its words change. */
export function Time({ at, never = 'never' }: { at: string | null; never?: string }) {
  const text = useEverySecond(() => (at ? relativeTime(at, Date.now()) : ''), '');
  if (!at) return <span className="text-ink-3">{never}</span>;
  return (
    <Tooltip content={absoluteTime(at)}>
      <time dateTime={at} className="tnum whitespace-nowrap" suppressHydrationWarning>
        {text}
      </time>
    </Tooltip>
  );
}
