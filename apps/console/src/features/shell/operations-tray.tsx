'use client';

import { Popover } from '@base-ui/react/popover';
import { useQuery } from '@tanstack/react-query';
import { Activity } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import { cn } from '@/lib/cn.ts';
import { count } from '@/lib/format.ts';
import { paths } from '@/lib/paths.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { OperationLine } from '@/features/operations/operation-line.tsx';

/** Small live badge of what is under way; opens a tray with each operation and what it is doing. */
export function OperationsTray() {
  const [open, setOpen] = useState(false);
  const trpc = useTRPC();
  const running = useQuery(trpc.operation.list.queryOptions({ unfinished: true, limit: 20 }));
  const recent = useQuery(trpc.operation.list.queryOptions({ limit: 5 }, { enabled: open }));
  const now = running.data?.items ?? [];
  const done = (recent.data?.items ?? []).filter((each) => each.finishedAt);
  const label = now.length
    ? `${count(now.length, 'operation')} running`
    : 'No operation is running';
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger
        aria-label={label}
        className={cn(
          'inline-flex h-8 items-center gap-1.5 rounded-md px-2 text-sm',
          now.length ? 'bg-busy-soft text-busy' : 'text-ink-2 hover:bg-hover hover:text-ink',
        )}
      >
        <Activity size={15} aria-hidden="true" className={now.length ? 'animate-pulse' : ''} />
        {now.length ? <span className="tnum font-medium">{now.length}</span> : null}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner align="end" sideOffset={8} className="z-50">
          <Popover.Popup className="w-96 max-w-[calc(100vw-24px)] rounded-lg border border-line-strong bg-raised shadow-pop outline-none">
            <Popover.Title className="border-b border-line px-3 py-2 text-sm font-semibold">
              {label}
            </Popover.Title>
            <ul className="max-h-[60vh] divide-y divide-line overflow-y-auto">
              {[...now, ...done].map((operation) => (
                <li key={operation.id}>
                  <OperationLine operation={operation} onGo={() => setOpen(false)} />
                </li>
              ))}
            </ul>
            <div className="border-t border-line px-3 py-2">
              <Link
                href={paths.operations()}
                onClick={() => setOpen(false)}
                className="text-sm text-accent hover:underline"
              >
                All operations
              </Link>
            </div>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
