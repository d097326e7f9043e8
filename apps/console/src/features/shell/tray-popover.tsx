'use client';

import { Popover } from '@base-ui/react/popover';
import type { LifecycleOperation } from '@ambit/contracts/lifecycle';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { type ReactElement, useState } from 'react';
import { OperationLine } from '@/features/operations/operation-line.tsx';
import { paths } from '@/lib/paths.ts';
import { useTRPC } from '@/lib/trpc.tsx';

interface Props {
  trigger: ReactElement<Record<string, unknown>>;
  label: string;
  now: LifecycleOperation[];
}

/** The tray: what is under way, then what finished last. */
export function TrayPopover({ trigger, label, now }: Props) {
  const [open, setOpen] = useState(true);
  const trpc = useTRPC();
  const recent = useQuery(trpc.operation.list.queryOptions({ limit: 5 }, { enabled: open }));
  const done = (recent.data?.items ?? []).filter((each) => each.finishedAt);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger render={trigger} />
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
            {now.length + done.length === 0 ? (
              <p className="px-3 py-4 text-ink-3">Creating or changing a mesh shows up here.</p>
            ) : null}
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
