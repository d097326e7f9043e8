import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { analyze } from './analyze.ts';
import { istRules } from './rules/ist/index.ts';
import { noSources, readText } from './sources/text.ts';
import { compare, ownFindings, show } from './testing/compare.ts';
import { smallMesh } from './testing/fuzz/mesh.ts';
import { fieldValues, mutatedCase } from './testing/fuzz/mutated-cases.ts';
import { isKnownPanic, withoutChance } from './testing/known.ts';
import { libraryCases, libraryFolder, multiClusterCase } from './testing/library-cases.ts';
import { askPeer, findPeer } from './testing/peer.ts';
import type { PeerCase } from './testing/peer.ts';

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

/** What differs in cases of which some may differ by the library's own chance. */
async function differencesOf(cases: readonly PeerCase[], names: readonly string[]) {
  const answers = await askPeer(peer, cases);
  const codes = new Set<string>();
  const differences: string[] = [];
  for (const [index, one] of cases.entries()) {
    const answer = answers[index];
    if (!answer || answer.panic) {
      if (!answer || !isKnownPanic(answer)) differences.push(`${names[index]}: ended`);
      continue;
    }
    for (const { code } of answer.findings) codes.add(code);
    const ours = ownFindings(istRules, one);
    if (show(compare(ours, answer)).length === 0) continue;
    const left = show(await withoutChance(peer, one, ours));
    differences.push(...left.map((line) => `${names[index]}: ${line}`));
  }
  return { codes, differences };
}

const seedsOf = (count: number): number[] =>
  fc.sample(fc.nat({ max: 1_000_000 }), { numRuns: count, seed: 20261125 });

test(
  'tells the same as the library on 200 random meshes, but for what the library tells by chance',
  { timeout: 300_000 },
  async () => {
    const seeds = seedsOf(200);
    const { codes, differences } = await differencesOf(seeds.map(smallMesh), seeds.map(String));
    expect(codes.size).toBeGreaterThan(45);
    expect(differences).toEqual([]);
  },
);

test(
  'tells the same as the library on 120 of its cases that were thrown together, changed and misprinted',
  { timeout: 300_000 },
  async () => {
    const cases = libraryCases(folder);
    const values = fieldValues(cases);
    const seeds = seedsOf(120);
    const { codes, differences } = await differencesOf(
      seeds.map((seed) => mutatedCase(seed, cases, values)),
      seeds.map(String),
    );
    expect(codes.size).toBeGreaterThan(40);
    expect(differences).toEqual([]);
  },
);

test('tells of Services that differ between clusters what the library tells in its case of two', () => {
  const { clusters, told } = multiClusterCase(folder);
  expect(clusters).toHaveLength(2);
  expect(told.length).toBeGreaterThan(3);
  const sources = noSources();
  for (const [at, text] of clusters.entries()) {
    readText(text, `${at}.yaml`, sources, { cluster: `cluster${at + 1}` });
  }
  const { resources } = sources;
  const found = analyze({ resources }, { rules: istRules, parity: true, now: Date.now() });
  const resourcesOf0170 = found
    .filter(({ code }) => code === 'IST0170')
    .map(({ resource }) => resource);
  expect(resourcesOf0170.sort()).toEqual(told.sort());
});
