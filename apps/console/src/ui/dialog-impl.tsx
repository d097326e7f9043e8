'use client';

import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { cn } from '@/lib/cn.ts';
import type { DialogProps } from './dialog.tsx';

const widths = { sm: 'max-w-md', md: 'max-w-xl', lg: 'max-w-3xl', xl: 'max-w-5xl' };

export function DialogImpl({
  open,
  onOpenChange,
  title,
  description,
  children,
  footer,
  width = 'md',
}: DialogProps) {
  return (
    <Base.Root open={open} onOpenChange={onOpenChange}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-scrim transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Base.Viewport className="fixed inset-0 z-40 flex items-start justify-center overflow-y-auto px-3 py-[6vh]">
          <Base.Popup
            className={cn(
              'flex w-full flex-col rounded-xl border border-line bg-raised shadow-pop transition-[opacity,transform] duration-150 data-ending-style:scale-[0.985] data-ending-style:opacity-0 data-starting-style:scale-[0.985] data-starting-style:opacity-0',
              widths[width],
            )}
          >
            <header className="flex items-start gap-4 px-5 pt-4 pb-1">
              <div className="min-w-0 grow">
                <Base.Title className="text-lg font-semibold text-balance">{title}</Base.Title>
                {description ? (
                  <Base.Description className="mt-0.5 text-sm text-ink-2">
                    {description}
                  </Base.Description>
                ) : null}
              </div>
              <Base.Close
                aria-label="Close"
                className="-mr-1.5 inline-flex size-8 items-center justify-center rounded-md text-ink-3 hover:bg-hover hover:text-ink"
              >
                <X size={16} aria-hidden="true" />
              </Base.Close>
            </header>
            <div className="min-w-0 px-5 py-3">{children}</div>
            {footer ? (
              <footer className="flex flex-wrap items-center justify-end gap-2 border-t border-line px-5 py-3">
                {footer}
              </footer>
            ) : null}
          </Base.Popup>
        </Base.Viewport>
      </Base.Portal>
    </Base.Root>
  );
}
