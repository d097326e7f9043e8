import { expect, test } from 'vitest';
import { fieldChanges } from './field-changes.ts';

test.each([
  ['nothing', { a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, []],
  ['a value', { a: { b: 1 } }, { a: { b: 2 } }, ['replace /a/b 1 2']],
  ['another type', { a: [] }, { a: {} }, ['replace /a [] {}']],
  ['a field more', {}, { 'x/y~z': 1 }, ['add /x~1y~0z undefined 1']],
  ['a field less', { a: null }, {}, ['remove /a null undefined']],
  ['an entry put in between', { a: [1, 3] }, { a: [1, 2, 3] }, ['add /a/1 undefined 2']],
  ['an entry less at the begin', { a: [1, 2, 3] }, { a: [2, 3] }, ['remove /a/0 1 undefined']],
  ['a field of an entry', { a: [{ b: 1 }, 2] }, { a: [{ b: 3 }, 2] }, ['replace /a/0/b 1 3']],
])('%s', (_what, before, after, expected) => {
  const told = fieldChanges(before, after).map(
    (one) => `${one.op} ${one.path} ${JSON.stringify(one.before)} ${JSON.stringify(one.after)}`,
  );
  expect(told).toEqual(expected);
});

test('as many as a person reads, of an object of any size', () => {
  const long = (mark: number) => Array.from({ length: 20_000 }, (_, i) => i * 2 + mark);
  expect(fieldChanges({ a: long(0) }, { a: long(1) })).toHaveLength(200);
});
