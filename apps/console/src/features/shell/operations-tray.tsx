'use client';

import { useQuery } from '@tanstack/react-query';
import { Activity } from 'lucide-react';
import { Suspense, useState } from 'react';
import { cn } from '@/lib/cn.ts';
import { count } from '@/lib/format.ts';
import { loadedLater } from '@/lib/loaded.tsx';
import { useTRPC } from '@/lib/trpc.tsx';

const { load, part } = loadedLater(() => import('./tray-popover.tsx'));
const TrayPopover = part('TrayPopover');

export { load as loadTray };

/** Small live badge of what is under way; opens a tray with each operation and what it is doing. */
export function OperationsTray() {
  const [wanted, setWanted] = useState(false);
  const trpc = useTRPC();
  const running = useQuery(trpc.operation.list.queryOptions({ unfinished: true, limit: 20 }));
  const now = running.data?.items ?? [];
  const label = now.length
    ? `${count(now.length, 'operation')} running`
    : 'No operation is running';
  const trigger = (
    <button
      type="button"
      aria-label={label}
      aria-haspopup="dialog"
      className={cn(
        'inline-flex h-8 min-w-8 items-center justify-center gap-1.5 rounded-md px-2 text-sm',
        now.length ? 'bg-busy-soft text-busy' : 'text-ink-2 hover:bg-hover hover:text-ink',
      )}
      onClick={wanted ? undefined : () => setWanted(true)}
      onPointerEnter={wanted ? undefined : () => void load()}
    >
      <Activity size={15} aria-hidden="true" className={now.length ? 'animate-pulse' : ''} />
      {now.length ? <span className="tnum font-medium">{now.length}</span> : null}
    </button>
  );
  if (!wanted) return trigger;
  return (
    <Suspense fallback={trigger}>
      <TrayPopover trigger={trigger} label={label} now={now} />
    </Suspense>
  );
}
