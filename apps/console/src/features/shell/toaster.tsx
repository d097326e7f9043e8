'use client';

import { useSyncExternalStore } from 'react';
import { Toaster as Sonner } from 'sonner';
import { themeStore } from '@/lib/theme.ts';

export function Toaster() {
  const theme = useSyncExternalStore(themeStore.subscribe, themeStore.get, themeStore.getServer);
  return (
    <Sonner
      theme={theme}
      position="bottom-right"
      closeButton
      toastOptions={{
        style: {
          background: 'var(--raised)',
          color: 'var(--ink)',
          border: '1px solid var(--line-strong)',
          fontFamily: 'var(--font-sans)',
        },
        classNames: {
          description: '!text-ink-2',
          success: '[&_[data-icon]]:text-ok',
          error: '[&_[data-icon]]:text-bad',
        },
      }}
    />
  );
}
