import type { Outputs } from '@/lib/session.tsx';
import { StatusIcon, statusWord } from './status.tsx';

type Check = Outputs['mesh']['precheck']['checks'][number];

const order = ['error', 'warning', 'info', 'ok'];

/** What a check found, the worst first, each with its remedy. */
export function Checks({ items }: { items: Check[] }) {
  if (items.length === 0) return <p className="text-sm text-ink-3">Nothing stands in the way.</p>;
  const sorted = items.toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
  return (
    <ul className="flex flex-col gap-2.5">
      {sorted.map((check, i) => (
        <li key={`${check.name}-${i}`} className="flex items-start gap-2.5">
          <span className="pt-0.5">
            <StatusIcon status={check.severity} size={15} />
          </span>
          <span className="min-w-0">
            <span className="sr-only">{statusWord(check.severity)}: </span>
            <span className="block break-words">{check.message}</span>
            {check.fix ? <span className="block text-xs text-ink-3">{check.fix}</span> : null}
          </span>
        </li>
      ))}
    </ul>
  );
}
