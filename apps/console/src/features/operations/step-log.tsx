'use client';

import type { LogLine } from '@ambit/contracts/lifecycle';
import { useEffect, useRef } from 'react';
import { cn } from '@/lib/cn.ts';
import { clockTime } from '@/lib/format.ts';

const inks = { info: 'text-ink-2', warning: 'text-warn', error: 'text-bad' };
const marks = { info: '', warning: 'warning ', error: 'error ' };

/** Log lines of a step; stays at the newest line unless one scrolled up. */
export function StepLog({ lines, label }: { lines: LogLine[]; label: string }) {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  useEffect(() => {
    if (atEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  });
  return (
    <div
      ref={box}
      role="log"
      aria-label={label}
      tabIndex={0}
      onScroll={(event) => {
        const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
        atEnd.current = scrollHeight - scrollTop - clientHeight < 24;
      }}
      className="max-h-72 overflow-auto rounded-md border border-line bg-sunken px-3 py-2 font-mono text-xs leading-5"
    >
      {lines.map((line) => (
        <div key={line.id} className="flex gap-3">
          <span className="tnum shrink-0 text-ink-3">{clockTime(line.at)}</span>
          {line.cluster ? <span className="shrink-0 text-ink-3">{line.cluster}</span> : null}
          <span className={cn('min-w-0 break-words whitespace-pre-wrap', inks[line.level])}>
            {marks[line.level]}
            {line.text}
          </span>
        </div>
      ))}
    </div>
  );
}
