'use client';

import { Maximize, Minus, Plus, X } from 'lucide-react';
import { IconButton } from '@/ui/button.tsx';
import type { Costs } from '../model/cost.ts';
import type { Mode } from '../model/url-state.ts';
import { Legend } from './legend.tsx';

interface Props {
  mode: Mode;
  compares: boolean;
  costs: Costs | null;
  marks: boolean;
  focus: string;
  focusName: string;
  hops: number;
  left: number;
  isStale: boolean;
  onHops: (hops: number) => void;
  onWhole: () => void;
  onZoom: (by: number) => void;
  onFit: () => void;
}

/** What lies over the picture: the focus one is in, zoom, and the legend. */
export function Corner(props: Props) {
  const { focus, focusName, hops, left } = props;
  return (
    <>
      <div className="pointer-events-none absolute top-2 left-2 flex flex-wrap items-center gap-2">
        {focus ? (
          <div className="pointer-events-auto flex items-center gap-2 rounded-md border border-line-strong bg-surface px-2 py-1 text-xs">
            <span>
              Around <span className="font-medium">{focusName || 'something not in view'}</span>
            </span>
            <select
              aria-label="How far around it"
              value={hops}
              onChange={(event) => props.onHops(Number(event.target.value))}
              className="h-6 rounded border border-control bg-surface px-1"
            >
              <option value={1}>1 hop</option>
              <option value={2}>2 hops</option>
              <option value={3}>3 hops</option>
            </select>
            {left > 0 ? <span className="tnum text-ink-3">{left} less busy left out</span> : null}
            <button
              type="button"
              onClick={props.onWhole}
              className="inline-flex h-6 items-center gap-1 rounded px-1 font-medium text-accent hover:bg-hover"
            >
              <X size={12} aria-hidden="true" /> Whole graph
            </button>
          </div>
        ) : null}
        {props.isStale ? (
          <span
            role="status"
            className="rounded-md border border-line bg-surface px-2 py-1 text-xs text-ink-3"
          >
            Loading
          </span>
        ) : null}
      </div>
      <div className="pointer-events-none absolute bottom-2 left-2 flex items-end gap-2">
        <div className="pointer-events-auto flex rounded-md border border-line bg-surface">
          <IconButton label="Nearer" size="sm" onClick={() => props.onZoom(1.4)}>
            <Plus size={13} aria-hidden="true" />
          </IconButton>
          <IconButton label="Farther" size="sm" onClick={() => props.onZoom(1 / 1.4)}>
            <Minus size={13} aria-hidden="true" />
          </IconButton>
          <IconButton label="Show all" size="sm" onClick={props.onFit}>
            <Maximize size={13} aria-hidden="true" />
          </IconButton>
        </div>
        <Legend
          mode={props.mode}
          compares={props.compares}
          costs={props.costs}
          marks={props.marks}
        />
      </div>
    </>
  );
}
