import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { istRules } from './rules/ist/index.ts';
import { compare, ownFindings, show } from './testing/compare.ts';
import { smallMesh } from './testing/fuzz/mesh.ts';
import { isKnownPanic, withoutChance } from './testing/known.ts';
import { libraryCases, libraryFolder } from './testing/library-cases.ts';
import { askPeer, findPeer } from './testing/peer.ts';

/** Built by the set-up of the lab part, and with it the library's module is there. */
const peer = findPeer() ?? '';
const folder = libraryFolder() ?? '';

test(
  "tells the same as Istio's library on the cases of its own tests: code, level, resource and line",
  { timeout: 120_000 },
  async () => {
    const cases = libraryCases(folder);
    expect(cases.length).toBeGreaterThan(90);
    const answers = await askPeer(peer, cases);
    const differences = cases.flatMap((one, index) => {
      const answer = answers[index];
      if (!answer) return [`${one.name}: no answer`];
      return show(compare(ownFindings(istRules, one), answer)).map(
        (line) => `${one.name}: ${line}`,
      );
    });
    expect(differences).toEqual([]);
    const codes = new Set(answers.flatMap(({ findings }) => findings.map(({ code }) => code)));
    expect(codes.size).toBeGreaterThan(50);
  },
);

test(
  'tells the same as the library on 200 random meshes, but for what the library tells by chance',
  { timeout: 300_000 },
  async () => {
    const seeds = fc.sample(fc.nat({ max: 1_000_000 }), { numRuns: 200, seed: 20261125 });
    const cases = seeds.map(smallMesh);
    const answers = await askPeer(peer, cases);
    const codes = new Set<string>();
    const differences: string[] = [];
    for (const [index, one] of cases.entries()) {
      const answer = answers[index];
      if (!answer || answer.panic) {
        if (!answer || !isKnownPanic(answer)) differences.push(`seed ${seeds[index]}: ended`);
        continue;
      }
      for (const { code } of answer.findings) codes.add(code);
      const ours = ownFindings(istRules, one);
      if (show(compare(ours, answer)).length === 0) continue;
      const left = show(await withoutChance(peer, one, ours));
      differences.push(...left.map((line) => `seed ${seeds[index]}: ${line}`));
    }
    expect(codes.size).toBeGreaterThan(45);
    expect(differences).toEqual([]);
  },
);
