import { CircleX } from 'lucide-react';
import { count } from '@/lib/format.ts';

/** How many spans failed: in words, with a mark, never by colour alone. */
export function FailedSpans({ count: failed }: { count: number | null }) {
  if (failed === null) return <span className="text-ink-3">not told</span>;
  if (failed === 0) return <span className="text-ink-3">none</span>;
  return (
    <span className="inline-flex items-center gap-1 text-bad">
      <CircleX size={13} aria-hidden="true" /> {count(failed, 'span')}
    </span>
  );
}
