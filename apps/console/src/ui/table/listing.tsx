'use client';

import { ErrorState } from '@/ui/states.tsx';
import { DataTable, TableSkeleton, type TableProps } from './table.tsx';

interface Props<T> extends Omit<TableProps<T>, 'rows' | 'complete'> {
  list: {
    data: { items: T[]; complete?: boolean } | undefined;
    error: unknown;
    refetch: () => unknown;
  };
  /** Rows of the frame that is drawn while the first ones are under way. */
  skeletonRows?: number;
}

/** A list as it is now: on its way, not to be had (with the reason and a retry), or a table. */
export function Listing<T>({ list, skeletonRows, ...table }: Props<T>) {
  if (list.data) {
    const { items, complete } = list.data;
    return <DataTable {...table} rows={items} {...(complete === undefined ? {} : { complete })} />;
  }
  if (!list.error) return <TableSkeleton {...(skeletonRows ? { rows: skeletonRows } : {})} />;
  return (
    <div className="card">
      <ErrorState
        error={list.error}
        what={`the ${table.noun[1]}`}
        onRetry={() => void list.refetch()}
      />
    </div>
  );
}
