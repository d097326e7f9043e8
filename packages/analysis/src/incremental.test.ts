import fc from 'fast-check';
import { expect, test } from 'vitest';
import { analyze } from './analyze.ts';
import { createIncremental } from './incremental.ts';
import type { Change } from './incremental.ts';
import type { Finding } from './finding.ts';
import type { Resource } from './resource.ts';
import { allRules } from './rules/all.ts';
import { meshConfigResource } from './snapshot.ts';
import { exampleSnapshot } from './testing/run-example.ts';

const now = Date.UTC(2027, 0, 1);

/** Resources of all examples: they share namespaces and names, so they conflict and refer to each other. */
const pool: Resource[] = allRules.flatMap((rule) =>
  rule.examples.flatMap((example) => [...exampleSnapshot(example).resources]),
);

const change = fc.oneof(
  { weight: 3, arbitrary: fc.nat(pool.length - 1).map((at): Change => ({ put: pool[at]! })) },
  {
    weight: 1,
    arbitrary: fc.nat(pool.length - 1).map((at): Change => ({ remove: pool[at]!.id })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...[{}, { rootNamespace: 'shop' }, { trustDomain: 'other' }].map((spec): Change => ({
        put: meshConfigResource(spec),
      })),
    ),
  },
);

const batches = fc.array(fc.array(change, { minLength: 1, maxLength: 6 }), { maxLength: 12 });

/** The resources that stand after the changes, in an order of their own. */
function final(start: Resource[], changes: Change[][]): Resource[] {
  const standing = new Map(start.map((resource) => [resource.id, resource]));
  for (const one of changes.flat()) {
    if ('put' in one) standing.set(one.put.id, one.put);
    else standing.delete(one.remove);
  }
  return [...standing.values()].reverse();
}

const isSetting = ({ kind }: Resource): boolean => kind === 'MeshConfig';

function full(resources: Resource[], parity: boolean): Finding[] {
  const setting = resources.findLast(isSetting);
  return analyze(
    {
      resources: resources.filter((resource) => !isSetting(resource)),
      ...(setting?.kind === 'MeshConfig' ? { meshConfig: setting.spec } : {}),
    },
    { rules: allRules, now, parity },
  );
}

const sample = (seed: number, size: number): Resource[] =>
  pool.filter((_, index) => ((index + 1) * 7919 + seed) % pool.length < size);

test.each([false, true])(
  'after any changes the findings are those of a full analysis (parity: %s)',
  { timeout: 60_000 },
  (parity) => {
    fc.assert(
      fc.property(fc.nat(1000), batches, (seed, changes) => {
        const start = sample(seed, 60);
        const incremental = createIncremental(
          { resources: start },
          { rules: allRules, now, parity },
        );
        for (const batch of changes) incremental.apply(batch);
        expect(incremental.findings()).toEqual(full(final(start, changes), parity));
      }),
      { numRuns: 40 },
    );
  },
);

test(
  'what a batch introduces and resolves is the difference of two full analyses',
  { timeout: 60_000 },
  () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.array(change, { minLength: 1, maxLength: 4 }), (seed, batch) => {
        const start = sample(seed, 60);
        const before = full(final(start, []), false);
        const after = full(final(start, [batch]), false);
        const incremental = createIncremental({ resources: start }, { rules: allRules, now });
        const delta = incremental.apply(batch);
        const ids = (findings: Finding[]): Set<string> => new Set(findings.map(({ id }) => id));
        const [were, are] = [ids(before), ids(after)];
        expect(delta.resolved.map(({ id }) => id).sort()).toEqual(
          [...were].filter((id) => !are.has(id)).sort(),
        );
        // Those that stay and say something else are told again.
        const told = delta.introduced.map(({ id }) => id);
        expect(told).toEqual(expect.arrayContaining([...are].filter((id) => !were.has(id))));
        expect(told.filter((id) => !are.has(id))).toEqual([]);
      }),
      { numRuns: 40 },
    );
  },
);

test('a preview changes nothing', () => {
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (batch) => {
      const incremental = createIncremental({ resources: sample(1, 60) }, { rules: allRules, now });
      const before = incremental.findings();
      const previewed = incremental.preview(batch);
      expect(incremental.findings()).toEqual(before);
      const applied = incremental.apply(batch);
      expect(previewed.introduced).toEqual(applied.introduced);
      expect(previewed.resolved).toEqual(applied.resolved);
    }),
    { numRuns: 30 },
  );
});

test('a moved clock gives the findings of that time', () => {
  const resources = sample(3, pool.length);
  const incremental = createIncremental({ resources }, { rules: allRules, now });
  const later = Date.UTC(2041, 0, 1);
  incremental.setNow(later);
  expect(incremental.findings()).toEqual(analyze({ resources }, { rules: allRules, now: later }));
});
