'use client';

import { Columns3, Download, Search, X } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { IconButton } from '../button.tsx';
import { Menu, MenuCheck, MenuItem } from '../menu.tsx';
import { download, toCsv } from './export.ts';
import type { Column } from './types.ts';

interface Props<T> {
  name: string;
  noun: string;
  columns: Column<T>[];
  rows: () => T[];
  filter: string;
  onFilter: (value: string) => void;
  shown: Record<string, boolean>;
  onShow: (id: string, visible: boolean) => void;
  /** "12 of 40 clusters". */
  summary: string;
  children?: ReactNode;
}

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

export function Toolbar<T>(props: Props<T>) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.metaKey || event.ctrlKey || isTyping(event.target)) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);

  const csv = () => {
    const rows = props.rows().map((row) => props.columns.map((column) => column.value(row)));
    download(
      `${props.name}.csv`,
      'text/csv',
      toCsv(
        props.columns.map((c) => c.header),
        rows,
      ),
    );
  };
  const json = () =>
    download(`${props.name}.json`, 'application/json', JSON.stringify(props.rows(), null, 2));

  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-line px-3 py-2">
      <div className="relative min-w-40 grow basis-40 sm:max-w-72">
        <Search
          size={14}
          aria-hidden="true"
          className="pointer-events-none absolute top-1/2 left-2.5 -translate-y-1/2 text-ink-3"
        />
        <input
          ref={input}
          type="search"
          aria-label={`Filter ${props.noun}`}
          placeholder={`Filter ${props.noun}`}
          value={props.filter}
          onChange={(event) => props.onFilter(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape' && props.filter) {
              event.stopPropagation();
              props.onFilter('');
            }
          }}
          className="h-8 w-full rounded-md border border-control bg-surface pr-7 pl-8 text-sm hover:border-ink-3 [&::-webkit-search-cancel-button]:hidden"
        />
        {props.filter ? (
          <button
            type="button"
            aria-label="Clear filter"
            onClick={() => props.onFilter('')}
            className="absolute top-1 right-1 inline-flex size-6 items-center justify-center rounded text-ink-3 hover:text-ink"
          >
            <X size={13} aria-hidden="true" />
          </button>
        ) : (
          <kbd
            aria-hidden="true"
            className="pointer-events-none absolute top-1.5 right-2 rounded border border-line px-1 font-mono text-2xs text-ink-3 max-md:hidden"
          >
            /
          </kbd>
        )}
      </div>
      {props.children}
      <div className="ml-auto flex items-center gap-1">
        <span aria-live="polite" className="tnum mr-1 text-xs text-ink-3">
          {props.summary}
        </span>
        <Menu
          trigger={
            <IconButton label="Columns">
              <Columns3 size={15} aria-hidden="true" />
            </IconButton>
          }
        >
          {props.columns.map((column, i) => (
            <MenuCheck
              key={column.id}
              checked={i === 0 || props.shown[column.id] !== false}
              onChange={(checked) => (i === 0 ? undefined : props.onShow(column.id, checked))}
            >
              {column.header}
            </MenuCheck>
          ))}
        </Menu>
        <Menu
          trigger={
            <IconButton label="Export">
              <Download size={15} aria-hidden="true" />
            </IconButton>
          }
        >
          <MenuItem onSelect={csv}>Export as CSV</MenuItem>
          <MenuItem onSelect={json}>Export as JSON</MenuItem>
        </Menu>
      </div>
    </div>
  );
}
