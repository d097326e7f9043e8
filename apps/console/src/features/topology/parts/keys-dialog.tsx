'use client';

import { Dialog } from '@/ui/dialog.tsx';

const keys: [key: string, says: string][] = [
  ['← → ↑ ↓', 'walk to the neighbour in that direction'],
  ['Enter', 'open the details of what is selected'],
  ['f', 'focus on it; again for the whole graph'],
  ['/', 'find by name'],
  ['+ −', 'nearer, farther'],
  ['0', 'show all'],
  ['t', 'show as a table'],
  ['Esc', 'let go of the selection, then of the focus'],
];

/** The keys that work when the graph has the focus. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title="Keys of the graph"
      description="They work while the graph has the focus: press Tab until its border lights up, or click it."
      width="sm"
    >
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 text-sm">
        {keys.map(([key, says]) => (
          <div key={key} className="contents">
            <dt>
              <kbd className="rounded border border-line-strong px-1.5 font-mono text-xs">
                {key}
              </kbd>
            </dt>
            <dd>{says}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
