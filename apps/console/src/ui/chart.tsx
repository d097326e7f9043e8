'use client';

import { createContext, type ReactNode, useContext, useId, useMemo, useState } from 'react';
import { cn } from '@/lib/cn.ts';
import { clockTime } from '@/lib/format.ts';
import { gapsOf, linePath, topOf } from './chart-math.ts';

interface ChartLine {
  name: string;
  values: readonly (number | null)[];
  tone: 'accent' | 'bad' | 'warn' | 'ok' | 'idle';
  dashed?: boolean;
  /** A line to compare with: it says nothing of whether somebody told. */
  reference?: boolean;
}

const strokes = {
  accent: 'var(--accent)',
  bad: 'var(--bad)',
  warn: 'var(--warn)',
  ok: 'var(--ok)',
  idle: 'var(--ink-3)',
};

const Cursor = createContext<{ at: number | null; set: (at: number | null) => void } | null>(null);

/** Charts inside share one crosshair; they have the same times. */
export function ChartGroup({ children }: { children: ReactNode }) {
  const [at, set] = useState<number | null>(null);
  const value = useMemo(() => ({ at, set }), [at]);
  return <Cursor value={value}>{children}</Cursor>;
}

const width = 320;
const height = 92;

interface Props {
  title: string;
  /** Milliseconds since 1970, one for each value. */
  times: readonly number[];
  lines: readonly ChartLine[];
  format: (value: number) => string;
  /** Highest value of the axis; a round one above the values when left out. */
  top?: number;
  className?: string;
}

/** Lines over time: from zero, one axis, gaps as gaps. Left and right move the crosshair. */
export function Chart({ title, times, lines, format, top: given, className }: Props) {
  const id = useId();
  const shared = useContext(Cursor);
  const [own, setOwn] = useState<number | null>(null);
  const at = shared ? shared.at : own;
  const set = shared ? shared.set : setOwn;
  const count = times.length;
  const all = lines.flatMap(({ values }) => values);
  const top = given ?? topOf(all);
  const x = (index: number) => (count < 2 ? width / 2 : (index / (count - 1)) * width);
  const y = (value: number) => height - (Math.min(value, top) / top) * height;
  const told = lines.filter(({ reference }) => !reference);
  const isEmpty = told.every(({ values }) => values.every((value) => value === null));
  const shown = at === null ? count - 1 : Math.min(at, count - 1);
  const words = lines.map(({ name, values }) => {
    const value = values[shown] ?? null;
    return { name, text: value === null ? 'no data' : format(value) };
  });
  const move = (by: number) => set(Math.max(0, Math.min(count - 1, shown + by)));
  return (
    <figure className={cn('min-w-0', className)} aria-labelledby={`${id}-title`}>
      <figcaption className="mb-1 flex flex-wrap items-baseline justify-between gap-x-3">
        <span id={`${id}-title`} className="text-sm font-medium">
          {title}
        </span>
        <span className="tnum text-xs text-ink-3" suppressHydrationWarning>
          {count > 0 && at !== null ? clockTime(times[shown]!) : 'now'}
        </span>
      </figcaption>
      <div
        role="slider"
        tabIndex={0}
        aria-label={`${title}, moment`}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, count - 1)}
        aria-valuenow={Math.max(0, shown)}
        aria-valuetext={`${count > 0 ? clockTime(times[Math.max(0, shown)]!) : ''} ${words
          .map(({ name, text }) => `${name} ${text}`)
          .join(', ')}`}
        className="relative touch-pan-y rounded-sm"
        onPointerMove={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          const part = (event.clientX - box.left) / Math.max(1, box.width);
          set(Math.max(0, Math.min(count - 1, Math.round(part * (count - 1)))));
        }}
        onPointerLeave={() => set(null)}
        onBlur={() => set(null)}
        onKeyDown={(event) => {
          if (event.key === 'ArrowLeft') move(-1);
          else if (event.key === 'ArrowRight') move(1);
          else if (event.key === 'Home') set(0);
          else if (event.key === 'End' || event.key === 'Escape') set(null);
          else return;
          event.preventDefault();
        }}
      >
        <svg
          aria-hidden="true"
          viewBox={`0 0 ${width} ${height}`}
          preserveAspectRatio="none"
          className="block h-24 w-full overflow-visible"
        >
          {gapsOf(told.map(({ values }) => values)).map(([from, to]) => (
            <rect
              key={from}
              x={x(Math.max(0, from - 0.5))}
              width={Math.max(1, x(to + 0.5) - x(Math.max(0, from - 0.5)))}
              y="0"
              height={height}
              fill="var(--sunken)"
            />
          ))}
          <path
            d={`M0 0.5H${width}M0 ${height / 2}H${width}`}
            stroke="var(--line)"
            strokeDasharray="2 3"
            vectorEffect="non-scaling-stroke"
            fill="none"
          />
          <path
            d={`M0 ${height}H${width}`}
            stroke="var(--line-strong)"
            vectorEffect="non-scaling-stroke"
            fill="none"
          />
          {lines.map(({ name, values, tone, dashed }) => (
            <path
              key={name}
              d={linePath(values, x, y)}
              stroke={strokes[tone]}
              strokeWidth="1.5"
              strokeDasharray={dashed ? '4 3' : undefined}
              vectorEffect="non-scaling-stroke"
              strokeLinejoin="round"
              fill="none"
            />
          ))}
          {at !== null && count > 0 ? (
            <path
              d={`M${x(shown)} 0V${height}`}
              stroke="var(--ink-3)"
              vectorEffect="non-scaling-stroke"
              fill="none"
            />
          ) : null}
        </svg>
        <span className="tnum pointer-events-none absolute top-0.5 left-1 text-2xs text-ink-3">
          {format(top)}
        </span>
        {isEmpty ? (
          <span className="absolute inset-0 flex items-center justify-center text-xs text-ink-3">
            Nobody told in this time
          </span>
        ) : null}
      </div>
      <ul className="mt-1 flex flex-wrap gap-x-4 gap-y-0.5">
        {lines.map(({ name, tone, dashed }, index) => (
          <li key={name} className="flex items-center gap-1.5 text-xs text-ink-2">
            <svg width="14" height="4" aria-hidden="true">
              <path
                d="M0 2H14"
                stroke={strokes[tone]}
                strokeWidth="2"
                strokeDasharray={dashed ? '4 3' : undefined}
              />
            </svg>
            {name} <span className="tnum font-medium text-ink">{words[index]?.text}</span>
          </li>
        ))}
      </ul>
    </figure>
  );
}
