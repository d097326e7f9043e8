'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { cn } from '@/lib/cn.ts';

interface Props {
  label: string;
  /** Of each view: its address and what it is called. */
  views: readonly (readonly [href: string, label: string])[];
}

/** The views of one page below its tabs, each with an address of its own. */
export function ViewLinks({ label, views }: Props) {
  const here = usePathname();
  return (
    <nav aria-label={label} className="mb-4">
      <ul className="flex flex-wrap gap-1">
        {views.map(([href, name]) => (
          <li key={href}>
            <Link
              href={href}
              aria-current={here === href ? 'page' : undefined}
              className={cn(
                'inline-flex h-7 items-center rounded-md px-2.5 text-sm text-ink-2 hover:bg-hover',
                here === href && 'bg-accent-soft font-medium text-ink',
              )}
            >
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
