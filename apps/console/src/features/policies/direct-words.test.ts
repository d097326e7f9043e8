import { expect, it } from 'vitest';
import { ofOrigin, type PolicyRow } from './policy-rows.ts';
import { originWords, writerWords } from './direct-words.ts';

it('says where a policy comes from: the cluster, the tool, and what it belongs to there', () => {
  const writer = { tool: 'argocd' as const, application: 'shop', managers: ['argocd-controller'] };
  expect(originWords({ clusterName: 'east', writer })).toBe('east · Argo CD (shop)');
  expect(
    writerWords({ writer: { tool: 'other', application: '', managers: ['my-operator'] } }),
  ).toBe('my-operator');
  expect(writerWords({ writer: null })).toBe('somebody');
});

it('shows one origin, and all again when its cluster has none any more', () => {
  const row = (id: string, origin: string) => ({ id, origin }) as PolicyRow;
  const rows = [row('a', 'mesh'), row('b', 'east')];
  const shown = (origin: string) => ofOrigin(rows, origin).map(({ id }) => id);
  expect(shown('')).toEqual(['a', 'b']);
  expect(shown('east')).toEqual(['b']);
  expect(shown('mesh')).toEqual(['a']);
  expect(shown('west')).toEqual(['a', 'b']);
  expect(ofOrigin([row('b', 'east')], 'mesh')).toEqual([]);
});
