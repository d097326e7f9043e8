'use client';

import { useRouter } from 'next/navigation';
import { memo, type MouseEvent } from 'react';
import { cn } from '@/lib/cn.ts';
import { type Column, hideClass } from './types.ts';

interface Props {
  row: unknown;
  index: number;
  height: number;
  columns: Column<unknown>[];
  href: ((row: unknown) => string) | undefined;
}

/** One row; drawn anew only when its data or the columns change, so that scrolling stays smooth. */
export const BodyRow = memo(function BodyRow({ row, index, height, columns, href }: Props) {
  const router = useRouter();
  const open = (event: MouseEvent) => {
    if (!href || (event.target as HTMLElement).closest('a, button, input, select, label')) return;
    if (window.getSelection()?.toString()) return;
    if (event.metaKey || event.ctrlKey) window.open(href(row), '_blank');
    else router.push(href(row));
  };
  return (
    <tr
      data-index={index}
      onClick={open}
      className={cn(
        'border-b border-line last:border-b-0 hover:bg-hover focus-within:bg-hover',
        href && 'cursor-pointer',
      )}
      style={{ height }}
    >
      {columns.map((column) => {
        const value = column.value(row) ?? null;
        const text = column.cell || value === null ? undefined : String(value);
        return (
          <td
            key={column.id}
            title={text}
            className={cn(
              'px-3 py-1.5',
              column.wrap ? 'break-words' : 'truncate',
              column.align === 'right' && 'tnum text-right',
              column.hideBelow && hideClass[column.hideBelow],
            )}
          >
            {column.cell ? column.cell(row) : (text ?? '–')}
          </td>
        );
      })}
    </tr>
  );
});
