import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { compare } from './testing/compare.ts';
import type { Tally } from './testing/compare.ts';
import { documents } from './testing/documents.ts';
import { findIstioctl } from './testing/find-istioctl.ts';
import { sweptDocuments } from './testing/sweeps.ts';

const istioctl = findIstioctl();
if (!istioctl)
  console.warn('skipped: no istioctl to compare with (set AMBIT_TEST_ISTIOCTL, or build a lab)');

test.skipIf(!istioctl)(
  'refuses and warns exactly where the real istioctl does, on 3,000 changed documents of every kind',
  { timeout: 60_000 },
  () => {
    const tallies = new Map<string, Tally>();
    const sample = fc.sample(documents, { numRuns: 3000, seed: 20261124 });
    expect(compare(istioctl ?? '', sample, tallies)).toEqual([]);
    expect(tallies.size).toBe(15);
    for (const [kind, { documents: count, refused }] of tallies) {
      expect(refused, `${kind}: some refused`).toBeGreaterThan(count * 0.1);
      expect(refused, `${kind}: some accepted`).toBeLessThan(count * 0.9);
    }
  },
);

test.skipIf(!istioctl)(
  'agrees with it on the edge values of every field, and on random texts in regular expressions, CEL, URLs, hosts and more',
  { timeout: 60_000 },
  () => {
    const swept = sweptDocuments(15, 20261124);
    expect(swept.length).toBeGreaterThan(1500);
    expect(compare(istioctl ?? '', swept)).toEqual([]);
  },
);
