'use client';

import { useQuery } from '@tanstack/react-query';
import { Menu as MenuIcon, Search } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import { errorBody } from '@/lib/errors.ts';
import { loadedLater } from '@/lib/loaded.tsx';
import { chooseOrganisation, chosenOrganisation } from '@/lib/organisation.ts';
import { MeContext } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { IconButton } from '@/ui/button.tsx';
import { loadDialog } from '@/ui/dialog.tsx';
import { Mark } from '@/ui/mark.tsx';
import { loadMenu } from '@/ui/menu.tsx';
import { ErrorState } from '@/ui/states.tsx';
import { AccountMenu } from './account-menu.tsx';
import { Breadcrumb } from './breadcrumb.tsx';
import { beginParts } from './early-parts.ts';
import { LiveBanner } from './live-banner.tsx';
import { loadTray, OperationsTray } from './operations-tray.tsx';
import { Rail } from './rail.tsx';
import { useLive } from './use-live.ts';

if (typeof window !== 'undefined') beginParts(window.location.pathname);

const palettePart = loadedLater(() => import('./palette.tsx'));
const Palette = palettePart.part('Palette');
const RailDrawer = lazy(() => import('./rail-drawer.tsx').then((m) => ({ default: m.RailDrawer })));

/** Menus, dialogs and palette are fetched when the page has settled, so that they open at once. */
const loadEarlyAfterMs = 1500;

/** Everything around a page; pages inside know who is signed in. */
export function Shell({ children }: { children: ReactNode }) {
  const trpc = useTRPC();
  const me = useQuery(trpc.me.get.queryOptions({}));
  const code = me.error ? errorBody(me.error).code : null;

  useEffect(() => {
    const gone = code === 'forbidden' || code === 'not_found';
    if (!gone || !chosenOrganisation()) return;
    chooseOrganisation(null);
    window.location.reload();
  }, [code]);

  if (me.data) return <MeContext value={me.data}>{<Frame>{children}</Frame>}</MeContext>;
  if (code && code !== 'unauthenticated')
    return (
      <main className="mx-auto flex min-h-dvh max-w-xl items-center justify-center">
        <ErrorState error={me.error} what="your account" onRetry={() => void me.refetch()} />
      </main>
    );
  return (
    <div
      role="status"
      aria-label="Loading Ambit"
      className="flex min-h-dvh items-center justify-center text-accent"
    >
      <Mark size={32} className="animate-pulse" />
    </div>
  );
}

function Frame({ children }: { children: ReactNode }) {
  const [railOpen, setRailOpen] = useState(false);
  const [palette, setPalette] = useState<'never' | 'open' | 'closed'>('never');
  useLive();

  useEffect(() => {
    const early = () =>
      void Promise.all([loadMenu(), loadDialog(), loadTray(), palettePart.load()]);
    // What is on the page comes first; a browser that cannot tell when it is idle does it then.
    const whenIdle = () =>
      typeof requestIdleCallback === 'function' ? requestIdleCallback(early) : early();
    const timer = setTimeout(whenIdle, loadEarlyAfterMs);
    return () => clearTimeout(timer);
  }, []);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.metaKey || event.ctrlKey)) return;
      event.preventDefault();
      setPalette((state) => (state === 'open' ? 'closed' : 'open'));
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);

  return (
    <div className="min-h-dvh lg:pl-56">
      <a
        href="#content"
        className="fixed top-2 left-2 z-60 -translate-y-16 rounded-md bg-accent px-3 py-1.5 text-accent-ink focus:translate-y-0"
      >
        Skip to the content
      </a>
      <div className="fixed inset-y-0 left-0 z-20 hidden w-56 border-r border-line bg-canvas lg:block">
        <Rail />
      </div>
      <header className="sticky top-0 z-20 border-b border-line bg-canvas">
        <div className="flex h-12 items-center gap-2 px-3 md:px-6">
          <div className="lg:hidden">
            <button
              type="button"
              aria-label="Menu"
              aria-haspopup="dialog"
              aria-expanded={railOpen}
              onClick={() => setRailOpen(true)}
              className="inline-flex size-8 items-center justify-center rounded-md text-ink-2 hover:bg-hover"
            >
              <MenuIcon size={17} aria-hidden="true" />
            </button>
          </div>
          <Breadcrumb />
          <button
            type="button"
            onClick={() => setPalette('open')}
            className="hidden h-8 w-56 items-center gap-2 rounded-md border border-line-strong bg-surface px-2.5 text-sm text-ink-3 hover:border-ink-3 md:flex"
          >
            <Search size={14} aria-hidden="true" />
            <span className="grow text-left">Search or do</span>
            <kbd className="rounded border border-line px-1 font-mono text-2xs">Ctrl K</kbd>
          </button>
          <div className="md:hidden">
            <IconButton label="Search or do" onClick={() => setPalette('open')}>
              <Search size={16} aria-hidden="true" />
            </IconButton>
          </div>
          <OperationsTray />
          <AccountMenu />
        </div>
        <LiveBanner />
      </header>
      <main
        id="content"
        tabIndex={-1}
        className="mx-auto max-w-[1360px] px-3 py-5 outline-none md:px-6"
      >
        {children}
      </main>
      <Suspense>
        {railOpen ? <RailDrawer open onOpenChange={setRailOpen} /> : null}
        {palette === 'never' ? null : (
          <Palette
            open={palette === 'open'}
            onOpenChange={(open) => setPalette(open ? 'open' : 'closed')}
          />
        )}
      </Suspense>
    </div>
  );
}
