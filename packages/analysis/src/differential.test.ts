import { expect, test } from 'vitest';
import { istRules } from './rules/ist/index.ts';
import { compare, ownFindings, show } from './testing/compare.ts';
import { libraryCases, libraryFolder } from './testing/library-cases.ts';
import { askPeer, findPeer } from './testing/peer.ts';

const peer = findPeer();
if (!peer)
  console.warn(
    "skipped: Istio's analysis library is not built (node infra/bench/src/analysis/build-peer.ts)",
  );
const folder = peer === undefined ? undefined : libraryFolder();

test.skipIf(!peer || !folder)(
  "tells the same as Istio's library on the cases of its own tests: code, level, resource and line",
  { timeout: 120_000 },
  async () => {
    const cases = libraryCases(folder ?? '');
    expect(cases.length).toBeGreaterThan(90);
    const answers = await askPeer(peer ?? '', cases);
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
