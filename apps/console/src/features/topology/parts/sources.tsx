import { TriangleAlert } from 'lucide-react';
import { clockTime, sentence } from '@/lib/format.ts';
import type { Shown } from '../use-graph.ts';

type Source = Shown['answer']['sources'][number];

const words = {
  partial: 'answered in part',
  failed: 'does not answer',
  pending: 'has not answered yet',
  ok: 'answers',
} as const;

const kindOf = ({ kind, name }: Source): string =>
  kind === 'prometheus' ? `Prometheus ${name}` : name || 'The agent';

/** Which source is not well, since when, and what to do; nothing when all are. */
export function SourceNotes(props: { sources: Source[]; message: string; isPast?: boolean }) {
  const { sources, message, isPast = false } = props;
  const unwell = sources.filter(({ state }) => state === 'partial' || state === 'failed');
  if (unwell.length === 0 && message === '') return null;
  return (
    <div
      role="status"
      className="flex items-start gap-2 rounded-md border border-[color-mix(in_oklab,var(--warn)_40%,transparent)] bg-warn-soft px-2.5 py-1.5 text-xs text-ink"
    >
      <TriangleAlert size={13} className="mt-0.5 shrink-0 text-warn" aria-hidden="true" />
      <ul className="min-w-0">
        {unwell.map((source) => (
          <li key={`${source.integrationId}${source.clusterId}${source.name}`}>
            <span className="font-medium">{kindOf(source)}</span>{' '}
            {isPast && source.state === 'failed'
              ? 'tells nothing of that moment'
              : words[source.state]}
            {source.asOf ? (
              <span suppressHydrationWarning>; what it told is of {clockTime(source.asOf)}</span>
            ) : null}
            . {source.problems.map(sentence).join(' ')}
          </li>
        ))}
        {unwell.length === 0 ? <li>{sentence(message)}</li> : null}
      </ul>
    </div>
  );
}
