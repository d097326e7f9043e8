'use client';

import { WifiOff } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { clockTime, relativeTime } from '@/lib/format.ts';
import { liveState } from '@/lib/live.ts';
import { useNow } from '@/lib/use-now.ts';

const server = { status: 'connecting' as const, freshAtMs: 0 };

/** Says when the connection is lost, and since when what is shown may be old. */
export function LiveBanner() {
  const live = useSyncExternalStore(liveState.subscribe, liveState.get, () => server);
  const now = useNow();
  if (live.status !== 'lost' || now - live.freshAtMs < 3000) return null;
  const since = new Date(live.freshAtMs).toISOString();
  return (
    <div
      role="status"
      className="flex items-center gap-2 border-b border-line bg-warn-soft px-4 py-1.5 text-sm text-ink"
    >
      <WifiOff size={14} className="shrink-0 text-warn" aria-hidden="true" />
      <span>
        Connection lost; trying again. What you see is from{' '}
        <span className="tnum">{clockTime(since)}</span> ({relativeTime(since, now)}).
      </span>
    </div>
  );
}
