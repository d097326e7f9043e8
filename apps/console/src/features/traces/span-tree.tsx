'use client';

import { useVirtualizer } from '@tanstack/react-virtual';
import { ChevronDown, ChevronRight, CircleX } from 'lucide-react';
import { type KeyboardEvent, useMemo, useRef, useState } from 'react';
import { cn } from '@/lib/cn.ts';
import { Button } from '@/ui/button.tsx';
import { barOf, shownRows, spanText, ticksOf, type Row } from './waterfall.ts';

interface Props {
  rows: readonly Row[];
  traceMs: number;
  /** Place of the row whose details are shown. */
  selected: number | null;
  onSelect: (at: number | null) => void;
}

const rowHeight = 30;
const columns =
  'grid grid-cols-[minmax(0,1fr)_4.5rem] md:grid-cols-[minmax(0,5fr)_minmax(0,6fr)_4.5rem]';

/** The spans of a trace over its time, as a tree to walk and fold. Only rows in view are drawn. */
export function SpanTree({ rows, traceMs, selected, onSelect }: Props) {
  const [folded, setFolded] = useState<ReadonlySet<number>>(new Set());
  const [current, setCurrent] = useState(0);
  const scroller = useRef<HTMLDivElement>(null);
  const shown = useMemo(() => shownRows(rows, folded), [rows, folded]);
  const virtualizer = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 16,
    useFlushSync: false,
  });
  const position = Math.max(
    0,
    shown.findIndex(({ at }) => at === current),
  );
  const parents = rows.filter(({ children }) => children > 0);

  const fold = (at: number, isFolded: boolean) => {
    const next = new Set(folded);
    if (isFolded) next.add(at);
    else next.delete(at);
    setFolded(next);
  };
  const go = (to: number) => {
    const row = shown[Math.max(0, Math.min(shown.length - 1, to))];
    if (!row) return;
    setCurrent(row.at);
    virtualizer.scrollToIndex(shown.indexOf(row));
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[data-at="${row.at}"]`)?.focus(),
    );
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const row = shown[position];
    if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
    const isOpen = row.children > 0 && !folded.has(row.at);
    switch (event.key) {
      case 'ArrowDown':
        go(position + 1);
        break;
      case 'ArrowUp':
        go(position - 1);
        break;
      case 'PageDown':
        go(position + 12);
        break;
      case 'PageUp':
        go(position - 12);
        break;
      case 'Home':
        go(0);
        break;
      case 'End':
        go(shown.length - 1);
        break;
      case 'ArrowRight':
        if (row.children === 0) return;
        if (isOpen) go(position + 1);
        else fold(row.at, false);
        break;
      case 'ArrowLeft':
        if (isOpen) fold(row.at, true);
        else if (row.parent >= 0) go(shown.findIndex(({ at }) => at === row.parent));
        break;
      case 'Enter':
      case ' ':
        onSelect(row.at);
        break;
      default:
        return;
    }
    event.preventDefault();
  };

  return (
    <section aria-label="Spans" className="card min-w-0 overflow-hidden">
      <div className="flex flex-wrap items-center justify-between gap-2 border-b border-line px-3 py-1.5">
        <h3 className="text-sm font-medium">Spans</h3>
        {parents.length > 0 ? (
          <div className="flex gap-2">
            <Button size="sm" onClick={() => setFolded(new Set())}>
              Unfold all
            </Button>
            <Button
              size="sm"
              onClick={() => setFolded(new Set(parents.slice(1).map(({ at }) => at)))}
            >
              Fold all
            </Button>
          </div>
        ) : null}
      </div>
      <div
        role="treegrid"
        aria-label="Spans of the trace"
        aria-rowcount={shown.length + 1}
        onKeyDown={onKeyDown}
        tabIndex={-1}
      >
        <div role="rowgroup">
          <div role="row" aria-rowindex={1} className={cn(columns, 'border-b border-line')}>
            <span role="columnheader" className="px-3 py-1.5 text-xs font-medium text-ink-3">
              Service and operation
            </span>
            <span role="columnheader" className="relative max-md:hidden">
              <span className="sr-only">When</span>
              {ticksOf(traceMs).map((tick) => (
                <span
                  key={tick}
                  aria-hidden="true"
                  className="tnum absolute top-1.5 text-2xs text-ink-3"
                  style={{ left: `${(traceMs > 0 ? tick / traceMs : 0) * 100}%` }}
                >
                  {tick === 0 ? '0' : spanText(tick)}
                </span>
              ))}
            </span>
            <span
              role="columnheader"
              className="px-2 py-1.5 text-right text-xs font-medium text-ink-3"
            >
              Took
            </span>
          </div>
        </div>
        <div
          ref={scroller}
          role="rowgroup"
          className="max-h-[max(24rem,calc(100dvh-24rem))] overflow-auto"
        >
          <div
            role="presentation"
            style={{ height: virtualizer.getTotalSize() }}
            className="relative"
          >
            {virtualizer.getVirtualItems().map(({ index, start }) => {
              const row = shown[index]!;
              return (
                <SpanRow
                  key={row.at}
                  row={row}
                  index={index}
                  top={start}
                  traceMs={traceMs}
                  isFolded={folded.has(row.at)}
                  isCurrent={index === position}
                  isSelected={row.at === selected}
                  onFold={() => fold(row.at, !folded.has(row.at))}
                  onSelect={() => {
                    setCurrent(row.at);
                    onSelect(row.at);
                  }}
                />
              );
            })}
          </div>
        </div>
      </div>
    </section>
  );
}

interface RowProps {
  row: Row;
  index: number;
  top: number;
  traceMs: number;
  isFolded: boolean;
  isCurrent: boolean;
  isSelected: boolean;
  onFold: () => void;
  onSelect: () => void;
}

function SpanRow(props: RowProps) {
  const { row, isFolded, isSelected } = props;
  const { span, depth, children } = row;
  const bar = barOf(span, props.traceMs);
  const hidesFailure = isFolded && row.failedBelow > 0 && !span.failed;
  const Fold = isFolded ? ChevronRight : ChevronDown;
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the grid takes the keys of all rows
    <div
      role="row"
      data-at={row.at}
      tabIndex={props.isCurrent ? 0 : -1}
      aria-level={depth + 1}
      aria-rowindex={props.index + 2}
      aria-expanded={children > 0 ? !isFolded : undefined}
      aria-selected={isSelected}
      onClick={props.onSelect}
      className={cn(
        columns,
        'absolute inset-x-0 cursor-pointer items-center text-sm hover:bg-hover focus-visible:-outline-offset-2',
        isSelected && 'bg-accent-soft',
      )}
      style={{ top: props.top, height: rowHeight }}
    >
      <div
        role="gridcell"
        className="flex min-w-0 items-center gap-1.5 pr-2"
        style={{ paddingLeft: 8 + Math.min(depth, 24) * 14 }}
      >
        {children > 0 ? (
          <button
            type="button"
            tabIndex={-1}
            aria-label={isFolded ? `Unfold ${row.below} below` : 'Fold'}
            onClick={(event) => {
              event.stopPropagation();
              props.onFold();
            }}
            className="flex size-5 shrink-0 items-center justify-center rounded text-ink-3 hover:bg-idle-soft hover:text-ink"
          >
            <Fold size={13} aria-hidden="true" />
          </button>
        ) : (
          <span className="w-5 shrink-0" />
        )}
        {span.failed || hidesFailure ? (
          <CircleX
            size={13}
            role="img"
            aria-label={span.failed ? 'failed' : `${row.failedBelow} failed below`}
            className={cn('shrink-0', span.failed ? 'text-bad' : 'text-warn')}
          />
        ) : null}
        <span className="min-w-0 truncate">
          <span className={cn('font-medium', span.failed && 'text-bad')}>{span.service}</span>{' '}
          <span className="text-ink-2">{span.operation}</span>
        </span>
        {isFolded ? <span className="tnum shrink-0 text-xs text-ink-3">+{row.below}</span> : null}
      </div>
      <div role="gridcell" className="relative h-full max-md:hidden">
        <span className="sr-only">begins after {spanText(span.startMs)}</span>
        <span
          aria-hidden="true"
          className={cn(
            'absolute top-1/2 h-2.5 min-w-0.5 -translate-y-1/2 rounded-sm',
            span.failed ? 'bg-bad' : span.kind === 'client' ? 'bg-ink-3' : 'bg-accent',
          )}
          style={{ left: `${bar.left * 100}%`, width: `${bar.width * 100}%` }}
        />
      </div>
      <div role="gridcell" className="tnum px-2 text-right text-xs text-ink-2">
        {spanText(span.durationMs)}
      </div>
    </div>
  );
}
