import type { Condition } from '@ambit/contracts/common';
import { StatusIcon } from './status.tsx';
import { Time } from './time.tsx';

/** Types of condition that are good news when False. */
const bad = /(Degraded|Drift|Failed|Failing|Conflict|Stale|Blocked|Pressure)$/;

function iconOf(condition: Condition): string {
  if (condition.status === 'Unknown') return 'Unknown';
  if (condition.type === 'Progressing')
    return condition.status === 'True' ? 'Progressing' : 'Ready';
  const good = (condition.status === 'True') !== bad.test(condition.type);
  if (good) return 'Ready';
  return /progress|pending|waiting|applying/i.test(condition.reason) ? 'Progressing' : 'Degraded';
}

/** Conditions as Kubernetes has them: type, status, reason, message and since when. */
export function Conditions({ items }: { items: Condition[] }) {
  if (items.length === 0)
    return <p className="text-sm text-ink-3">No conditions are reported yet.</p>;
  return (
    <ul className="divide-y divide-line">
      {items.map((condition) => (
        <li
          key={condition.type}
          className="grid grid-cols-[16px_minmax(0,1fr)] items-start gap-x-3 gap-y-0.5 py-2.5 first:pt-0 last:pb-0 md:grid-cols-[16px_180px_minmax(0,1fr)_auto]"
        >
          <span className="pt-0.5">
            <StatusIcon status={iconOf(condition)} size={16} />
          </span>
          <span className="min-w-0">
            <span className="block font-medium break-words">{condition.type}</span>
            <span className="block text-xs break-words text-ink-3">
              {condition.status} · {condition.reason}
            </span>
          </span>
          <span className="text-ink-2 max-md:col-start-2">
            {condition.message || 'No message.'}
          </span>
          <span className="text-xs text-ink-3 max-md:col-start-2">
            <Time at={condition.lastTransitionTime} />
          </span>
        </li>
      ))}
    </ul>
  );
}
