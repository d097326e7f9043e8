import {
  createParser,
  parseAsBoolean,
  parseAsInteger,
  parseAsString,
  parseAsStringLiteral,
} from 'nuqs/server';

export const groupings = ['service', 'workload', 'app', 'version', 'namespace', 'cluster'] as const;
export const boxings = ['namespace', 'cluster', 'app', 'none'] as const;
export type Boxing = (typeof boxings)[number];
export const modes = [
  'errors',
  'rate',
  'latency',
  'security',
  'enrolment',
  'versions',
  'cost',
] as const;
export type Mode = (typeof modes)[number];
export const looks = ['graph', 'table'] as const;

/** A moment to the second in UTC, as in `2026-11-25T10:02:00Z`; anything else is no moment. */
export const parseAsMoment = createParser({
  parse: (text: string) => {
    const ms = Date.parse(text);
    return /^\d{4}-\d\d-\d\dT/.test(text) && Number.isFinite(ms)
      ? Math.floor(ms / 1000) * 1000
      : null;
  },
  serialize: (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z'),
});

/** Everything that a view of the graph is made of: what is not here cannot be linked to. */
export const urlState = {
  group: parseAsStringLiteral(groupings).withDefault('workload'),
  box: parseAsStringLiteral(boxings).withDefault('namespace'),
  mode: parseAsStringLiteral(modes).withDefault('errors'),
  show: parseAsStringLiteral(looks).withDefault('graph'),
  where: parseAsString.withDefault(''),
  sel: parseAsString.withDefault(''),
  focus: parseAsString.withDefault(''),
  hops: parseAsInteger.withDefault(1),
  at: parseAsMoment,
  before: parseAsMoment,
  unfolded: parseAsBoolean.withDefault(false),
  services: parseAsBoolean.withDefault(false),
  idle: parseAsBoolean.withDefault(false),
  flow: parseAsBoolean.withDefault(true),
  marks: parseAsBoolean.withDefault(true),
};

/** Hops around a node in focus: one to three, whatever the address says. */
export const hopsWithin = (hops: number): number => Math.max(1, Math.min(3, Math.floor(hops) || 1));
