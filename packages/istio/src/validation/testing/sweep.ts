import type { Language } from './fuzz.ts';

/** One field of a kind, to be filled with values of a pool and with random texts of a language. */
export type Sweep = {
  kind: string;
  language?: Language;
  values?: readonly unknown[];
  spec: (value: unknown) => Record<string, unknown>;
};

export const repeated = (sizes: number[]): string[] => sizes.map((size) => 'x'.repeat(size));
