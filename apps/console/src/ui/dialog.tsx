'use client';

import { type ReactNode, Suspense, useState } from 'react';
import { loadedLater } from '@/lib/loaded.tsx';

export interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  children: ReactNode;
  /** Buttons at the bottom, the main one last. */
  footer?: ReactNode;
  width?: 'sm' | 'md' | 'lg' | 'xl';
}

const { load, part } = loadedLater(() => import('./dialog-impl.tsx'));
const Impl = part('DialogImpl');

export { load as loadDialog };

/** A modal dialog. Its code is loaded when one opens for the first time. */
export function Dialog(props: DialogProps) {
  const [wanted, setWanted] = useState(props.open);
  if (props.open && !wanted) setWanted(true);
  if (!wanted) return null;
  return (
    <Suspense>
      <Impl {...props} />
    </Suspense>
  );
}
