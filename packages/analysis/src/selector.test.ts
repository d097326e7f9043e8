import { expect, it } from 'vitest';
import { ofSelectionKey, selectionKey } from './selector.ts';

it('a selection is read from its key as it was, with its namespace or for all', () => {
  const selector = new Map([
    ['app', 'web'],
    ['a=b', ''],
    ['version', 'v1'],
  ]);
  for (const namespace of [undefined, '', 'shop']) {
    const read = ofSelectionKey(selectionKey(namespace, selector));
    expect(read.namespace).toBe(namespace);
    expect(Object.fromEntries(read.selector)).toEqual(Object.fromEntries(selector));
  }
  expect(ofSelectionKey(selectionKey('shop', undefined))).toEqual({
    namespace: 'shop',
    selector: new Map(),
  });
});

it('selections that mean the same have one key, and others have another', () => {
  const key = selectionKey('shop', { app: 'web', version: 'v1' });
  expect(
    selectionKey(
      'shop',
      new Map([
        ['version', 'v1'],
        ['app', 'web'],
      ]),
    ),
  ).toBe(key);
  expect(selectionKey(undefined, { app: 'web', version: 'v1' })).not.toBe(key);
  expect(selectionKey('shop', { app: 'web', version: 'v2' })).not.toBe(key);
});
