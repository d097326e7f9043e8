'use client';

import { Tabs as Base } from '@base-ui/react/tabs';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { cn } from '@/lib/cn.ts';
import { NavLink } from './nav-link.tsx';

interface LinkTabsProps {
  label: string;
  tabs: { href: string; label: string; count?: number; exact?: boolean }[];
}

const tab =
  'relative inline-flex h-9 items-center gap-1.5 px-0.5 text-sm whitespace-nowrap text-ink-2 hover:text-ink';
const active =
  'font-medium text-ink after:absolute after:inset-x-0 after:-bottom-px after:h-0.5 after:rounded-full after:bg-accent';

/** Brings the tab one is on into view where the row of tabs is wider than the screen. */
function intoView(link: HTMLAnchorElement | null) {
  const row = link?.closest('ul');
  if (!link || !row || row.scrollWidth <= row.clientWidth) return;
  row.scrollLeft = link.offsetLeft - row.clientWidth / 2 + link.clientWidth / 2;
}

/** Tabs that are pages of their own: each has an address. */
export function LinkTabs({ label, tabs }: LinkTabsProps) {
  const path = usePathname();
  return (
    <nav aria-label={label} className="mb-5 border-b border-line">
      <ul className="relative -mb-px flex gap-5 overflow-x-auto pb-px [scrollbar-width:none]">
        {tabs.map((each) => {
          const here = each.exact ? path === each.href : path.startsWith(each.href);
          return (
            <li key={each.href}>
              <NavLink
                href={each.href}
                ref={here ? intoView : undefined}
                aria-current={here ? 'page' : undefined}
                className={cn(tab, here && active)}
              >
                {each.label}
                {each.count === undefined ? null : (
                  <span className="tnum text-xs text-ink-3">{each.count}</span>
                )}
              </NavLink>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

interface TabsProps {
  label: string;
  tabs: { value: string; label: string; content: ReactNode }[];
}

/** Small tabs inside a panel. */
export function Tabs({ label, tabs }: TabsProps) {
  return (
    <Base.Root defaultValue={tabs[0]?.value}>
      <Base.List aria-label={label} className="mb-2 flex gap-4 border-b border-line">
        {tabs.map((each) => (
          <Base.Tab
            key={each.value}
            value={each.value}
            className={cn(
              tab,
              'h-8 data-active:font-medium data-active:text-ink data-active:after:absolute data-active:after:inset-x-0 data-active:after:-bottom-px data-active:after:h-0.5 data-active:after:bg-accent',
            )}
          >
            {each.label}
          </Base.Tab>
        ))}
      </Base.List>
      {tabs.map((each) => (
        <Base.Panel key={each.value} value={each.value} className="outline-offset-4">
          {each.content}
        </Base.Panel>
      ))}
    </Base.Root>
  );
}
