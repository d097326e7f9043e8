import { exactShareText } from '@/lib/format.ts';
import { cn } from '@/lib/cn.ts';
import { StatusIcon } from '@/ui/status.tsx';
import { statusOf, wordOf } from './words.ts';

/** What is left of a budget: a bar and its number. */
export function Budget({ left, state }: { left: number | null; state: string }) {
  if (left === null) return <span className="text-ink-3">–</span>;
  const tone = left <= 0 ? 'bg-bad' : left < 0.25 || state === 'burning' ? 'bg-warn' : 'bg-ok';
  return (
    <span className="flex items-center justify-end gap-2">
      <span className="tnum w-16 text-right">{exactShareText(left)}</span>
      <span
        aria-hidden="true"
        className="h-1.5 w-16 max-sm:hidden overflow-hidden rounded-full bg-idle-soft"
      >
        <span
          className={cn('block h-full rounded-full', tone)}
          style={{ width: `${Math.max(0, Math.min(1, left)) * 100}%` }}
        />
      </span>
    </span>
  );
}

export function ObjectiveState({ state }: { state: string }) {
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap" data-status={state}>
      <StatusIcon status={statusOf[state] ?? 'Unknown'} />
      {wordOf(state)}
    </span>
  );
}
