import { costText, count, listWords } from '@/lib/format.ts';
import { latencyBounds } from '../draw/scene.ts';
import { actingMarks } from '../model/acting.ts';
import type { Costs } from '../model/cost.ts';
import type { Mode } from '../model/url-state.ts';

type Key = [colour: string, text: string];

const lines: Record<Mode, Key[]> = {
  errors: [
    ['var(--ink-3)', 'within tolerance'],
    ['var(--warn)', 'degraded'],
    ['var(--bad)', 'failure'],
  ],
  rate: [['var(--accent)', 'thicker: more requests']],
  latency: [
    ['var(--ok)', `p95 under ${latencyBounds[0]} ms`],
    ['var(--busy)', `under ${latencyBounds[1]} ms`],
    ['var(--warn)', 'under 1 s'],
    ['var(--bad)', '1 s and more'],
    ['var(--ink-3)', 'not measured'],
  ],
  security: [
    ['var(--ok)', 'mutual TLS'],
    ['var(--warn)', 'in part'],
    ['var(--bad)', 'plain text'],
    ['var(--ink-3)', 'not known'],
  ],
  enrolment: [
    ['var(--accent)', 'L7'],
    ['var(--busy)', 'by a waypoint'],
    ['var(--ink-3)', 'L4'],
  ],
  versions: [['var(--ink-3)', 'nodes by version']],
  cost: [
    ['var(--busy)', 'thicker: more of what waypoints cost'],
    ['var(--ink-3)', 'no waypoint with a price'],
  ],
};

const changeLines: Key[] = [
  ['var(--accent)', 'new'],
  ['var(--busy)', 'grown'],
  ['var(--bad)', 'worse'],
  ['var(--ok)', 'better'],
  ['var(--ink-3)', 'the same, or gone (dashed)'],
];

const nodes: Record<'other' | 'enrolment' | 'cost', Key[]> = {
  other: [
    ['color-mix(in oklab, var(--ok) 58%, var(--surface))', 'healthy'],
    ['var(--warn)', 'degraded'],
    ['var(--bad)', 'failure'],
    ['var(--ink-3)', 'idle'],
  ],
  enrolment: [
    ['var(--accent)', 'sidecar'],
    ['var(--ok)', 'L4'],
    ['var(--busy)', 'L4+L7'],
    ['var(--warn)', 'none'],
  ],
  cost: [['var(--busy)', 'uses a waypoint with a price, or is one']],
};

/** What waypoints cost together, and how much of that nothing uses. */
function costSentence({ waypoints, unpriced, total, idle, currency }: Costs): string {
  if (waypoints === 0) return 'This mesh has no waypoints.';
  const priced = waypoints - unpriced;
  const without =
    unpriced > 0 ? ` ${count(unpriced, 'waypoint')} without a price: pools have it.` : '';
  if (priced === 0) return without.trim();
  const unused = idle > 0 ? `, ${costText(idle, currency)} of it without traffic` : '';
  return `${count(priced, 'waypoint')} for ${costText(total, currency)}${unused}.${without}`;
}

const marksSentence = listWords([...new Set(Object.values(actingMarks))], 'and');

/** What colours, lines and shapes mean in the mode in view. */
export function Legend(props: {
  mode: Mode;
  compares: boolean;
  costs: Costs | null;
  marks: boolean;
}) {
  const { mode, compares, costs } = props;
  const nodeKeys = mode === 'enrolment' || mode === 'cost' ? mode : 'other';
  return (
    <details className="pointer-events-auto w-fit rounded-md border border-line bg-surface/95 text-xs text-ink-2">
      <summary className="px-2 py-1 font-medium text-ink">Legend</summary>
      <div className="grid gap-1 px-2 pb-2">
        {(compares ? changeLines : lines[mode]).map(([colour, text]) => (
          <span key={text} className="flex items-center gap-2">
            <svg width="18" height="6" aria-hidden="true">
              <path d="M0 3H18" stroke={colour} strokeWidth="2.5" />
            </svg>
            {text}
          </span>
        ))}
        <span className="flex items-center gap-2">
          <svg width="18" height="6" aria-hidden="true">
            <path d="M0 3H18" stroke="var(--ink-3)" strokeWidth="1.5" strokeDasharray="4 3" />
          </svg>
          no traffic now
        </span>
        {mode === 'versions' || compares
          ? null
          : nodes[nodeKeys].map(([colour, text]) => (
              <span key={text} className="flex items-center gap-2">
                <svg width="18" height="10" aria-hidden="true">
                  <circle cx="9" cy="5" r="4" fill={colour} />
                </svg>
                {text}
              </span>
            ))}
        <span className="flex items-center gap-2">
          <svg width="18" height="10" aria-hidden="true">
            <circle cx="9" cy="5" r="3.5" fill="none" stroke="var(--ink-3)" strokeWidth="1.5" />
          </svg>
          nobody tells of it
        </span>
        <span className="flex items-center gap-2">
          <svg width="18" height="10" aria-hidden="true">
            <rect x="5" y="1" width="8" height="8" rx="1.5" fill="var(--ink-3)" />
          </svg>
          service
        </span>
        <span className="flex items-center gap-2">
          <svg width="18" height="10" aria-hidden="true">
            <path d="M6 1h6l3 4-3 4H6L3 5z" fill="var(--ink-3)" />
          </svg>
          gateway or waypoint
        </span>
        <span className="flex items-center gap-2">
          <svg width="18" height="10" aria-hidden="true">
            <path d="M9 0l5 5-5 5-5-5z" fill="var(--ink-3)" />
          </svg>
          outside the mesh
        </span>
        {mode === 'cost' && costs ? <p className="max-w-64">{costSentence(costs)}</p> : null}
        {props.marks ? (
          <p className="max-w-64">
            {marksSentence} act on the target of an edge; come near to see them.
          </p>
        ) : null}
      </div>
    </details>
  );
}
