import type { Outputs } from '@/lib/session.tsx';

type Moment = Outputs['finding']['summary']['trend'][number];

const width = 160;
const height = 32;
const inset = 1.5;

/** A step line from zero, of one severity. */
function pathOf(values: number[], most: number): string {
  const x = (i: number) => (i / Math.max(1, values.length - 1)) * (width - 2 * inset) + inset;
  const y = (value: number) => height - inset - (value / Math.max(1, most)) * (height - 2 * inset);
  return values
    .map((value, i) => (i === 0 ? `M${x(0)} ${y(value)}` : `H${x(i)}V${y(value)}`))
    .join('');
}

/** Errors and warnings over time, as a small picture with its words. */
export function Trend({ moments, hours }: { moments: Moment[]; hours: number }) {
  if (moments.length === 0) return null;
  const errors = moments.map(({ error }) => error);
  const warnings = moments.map(({ warning }) => warning);
  const most = Math.max(...errors, ...warnings);
  const span = (values: number[]) => `from ${values[0]} to ${values.at(-1)}`;
  return (
    <figure className="flex items-center gap-3">
      <svg
        role="img"
        aria-label={`Over ${hours} hours: errors ${span(errors)}, warnings ${span(warnings)}`}
        viewBox={`0 0 ${width} ${height}`}
        width={width}
        height={height}
        className="shrink-0"
      >
        <path d={`M0 ${height - 0.5}H${width}`} stroke="var(--line)" fill="none" />
        <path
          d={pathOf(warnings, most)}
          stroke="var(--warn)"
          strokeWidth="1.5"
          strokeDasharray="3 2"
          fill="none"
        />
        <path d={pathOf(errors, most)} stroke="var(--bad)" strokeWidth="1.5" fill="none" />
      </svg>
      <figcaption className="text-xs text-ink-3">
        last {hours} h, at most {most}
        <span className="block">errors —, warnings - -</span>
      </figcaption>
    </figure>
  );
}
