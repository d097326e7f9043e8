import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { compare } from './testing/compare.ts';
import type { Tally } from './testing/compare.ts';
import { documents } from './testing/documents.ts';
import { findIstioctl } from './testing/find-istioctl.ts';

const istioctl = findIstioctl();
if (!istioctl)
  console.warn('skipped: no istioctl to compare with (set AMBIT_TEST_ISTIOCTL, or build a lab)');

test.skipIf(!istioctl)(
  'refuses and warns exactly where the real istioctl does, on 5,000 changed documents of every kind',
  { timeout: 60_000 },
  () => {
    const tallies = new Map<string, Tally>();
    const sample = fc.sample(documents, { numRuns: 5000, seed: 20261124 });
    expect(compare(istioctl ?? '', sample, tallies)).toEqual([]);
    expect(tallies.size).toBe(15);
    for (const [kind, { documents: count, refused }] of tallies) {
      expect(refused, `${kind}: some refused`).toBeGreaterThan(count * 0.1);
      expect(refused, `${kind}: some accepted`).toBeLessThan(count * 0.9);
    }
  },
);
