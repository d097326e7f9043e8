'use client';

import { count } from '@/lib/format.ts';
import { Button } from '@/ui/button.tsx';
import { Note } from '@/ui/states.tsx';
import { perMonth, type Waypoint } from './words.ts';

interface Props {
  items: readonly Waypoint[];
  /** Only these are shown. */
  shown: boolean;
  onShow: (shown: boolean | null) => void;
}

/** Waypoints to which nothing of L7 is bound, and what they cost while they do nothing. */
export function ReclaimNote({ items, shown, onShow }: Props) {
  const idle = items.filter(({ reclaimable, state }) => reclaimable && state !== 'Unknown');
  if (idle.length === 0 && !shown) return null;
  const costs = new Map<string, number>();
  for (const { costPerHour, currency } of idle) {
    if (costPerHour !== null) {
      costs.set(currency ?? '', (costs.get(currency ?? '') ?? 0) + costPerHour);
    }
  }
  const cost = [...costs].map(([currency, sum]) => perMonth(sum, currency)).join(' and ');
  return (
    <div className="mb-3">
      <Note
        title={`${count(idle.length, 'waypoint')} could be released`}
        action={
          <Button size="sm" aria-pressed={shown} onClick={() => onShow(shown ? null : true)}>
            {shown ? 'Show all' : 'Show them'}
          </Button>
        }
      >
        Nothing of L7 is bound to {idle.length === 1 ? 'it' : 'them'}: L4 alone would do the same.
        {cost ? ` ${idle.length === 1 ? 'It costs' : 'They cost'} ${cost}.` : ''} Releasing keeps
        encryption and L4 policies as they are.
      </Note>
    </div>
  );
}
