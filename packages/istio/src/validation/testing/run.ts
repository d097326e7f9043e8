// node run.ts ISTIOCTL [COUNT] [SEED] [SHOW]: compares `validate` with a real istioctl on generated documents.
import * as fc from 'fast-check';
import { compare } from './compare.ts';
import type { Tally } from './compare.ts';
import { documents } from './documents.ts';

const [istioctl = '', count = '2000', seed = '1', show = '12'] = process.argv.slice(2);
const batch = 4000;
const tallies = new Map<string, Tally>();
const disagreements = new Map<string, number>();
let shown = 0;
for (let done = 0, round = 0; done < Number(count); done += batch, round += 1) {
  const numRuns = Math.min(batch, Number(count) - done);
  const sample = fc.sample(documents, { numRuns, seed: Number(seed) + round });
  for (const found of compare(istioctl, sample, tallies)) {
    const key = `${found.kind} ${found.difference}`;
    disagreements.set(key, (disagreements.get(key) ?? 0) + 1);
    if (shown >= Number(show)) continue;
    shown += 1;
    console.log(
      `## ${key}\n${JSON.stringify(found.document)}\nours: ${found.ours.join('\n      ')}`,
    );
    console.log(`theirs: ${found.theirs}`);
  }
}
console.table(Object.fromEntries([...tallies].sort(([a], [b]) => (a < b ? -1 : 1))));
console.log(disagreements.size === 0 ? 'no disagreement' : disagreements);
