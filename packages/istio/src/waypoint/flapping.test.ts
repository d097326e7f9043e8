import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decideReclaim } from './reclaim.ts';

const afterS = 10;
const rule = { mode: 'automatic' as const, from: 'mesh' as const, afterS };
const key = 'shop/waypoint';

/** Seconds for which something of L7 is bound, then is not, and so on; such as a label that comes and goes. */
const spans = fc
  .array(fc.integer({ min: 1, max: 25 }), { minLength: 1, maxLength: 20 })
  // Of two looks, one may be lost.
  .map((lengths) => lengths.map((length, at) => (at % 2 === 0 ? length + 1 : length)));

it('a label that flaps lets go of no waypoint before its time, and never for more than a look while it is needed', () => {
  fc.assert(
    fc.property(spans, fc.array(fc.boolean(), { minLength: 1 }), (lengths, killed) => {
      const needed = lengths.flatMap((length, at) => Array.from({ length }, () => at % 2 === 0));
      const long = lengths.filter((length, at) => at % 2 === 1 && length > afterS).length;
      let isThere = true;
      let idleSince: number | null = null;
      let releases = 0;
      for (const [second, isNeeded] of needed.entries()) {
        const now = second * 1_000;
        const { idle, step } = decideReclaim({
          waypoints: isThere
            ? [{ key, bound: isNeeded ? 1 : 0, releasable: true, rule, idleSince }]
            : [],
          released: isThere ? [] : [{ key, rule, wantedBy: isNeeded ? ['HTTPRoute'] : [] }],
          complete: true,
          now,
        });
        // A worker that ends here leaves nothing behind of what it decided.
        if (killed[second % killed.length] && second % 2 === 1) continue;
        if (isThere) idleSince = idle.get(key) ?? null;
        if (step?.do === 'release') {
          releases++;
          const before = needed.slice(Math.max(0, second - afterS), second + 1);
          // Looks that were lost may have missed that it was needed: all others have seen that it is not.
          expect(
            before.filter((one, at) => one && (second - before.length + 1 + at) % 2 === 0),
          ).toEqual([]);
          isThere = false;
          idleSince = null;
        }
        if (step?.do === 'takeUp') isThere = true;
        if (isNeeded) expect(isThere).toBe(true);
      }
      expect(releases).toBeLessThanOrEqual(long);
    }),
  );
});
