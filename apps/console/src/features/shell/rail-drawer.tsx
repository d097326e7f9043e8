'use client';

import { Dialog } from '@base-ui/react/dialog';
import { Rail } from './rail.tsx';

/** The rail on small screens, over the page. */
export function RailDrawer(props: { open: boolean; onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog.Root open={props.open} onOpenChange={props.onOpenChange}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-scrim" />
        <Dialog.Popup className="fixed inset-y-0 left-0 z-40 w-64 border-r border-line bg-canvas shadow-pop outline-none">
          <Dialog.Title className="sr-only">Menu</Dialog.Title>
          <Rail onGo={() => props.onOpenChange(false)} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
