// Compares with the library on as many random meshes as wanted: `node run.ts SEED COUNT`, or on mutations of the
// library's own cases: `node run.ts SEED COUNT mutated`.
import { istRules } from '../rules/ist/index.ts';
import { compare, ownFindings, show } from './compare.ts';
import { smallMesh } from './fuzz/mesh.ts';
import { fieldValues, mutatedCase } from './fuzz/mutated-cases.ts';
import { libraryCases, libraryFolder } from './library-cases.ts';
import { isKnownPanic, withoutChance } from './known.ts';
import { askPeer, findPeer } from './peer.ts';
import type { PeerCase } from './peer.ts';

const batch = 500;

const [first = 1, count = 1000] = process.argv.slice(2, 4).map(Number);
const own = process.argv[4] === 'mutated' ? libraryCases(libraryFolder() ?? '') : [];
const values = fieldValues(own);
const makeCase = (seed: number): PeerCase =>
  own.length > 0 ? mutatedCase(seed, own, values) : smallMesh(seed);
const peer = findPeer();
if (peer === undefined) throw new Error('build it: node infra/bench/src/analysis/build-peer.ts');

const tally = { findings: 0, differ: 0, byChance: 0, panics: 0 };
const codes = new Set<string>();
for (let start = first; start < first + count; start += batch) {
  const seeds = Array.from(
    { length: Math.min(batch, first + count - start) },
    (_, at) => start + at,
  );
  const cases = seeds.map(makeCase);
  const answers = await askPeer(peer, cases);
  for (const [index, one] of cases.entries()) {
    const answer = answers[index];
    if (!answer) continue;
    if (answer.panic) {
      tally.panics += 1;
      if (!isKnownPanic(answer)) process.stdout.write(`${seeds[index]}: ${answer.panic}\n`);
      continue;
    }
    tally.findings += answer.findings.length;
    for (const { code } of answer.findings) codes.add(code);
    const ours = ownFindings(istRules, one);
    if (show(compare(ours, answer)).length === 0) continue;
    const left = show(await withoutChance(peer, one, ours));
    tally[left.length === 0 ? 'byChance' : 'differ'] += 1;
    for (const line of left) process.stdout.write(`${seeds[index]}: ${line}\n`);
  }
}
process.stdout.write(
  `${count} meshes: ${JSON.stringify(tally)}, codes: ${[...codes].sort().join(' ')}\n`,
);
