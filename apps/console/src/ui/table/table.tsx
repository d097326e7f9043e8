'use client';

import { type ReactNode, Suspense, useEffect } from 'react';
import { loadedLater } from '@/lib/loaded.tsx';
import type { Column } from './types.ts';

export interface TableProps<T> {
  /** Name of the export files and of the kept column choice. */
  name: string;
  /** Accessible name. */
  label: string;
  noun: [one: string, many: string];
  columns: Column<T>[];
  rows: T[];
  rowKey: (row: T) => string;
  /** Page of a row; the first column should hold the link. */
  href?: (row: T) => string;
  defaultSort?: string;
  /** Prefix of `q` and `sort` in the URL, for the second table of a page. */
  urlPrefix?: string;
  complete?: boolean;
  /** Shown instead of the table when there are no rows at all. */
  empty: ReactNode;
  toolbar?: ReactNode;
}

const { load, part } = loadedLater(() => import('./data-table.tsx'));
const Impl = part('DataTableImpl');

/** A table to filter, sort and export. Its code is loaded while the first rows are under way. */
export function DataTable<T>(props: TableProps<T>) {
  return (
    <Suspense fallback={<TableSkeleton />}>
      <Impl {...(props as TableProps<unknown>)} />
    </Suspense>
  );
}

/** A table while its first rows are under way: the same frame, so that nothing jumps. */
export function TableSkeleton({ rows = 6 }: { rows?: number }) {
  useEffect(() => void load(), []);
  return (
    <div role="status" aria-label="Loading" className="card overflow-hidden">
      <div className="flex h-12 items-center border-b border-line px-3">
        <div className="skeleton h-8 w-56 max-w-full" />
      </div>
      <div className="h-9 border-b border-line" />
      {Array.from({ length: rows }, (_, i) => (
        <div
          key={i}
          className="flex h-10 items-center gap-6 border-b border-line px-3 last:border-0"
        >
          <div className="skeleton h-3.5 w-1/4" />
          <div className="skeleton h-3.5 w-1/6" />
          <div className="skeleton h-3.5 w-1/3 max-sm:hidden" />
        </div>
      ))}
    </div>
  );
}
