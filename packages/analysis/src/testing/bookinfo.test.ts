import { expect, test } from 'vitest';
import { analyze } from '../analyze.ts';
import { allRules } from '../rules/all.ts';
import { loadTexts } from '../sources/load.ts';
import { bookinfo, objectsPerNamespace } from './bookinfo.ts';
import type { BookinfoOptions } from './bookinfo.ts';
import { yamlText } from './yaml-text.ts';

const now = Date.UTC(2026, 0, 1);

function textOf(options: BookinfoOptions): string {
  return yamlText([...bookinfo(options)].flat());
}

function codesOf(options: BookinfoOptions): Map<string, number> {
  const { snapshot, unreadable } = loadTexts([{ file: 'mesh.yaml', text: textOf(options) }]);
  expect(unreadable).toEqual([]);
  const counts = new Map<string, number>();
  for (const { code } of analyze(snapshot, { rules: allRules, now })) {
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return counts;
}

test('a namespace has 31 objects, the same for the same seed', () => {
  const sizes = [...bookinfo({ namespaces: 7, mistakes: 1 })].map(({ length }) => length);
  expect(new Set(sizes)).toEqual(new Set([objectsPerNamespace]));
  expect(textOf({ namespaces: 5, seed: 3 })).toBe(textOf({ namespaces: 5, seed: 3 }));
  expect(textOf({ namespaces: 5, seed: 3 })).not.toBe(textOf({ namespaces: 5, seed: 4 }));
});

test.each(['short', 'fqdn'] as const)(
  'a mesh without mistakes (%s hosts) has only what is so in it: subsets that the gateway skips, workloads without policy',
  (hosts) => {
    const counts = codesOf({ namespaces: 8, hosts });
    expect([...counts.keys()].sort()).toEqual(['IST0140', 'KIA1301']);
    expect(counts.get('IST0140')).toBe(8);
  },
);

test('mistakes are found', () => {
  const counts = codesOf({ namespaces: 60, mistakes: 1 });
  expect([...counts.keys()]).toEqual(
    expect.arrayContaining([
      'IST0101',
      'IST0102',
      'IST0103',
      'IST0118',
      'IST0127',
      'IST0130',
      'IST0173',
    ]),
  );
});
