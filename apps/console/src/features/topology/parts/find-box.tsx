'use client';

import type { GraphNode } from '@ambit/topology/model';
import { Search } from 'lucide-react';
import { type KeyboardEvent, type RefObject, useId, useState } from 'react';
import { cn } from '@/lib/cn.ts';
import { find } from '../model/find.ts';
import { kindWords, nodeName } from '../model/words.ts';

interface Props {
  nodes: readonly GraphNode[];
  input: RefObject<HTMLInputElement | null>;
  onFound: (id: string) => void;
}

/** Finds a node by a part of its name and goes to it. */
export function FindBox({ nodes, input, onFound }: Props) {
  const id = useId();
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState(0);
  const [isOpen, setOpen] = useState(false);
  const found = isOpen ? find(nodes, typed) : [];
  const go = (node: GraphNode | undefined) => {
    if (!node) return;
    onFound(node.id);
    setTyped('');
    setOpen(false);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      setTyped('');
      setOpen(false);
      input.current?.blur();
    } else if (event.key === 'Enter') go(found[chosen]);
    else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const by = event.key === 'ArrowDown' ? 1 : -1;
      setChosen((chosen + by + found.length) % Math.max(1, found.length));
    } else return;
    event.preventDefault();
  };
  return (
    <div className="relative min-w-36 grow basis-40 sm:max-w-56">
      <Search
        size={14}
        aria-hidden="true"
        className="pointer-events-none absolute top-2 left-2.5 text-ink-3"
      />
      <input
        ref={input}
        role="combobox"
        aria-label="Find in the graph"
        aria-expanded={found.length > 0}
        aria-controls={`${id}-found`}
        aria-activedescendant={found.length > 0 ? `${id}-${chosen}` : undefined}
        autoComplete="off"
        spellCheck={false}
        placeholder="Find"
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setChosen(0);
          setOpen(true);
        }}
        onBlur={() => setOpen(false)}
        onKeyDown={onKeyDown}
        className="h-8 w-full rounded-md border border-control bg-surface pr-6 pl-8 text-sm hover:border-ink-3"
      />
      <kbd
        aria-hidden="true"
        className="pointer-events-none absolute top-1.5 right-2 rounded border border-line px-1 font-mono text-2xs text-ink-3 max-md:hidden"
      >
        /
      </kbd>
      {found.length > 0 ? (
        <div
          id={`${id}-found`}
          role="listbox"
          aria-label="Found"
          className="absolute top-9 left-0 z-30 w-72 max-w-[calc(100vw-32px)] rounded-lg border border-line-strong bg-raised p-1 shadow-pop"
        >
          {found.map((node, at) => (
            <div
              key={node.id}
              id={`${id}-${at}`}
              role="option"
              tabIndex={-1}
              aria-selected={at === chosen}
              onPointerDown={(event) => {
                event.preventDefault();
                go(node);
              }}
              className={cn(
                'flex items-baseline gap-2 rounded px-2 py-1 text-sm',
                at === chosen && 'bg-hover',
              )}
            >
              <span className="min-w-0 truncate font-medium">{nodeName(node)}</span>
              <span className="ml-auto shrink-0 text-xs text-ink-3">
                {kindWords[node.kind]}
                {node.namespace ? ` · ${node.namespace}` : ''}
              </span>
            </div>
          ))}
        </div>
      ) : null}
      {isOpen && typed.trim() && found.length === 0 ? (
        <p
          role="status"
          className="absolute top-9 left-0 z-30 w-64 rounded-lg border border-line-strong bg-raised px-3 py-2 text-sm text-ink-2 shadow-pop"
        >
          Nothing in this graph is called that.
        </p>
      ) : null}
    </div>
  );
}
