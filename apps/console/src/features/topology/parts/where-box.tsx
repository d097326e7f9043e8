'use client';

import { complete } from '@ambit/topology/filter/complete';
import type { Graph } from '@ambit/topology/model';
import { Filter, X } from 'lucide-react';
import { type KeyboardEvent, useId, useRef, useState } from 'react';
import { cn } from '@/lib/cn.ts';

interface Props {
  value: string;
  onChange: (where: string) => void;
  graph: Graph;
  problem: { message: string } | null;
}

/** The question that narrows the graph, with what may come next. */
export function WhereBox({ value, onChange, graph, problem }: Props) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(value);
  const [cursor, setCursor] = useState<number | null>(null);
  const [chosen, setChosen] = useState(-1);
  const [seen, setSeen] = useState(value);
  if (seen !== value) {
    setSeen(value);
    setText(value);
  }
  const isOpen = cursor !== null;
  const { from, to, options } = isOpen
    ? complete(text, cursor, graph)
    : { from: 0, to: 0, options: [] };
  const shown = options.slice(0, 9);

  const put = (option: string) => {
    const next = `${text.slice(0, from)}${option} ${text.slice(to).trimStart()}`;
    setText(next);
    setChosen(-1);
    const at = from + option.length + 1;
    setCursor(at);
    requestAnimationFrame(() => input.current?.setSelectionRange(at, at));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      if (shown.length === 0) return;
      event.preventDefault();
      const by = event.key === 'ArrowDown' ? 1 : -1;
      setChosen((chosen + by + shown.length) % shown.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const option = shown[chosen];
      if (option) return put(option.text);
      onChange(text.trim());
      setCursor(null);
    } else if (event.key === 'Tab' && shown.length > 0 && isOpen && chosen >= 0) {
      event.preventDefault();
      put(shown[chosen]!.text);
    } else if (event.key === 'Escape') {
      if (isOpen && shown.length > 0) setCursor(null);
      else {
        setText('');
        onChange('');
      }
    }
    return undefined;
  };
  return (
    <div className="relative min-w-44 grow basis-60">
      <Filter
        size={14}
        aria-hidden="true"
        className="pointer-events-none absolute top-2 left-2.5 text-ink-3"
      />
      <input
        ref={input}
        role="combobox"
        aria-label="Show only"
        aria-expanded={isOpen && shown.length > 0}
        aria-controls={`${id}-options`}
        aria-autocomplete="list"
        aria-activedescendant={chosen >= 0 ? `${id}-${chosen}` : undefined}
        aria-invalid={problem !== null || undefined}
        aria-describedby={problem ? `${id}-problem` : undefined}
        spellCheck={false}
        autoComplete="off"
        placeholder="Show only, as in namespace = shop and errors > 1%"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setCursor(event.target.selectionStart ?? event.target.value.length);
          setChosen(-1);
        }}
        onFocus={(event) => setCursor(event.target.selectionStart ?? text.length)}
        onClick={(event) => setCursor(event.currentTarget.selectionStart ?? text.length)}
        onBlur={() => {
          setCursor(null);
          if (text.trim() !== value) onChange(text.trim());
        }}
        onKeyDown={onKeyDown}
        className="h-8 w-full rounded-md border border-control bg-surface pr-7 pl-8 text-sm hover:border-ink-3 aria-invalid:border-bad"
      />
      {text ? (
        <button
          type="button"
          aria-label="Show all"
          onClick={() => {
            setText('');
            onChange('');
          }}
          className="absolute top-1 right-1 inline-flex size-6 items-center justify-center rounded text-ink-3 hover:text-ink"
        >
          <X size={13} aria-hidden="true" />
        </button>
      ) : null}
      {isOpen && shown.length > 0 ? (
        <div
          id={`${id}-options`}
          role="listbox"
          aria-label="What may come next"
          className="absolute top-9 left-0 z-30 max-h-80 w-full min-w-64 overflow-auto rounded-lg border border-line-strong bg-raised p-1 shadow-pop"
        >
          {shown.map((option, at) => (
            <div
              key={option.text}
              id={`${id}-${at}`}
              role="option"
              tabIndex={-1}
              aria-selected={at === chosen}
              onPointerDown={(event) => {
                event.preventDefault();
                put(option.text);
              }}
              className={cn(
                'flex cursor-default items-baseline justify-between gap-4 rounded px-2 py-1 text-sm',
                at === chosen && 'bg-hover',
              )}
            >
              <span className="font-mono text-xs">{option.text}</span>
              <span className="truncate text-xs text-ink-3">{option.says}</span>
            </div>
          ))}
        </div>
      ) : null}
      {problem && !isOpen ? (
        <p id={`${id}-problem`} role="alert" className="mt-1 text-xs text-bad">
          {problem.message} The whole graph is shown.
        </p>
      ) : null}
    </div>
  );
}
