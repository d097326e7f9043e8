'use client';

import {
  cloneElement,
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
  Suspense,
  useState,
} from 'react';
import { loadedLater } from '@/lib/loaded.tsx';

const { load, part } = loadedLater(() => import('./menu-impl.tsx'));

export { load as loadMenu };

export interface MenuProps {
  trigger: ReactElement<Record<string, unknown>>;
  children: ReactNode;
  align?: 'start' | 'end';
  side?: 'top' | 'bottom' | 'right';
  className?: string;
}

const Impl = part('MenuImpl');
export const MenuItem = part('MenuItem');
export const MenuGroup = part('MenuGroup');
export const MenuChoice = part('MenuChoice');
export const MenuCheck = part('MenuCheck');
export const MenuSeparator = part('MenuSeparator');

/** A menu behind a button. */
export function Menu(props: MenuProps) {
  const [wanted, setWanted] = useState(false);
  const idle = cloneElement(props.trigger, {
    'aria-haspopup': 'menu',
    'aria-expanded': false,
    onClick: () => setWanted(true),
    onPointerEnter: () => void load(),
    onFocus: () => void load(),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
      event.preventDefault();
      setWanted(true);
    },
  });
  if (!wanted) return idle;
  return (
    <Suspense fallback={idle}>
      <Impl {...props} />
    </Suspense>
  );
}
