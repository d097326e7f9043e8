import { expect, it } from 'vitest';
import { draftOf, limitsOfDraft, noLimit } from './limit-draft.ts';

it.each([
  [noLimit, undefined],
  [{ ...noLimit, namespaces: 'shop, web' }, [{ namespaces: ['shop', 'web'] }]],
  [
    { meshId: 'msh_1', namespaces: '', verbs: 'read' as const },
    [{ meshId: 'msh_1', verbs: ['get', 'list', 'watch'] }],
  ],
])('a form and its limits say the same', (draft, limits) => {
  expect(limitsOfDraft(draft)).toEqual(limits);
  expect(draftOf((limits as never) ?? null)).toEqual(draft);
});

it('shows no form for what it cannot say', () => {
  expect(draftOf([{ namespaces: ['a'] }, { namespaces: ['b'] }])).toBeUndefined();
  expect(draftOf([{ verbs: ['get'] }])).toBeUndefined();
});
