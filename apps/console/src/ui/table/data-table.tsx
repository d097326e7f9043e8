'use client';

import {
  columnFilteringFeature,
  columnVisibilityFeature,
  createColumnHelper,
  createFilteredRowModel,
  createSortedRowModel,
  globalFilteringFeature,
  rowSortingFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { type KeyboardEvent, lazy, Suspense, useMemo, useRef } from 'react';
import { cn } from '@/lib/cn.ts';
import { count } from '@/lib/format.ts';
import type { Cell } from './export.ts';
import type { TableProps } from './table.tsx';
import { BodyRow } from './body-row.tsx';
import { Toolbar } from './toolbar.tsx';
import { type Column, formatSort, hideClass, parseSort } from './types.ts';
import { useColumnChoice, useTableState } from './use-table-state.ts';

type Row = { original: unknown };

const compare = (a: Cell, b: Cell): number => {
  if (a === b) return 0;
  if (a === null || a === undefined || a === '') return 1;
  if (b === null || b === undefined || b === '') return -1;
  return typeof a === 'number' && typeof b === 'number'
    ? a - b
    : String(a).localeCompare(String(b), 'en', { numeric: true });
};

const features = tableFeatures({
  columnFilteringFeature,
  globalFilteringFeature,
  rowSortingFeature,
  columnVisibilityFeature,
  filteredRowModel: createFilteredRowModel(),
  sortedRowModel: createSortedRowModel(),
});
const helper = createColumnHelper<typeof features, Row>();

/** From this many rows on, only those in view are drawn. */
const virtualFrom = 80;
const rowHeight = 40;

const VirtualRows = lazy(() =>
  import('./virtual-rows.tsx').then((m) => ({ default: m.VirtualRows })),
);

export function DataTableImpl<T>(props: TableProps<T>) {
  const { columns, rows, noun } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const url = useTableState(props.urlPrefix ?? '', props.defaultSort ?? '');
  const choice = useColumnChoice(
    props.name,
    Object.fromEntries(columns.map((column) => [column.id, !column.extra])),
  );
  const definitions = useMemo(
    () =>
      helper.columns(
        columns.map((column) =>
          helper.accessor((row: Row) => column.value(row.original as T), {
            id: column.id,
            header: column.header,
            sortFn: (a, b) =>
              compare(
                column.value(a.original.original as T),
                column.value(b.original.original as T),
              ),
          }),
        ),
      ),
    [columns],
  );
  const data = useMemo<Row[]>(() => rows.map((original) => ({ original })), [rows]);
  const sorting = parseSort(
    url.sort,
    columns.map((column) => column.id),
  );
  const table = useTable({
    features,
    columns: definitions,
    data,
    getRowId: (row) => props.rowKey(row.original as T),
    state: { sorting, globalFilter: url.filter, columnVisibility: choice.shown },
    onSortingChange: (update) =>
      url.setSort(formatSort(typeof update === 'function' ? update(sorting) : update)),
    getColumnCanGlobalFilter: () => true,
    globalFilterFn: (row, id, wanted) =>
      String(row.getValue(id) ?? '')
        .toLowerCase()
        .includes(String(wanted).trim().toLowerCase()),
    enableMultiSort: false,
    enableSortingRemoval: false,
  });

  const shownRows = table.getRowModel().rows;
  const isVirtual = shownRows.length >= virtualFrom;
  const scrollTo = useRef<(index: number) => void>(() => undefined);
  const shownColumns = useMemo(
    () => columns.filter((column, i) => i === 0 || choice.shown[column.id] !== false),
    [columns, choice.shown],
  );

  if (rows.length === 0) return <div className="card">{props.empty}</div>;

  const focusRow = (index: number) => {
    if (index < 0 || index >= shownRows.length) return;
    scrollTo.current(index);
    requestAnimationFrame(() =>
      scroller.current
        ?.querySelector<HTMLElement>(`tr[data-index="${index}"]`)
        ?.querySelector<HTMLElement>('a, button')
        ?.focus(),
    );
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const at = Number((event.target as HTMLElement).closest('tr')?.dataset['index'] ?? NaN);
    if (Number.isNaN(at)) return;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: shownRows.length - 1 }[
      event.key
    ];
    if (to === undefined) return;
    event.preventDefault();
    focusRow(to);
  };
  const renderRow = (index: number) => {
    const row = shownRows[index];
    return row ? (
      <BodyRow
        key={row.id}
        row={row.original.original}
        index={index}
        height={rowHeight}
        columns={shownColumns as Column<unknown>[]}
        href={props.href as ((row: unknown) => string) | undefined}
      />
    ) : null;
  };
  const total = `${props.complete === false ? 'first ' : ''}${count(rows.length, ...noun)}`;

  return (
    <div className="card overflow-hidden">
      <Toolbar
        name={props.name}
        noun={noun[1]}
        columns={columns}
        rows={() => shownRows.map((row) => row.original.original as T)}
        filter={url.filter}
        onFilter={url.setFilter}
        shown={choice.shown}
        onShow={choice.show}
        summary={shownRows.length === rows.length ? total : `${shownRows.length} of ${total}`}
      >
        {props.toolbar}
      </Toolbar>
      <div
        ref={scroller}
        className={cn('overflow-auto', isVirtual && 'max-h-[max(420px,calc(100dvh-260px))]')}
      >
        <table aria-label={props.label} className="w-full table-fixed border-collapse text-sm">
          <thead className="sticky top-0 z-1 bg-surface">
            <tr>
              {shownColumns.map((column) => {
                const sorted = sorting[0]?.id === column.id ? sorting[0] : null;
                return (
                  <th
                    key={column.id}
                    scope="col"
                    aria-sort={sorted ? (sorted.desc ? 'descending' : 'ascending') : undefined}
                    style={column.width ? { width: column.width } : undefined}
                    className={cn(
                      'h-9 border-b border-line px-3 text-left text-xs font-medium text-ink-3',
                      column.align === 'right' && 'text-right',
                      column.hideBelow && hideClass[column.hideBelow],
                    )}
                  >
                    {column.header ? (
                      <button
                        type="button"
                        onClick={() =>
                          url.setSort(
                            formatSort([{ id: column.id, desc: sorted ? !sorted.desc : false }]),
                          )
                        }
                        className="inline-flex max-w-full items-center gap-1 rounded hover:text-ink"
                      >
                        <span className="truncate">{column.header}</span>
                        {sorted?.desc === false ? <ArrowUp size={12} aria-hidden="true" /> : null}
                        {sorted?.desc ? <ArrowDown size={12} aria-hidden="true" /> : null}
                      </button>
                    ) : (
                      <span className="sr-only">Actions</span>
                    )}
                  </th>
                );
              })}
            </tr>
          </thead>
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- moves focus among the links of the rows */}
          <tbody onKeyDown={onKeyDown}>
            {isVirtual ? (
              <Suspense>
                <VirtualRows
                  count={shownRows.length}
                  rowHeight={rowHeight}
                  scroller={scroller}
                  scrollTo={scrollTo}
                  render={renderRow}
                />
              </Suspense>
            ) : (
              shownRows.map((_, index) => renderRow(index))
            )}
          </tbody>
        </table>
        {shownRows.length === 0 ? (
          <p className="px-4 py-8 text-center text-sm text-ink-3">
            No {noun[0]} matches “{url.filter}”.{' '}
            <button
              type="button"
              className="text-accent underline underline-offset-2"
              onClick={() => url.setFilter('')}
            >
              Clear the filter
            </button>
          </p>
        ) : null}
      </div>
    </div>
  );
}
