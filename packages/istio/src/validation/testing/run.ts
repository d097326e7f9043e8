// node run.ts ISTIOCTL [COUNT] [SEED] [SHOW]: compares `validate` with a real istioctl on generated documents.
import * as fc from 'fast-check';
import { compare } from './compare.ts';
import type { Tally } from './compare.ts';
import { documents } from './documents.ts';
import { sweptDocuments } from './sweeps.ts';

const [istioctl = '', count = '2000', seed = '1', show = '12'] = process.argv.slice(2);
const batch = 4000;
const tallies = new Map<string, Tally>();
const disagreements = new Map<string, number>();
let shown = 0;
function report(sample: object[]): void {
  for (const found of compare(istioctl, sample, tallies)) {
    const key = `${found.kind} ${found.difference}`;
    disagreements.set(key, (disagreements.get(key) ?? 0) + 1);
    if (shown >= Number(show)) continue;
    shown += 1;
    console.log(
      `## ${key}\n${JSON.stringify(found.document).slice(0, 3000)}\nours: ${found.ours.join('\n      ')}`,
    );
    console.log(`theirs: ${found.theirs}`);
  }
}
const swept = sweptDocuments(Math.ceil(Number(count) / 100), Number(seed));
for (let at = 0; at < swept.length; at += batch) report(swept.slice(at, at + batch));
for (let done = 0, round = 0; done < Number(count); done += batch, round += 1) {
  const numRuns = Math.min(batch, Number(count) - done);
  report(fc.sample(documents, { numRuns, seed: Number(seed) + round }));
}
console.table(Object.fromEntries([...tallies].sort(([a], [b]) => (a < b ? -1 : 1))));
console.log(disagreements.size === 0 ? 'no disagreement' : disagreements);
