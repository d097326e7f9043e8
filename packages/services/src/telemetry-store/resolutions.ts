const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export const resolutionNames = ['10s', '1m', '10m'] as const;
export type ResolutionName = (typeof resolutionNames)[number];

export interface Resolution {
  name: ResolutionName;
  table: string;
  /** How long an interval is. */
  stepMs: number;
  /** How much time a partition holds. */
  partitionMs: number;
  keptMs: number;
}

/** How long rates are kept, finest first; what is older is told more coarsely. */
export const resolutions: readonly Resolution[] = [
  {
    name: '10s',
    table: 'telemetry_rate_10s',
    stepMs: 10_000,
    partitionMs: hourMs,
    keptMs: 6 * hourMs,
  },
  {
    name: '1m',
    table: 'telemetry_rate_1m',
    stepMs: 60_000,
    partitionMs: 12 * hourMs,
    keptMs: 3 * dayMs,
  },
  {
    name: '10m',
    table: 'telemetry_rate_10m',
    stepMs: 600_000,
    partitionMs: 2 * dayMs,
    keptMs: 30 * dayMs,
  },
];

export type KeptHours = Partial<Record<ResolutionName, number>>;

/** The resolutions with other times of keeping, in hours. */
export const keptFor = (hours: KeptHours): readonly Resolution[] =>
  resolutions.map((one) => ({ ...one, keptMs: (hours[one.name] ?? one.keptMs / hourMs) * hourMs }));
