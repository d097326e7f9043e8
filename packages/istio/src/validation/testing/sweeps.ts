import * as fc from 'fast-check';
import { kinds } from '../kinds/catalogue.ts';
import type { GeneratedDocument } from './documents.ts';
import { diceOf } from './documents.ts';
import { fuzzed } from './fuzz.ts';
import type { Sweep } from './sweep.ts';
import { otherSweeps } from './sweeps-others.ts';
import { routeSweeps } from './sweeps-routes.ts';

const sweeps: Sweep[] = [...routeSweeps, ...otherSweeps];

function documentOf({ kind, spec }: Sweep, value: unknown): GeneratedDocument {
  const entry = kinds.find((known) => known.kind === kind) as (typeof kinds)[number];
  const apiVersion = `${entry.group}/${entry.versions[0]}`;
  return { apiVersion, kind, metadata: { name: 't0' }, spec: spec(value) };
}

/** Every pool in every field that has one, and `fuzzedCount` random texts for each field of a language. */
export function sweptDocuments(fuzzedCount: number, seed: number): GeneratedDocument[] {
  const numbers = fc.array(fc.nat({ max: 0x7fffffff }), { minLength: 12, maxLength: 12 });
  return sweeps.flatMap((sweep, index) => {
    const { language, values = [] } = sweep;
    const random = language
      ? fc
          .sample(numbers, { numRuns: fuzzedCount, seed: seed + index })
          .map((list) => fuzzed(diceOf(list), language))
      : [];
    return [...values, ...random].map((value) => documentOf(sweep, value));
  });
}
