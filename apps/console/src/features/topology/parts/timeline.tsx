'use client';

import { GitCompareArrows, Pause, Play, Radio } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { clockTime, count } from '@/lib/format.ts';
import { useNow } from '@/lib/use-now.ts';
import { Button } from '@/ui/button.tsx';
import type { Compared } from '../model/compare.ts';

const spanMs = 6 * 3_600_000;
const stepMs = 60_000;
const replayEveryMs = 1_400;

interface Props {
  at: number | null;
  before: number | null;
  /** When what is shown was true. */
  shownAt: number | null;
  windowS: number;
  isFetching: boolean;
  compared: Compared | null;
  onChange: (moment: { at: number | null; before?: number | null }) => void;
}

/** Live or a moment of the last six hours; replay from there; and what changed since another. */
export function Timeline(props: Props) {
  const { at, before, onChange } = props;
  const now = useNow();
  const [plays, setPlays] = useState(false);
  const [draft, setDraft] = useState<number | null>(null);
  const value = draft ?? at ?? now;
  const sliding = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    if (!plays) return undefined;
    const timer = setInterval(() => {
      const { at: from, isFetching, onChange: go } = latest.current;
      if (isFetching || from === null) return;
      const next = from + stepMs;
      if (next >= Date.now() - stepMs) {
        setPlays(false);
        go({ at: null });
      } else go({ at: next });
    }, replayEveryMs);
    return () => clearInterval(timer);
  }, [plays]);
  useEffect(() => () => clearTimeout(sliding.current), []);

  const slide = (to: number) => {
    setDraft(to);
    clearTimeout(sliding.current);
    sliding.current = setTimeout(() => {
      setDraft(null);
      onChange({ at: to >= Date.now() - stepMs ? null : to });
    }, 250);
  };
  const play = () => {
    if (at === null) onChange({ at: floor(Date.now() - 3_600_000) });
    setPlays(!plays);
  };
  return (
    <div className="col-span-full flex flex-wrap items-center gap-x-3 gap-y-2 text-xs text-ink-2">
      <Button
        size="sm"
        variant={at === null ? 'primary' : 'secondary'}
        aria-pressed={at === null}
        icon={<Radio size={13} aria-hidden="true" />}
        onClick={() => {
          setPlays(false);
          onChange({ at: null });
        }}
      >
        Live
      </Button>
      <Button
        size="sm"
        icon={
          plays ? <Pause size={13} aria-hidden="true" /> : <Play size={13} aria-hidden="true" />
        }
        onClick={play}
      >
        {plays ? 'Pause' : at === null ? 'Replay the last hour' : 'Replay from here'}
      </Button>
      <input
        type="range"
        aria-label="Moment"
        aria-valuetext={at === null && draft === null ? 'live' : clockTime(value)}
        min={floor(now - spanMs)}
        max={floor(now)}
        step={stepMs}
        value={Math.max(now - spanMs, value)}
        onChange={(event) => slide(Number(event.target.value))}
        className="h-6 min-w-32 grow basis-40 accent-accent"
      />
      <span className="tnum min-w-32" suppressHydrationWarning>
        {draft !== null
          ? clockTime(draft)
          : props.shownAt === null
            ? ''
            : `${at === null ? 'as of' : 'at'} ${clockTime(props.shownAt)}, rates over ${props.windowS} s`}
      </span>
      <label className="flex items-center gap-1.5">
        <GitCompareArrows size={13} aria-hidden="true" />
        <span className="sr-only sm:not-sr-only">Compare with</span>
        <select
          aria-label="Compare with"
          value={before === null ? '' : 'kept'}
          onChange={(event) => {
            const { value: chosen } = event.target;
            if (chosen === 'kept') return;
            onChange({
              at,
              before: chosen === '' ? null : floor((at ?? Date.now()) - Number(chosen) * 60_000),
            });
          }}
          className="h-7 rounded-md border border-control bg-surface px-1.5 text-xs"
        >
          <option value="">nothing</option>
          {before === null ? null : <option value="kept">{clockTime(before)}</option>}
          <option value="5">5 min before</option>
          <option value="15">15 min before</option>
          <option value="60">1 h before</option>
          <option value="360">6 h before</option>
          <option value="1440">1 day before</option>
        </select>
      </label>
      {props.compared ? (
        <span role="status" className="tnum text-ink">
          {sayChanges(props.compared)}
        </span>
      ) : null}
    </div>
  );
}

const floor = (ms: number): number => Math.floor(ms / stepMs) * stepMs;

function sayChanges({ counts }: Compared): string {
  const parts = (['new', 'gone', 'worse', 'better', 'grown', 'shrunk'] as const)
    .filter((change) => counts[change] > 0)
    .map((change) => `${counts[change]} ${change}`);
  const all = Object.values(counts).reduce((sum, each) => sum + each, 0);
  return parts.length === 0
    ? `Nothing changed on ${count(all, 'edge')}.`
    : `Edges: ${parts.join(', ')}.`;
}
