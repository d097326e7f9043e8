import { expect, it } from 'vitest';
import { catalogue, catalogueMarkdown } from './catalogue.ts';
import { allRules } from './rules/all.ts';

const withoutStar = (code: string): string => code.replace('*', '');

it('is what docs/rules.md says; npm run rules writes it anew', async () => {
  await expect(catalogueMarkdown(allRules)).toMatchFileSnapshot('../../../docs/rules.md');
});

it('has every code of Kiali', () => {
  const codes = catalogue(allRules).map(({ code }) => code);
  expect(codes.filter((code) => code.startsWith('KIA'))).toHaveLength(72);
});

it('names only codes that there are as the same', () => {
  const codes = new Set(allRules.map(({ code }) => code));
  const named = allRules.flatMap(({ sameAs }) => sameAs ?? []).map(withoutStar);
  expect(named.filter((code) => !codes.has(code))).toEqual([]);
});

it('has no circle of rules that are shown as each other', () => {
  const named = new Map<string, Set<string>>();
  for (const { code, sameAs = [] } of allRules) {
    named.set(code, new Set([...(named.get(code) ?? []), ...sameAs.map(withoutStar)]));
  }
  const leadsTo = (from: string, to: string, seen = new Set<string>()): boolean =>
    [...(named.get(from) ?? [])].some((code) => {
      if (code === to) return true;
      if (seen.has(code)) return false;
      seen.add(code);
      return leadsTo(code, to, seen);
    });
  expect([...named.keys()].filter((code) => leadsTo(code, code))).toEqual([]);
});
