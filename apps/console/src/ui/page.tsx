'use client';

import type { ReactNode } from 'react';
import { cn } from '@/lib/cn.ts';

interface HeaderProps {
  title: ReactNode;
  /** Beside the title: a status. */
  badge?: ReactNode;
  /** One sentence: how the thing is, and what, if anything, to do. */
  lead?: ReactNode;
  actions?: ReactNode;
}

export function PageHeader({ title, badge, lead, actions }: HeaderProps) {
  return (
    <header className="mb-5 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="min-w-0 grow basis-72">
        <div className="flex min-h-8 flex-wrap items-center gap-x-3 gap-y-1">
          <h1 className="min-w-0 text-xl font-semibold tracking-[-0.01em] break-words">{title}</h1>
          {badge}
        </div>
        {lead ? <div className="mt-0.5 max-w-3xl text-base text-ink-2">{lead}</div> : null}
      </div>
      {actions ? <div className="flex flex-wrap items-center gap-2">{actions}</div> : null}
    </header>
  );
}

interface SectionProps {
  title: string;
  text?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  /** Without the frame, for tables that bring their own. */
  bare?: boolean;
  className?: string;
}

export function Section({ title, text, actions, children, bare, className }: SectionProps) {
  return (
    <section aria-label={title} className={cn('min-w-0', className)}>
      <div className="mb-2 flex flex-wrap items-end justify-between gap-x-4 gap-y-1">
        <div className="min-w-0">
          <h2 className="text-base font-semibold">{title}</h2>
          {text ? <p className="text-sm text-ink-3">{text}</p> : null}
        </div>
        {actions}
      </div>
      {bare ? children : <div className="card p-4">{children}</div>}
    </section>
  );
}

/** Names and values in two columns that fold at small widths. */
export function Facts({ items }: { items: [name: string, value: ReactNode][] }) {
  return (
    <dl className="grid grid-cols-[repeat(auto-fill,minmax(150px,1fr))] gap-x-6 gap-y-3">
      {items.map(([name, value]) => (
        <div key={name} className="min-w-0">
          <dt className="text-xs text-ink-3">{name}</dt>
          <dd className="mt-0.5 min-w-0 text-sm break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A row of figures with their units. */
export function Numbers(props: {
  items: { label: string; value: ReactNode; note?: ReactNode; href?: string }[];
}) {
  return (
    <dl className="card grid grid-cols-2 divide-line max-md:gap-y-px md:grid-flow-col md:auto-cols-fr md:grid-cols-none md:divide-x">
      {props.items.map((item) => (
        <div key={item.label} className="min-w-0 px-4 py-3">
          <dt className="text-xs text-ink-3">{item.label}</dt>
          <dd className="tnum mt-0.5 text-lg font-semibold">{item.value}</dd>
          {item.note ? <dd className="text-xs text-ink-3">{item.note}</dd> : null}
        </div>
      ))}
    </dl>
  );
}
