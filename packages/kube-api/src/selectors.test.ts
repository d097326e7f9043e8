import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseFieldSelector, parseLabelSelector } from './selectors.ts';

test.each([
  ['a=b', { a: 'b' }, true],
  ['a==b', { a: 'c' }, false],
  ['a!=b', {}, true],
  ['a', { a: '' }, true],
  ['!a', { a: '' }, false],
  ['a in (x, y)', { a: 'y' }, true],
  ['a notin (x,y)', { a: 'y' }, false],
  ['a notin (x,y)', {}, true],
  ['n>5', { n: '6' }, true],
  ['n<5', { n: '6' }, false],
  [
    'app.kubernetes.io/name=x,tier in (a),!gone',
    { 'app.kubernetes.io/name': 'x', tier: 'a' },
    true,
  ],
])('%s on %o is %s', (selector, labels, selected) => {
  expect(parseLabelSelector(selector)!(labels)).toBe(selected);
});

test.each(['a=b=c', ',', 'a in x', 'in (a)', 'a in (b', '=x', 'a b', '-a=b', 'a=b c'])(
  '%s does not parse',
  (selector) => {
    expect(() => parseLabelSelector(selector)).toThrow(/unable to parse requirement/);
  },
);

test('field selectors keep escaped commas and equals signs', () => {
  expect(parseFieldSelector('metadata.name=a\\,b,x!=c\\=d')).toEqual([
    { field: 'metadata.name', equals: true, value: 'a,b' },
    { field: 'x', equals: false, value: 'c=d' },
  ]);
  expect(() => parseFieldSelector('nothing')).toThrow(/invalid selector/);
});

const key = fc.constantFrom('a', 'b', 'x/y', 'tier');
const value = fc.constantFrom('', '1', 'web', 'db');
const labels = fc.dictionary(key, value);

test('a requirement and its negation select opposite objects', () => {
  const pair = fc.oneof(
    fc.tuple(key, value).map(([k, v]) => [`${k}=${v}`, `${k}!=${v}`]),
    fc
      .tuple(key, fc.array(value, { minLength: 1 }))
      .map(([k, vs]) => [`${k} in (${vs.join()})`, `${k} notin (${vs.join()})`]),
    key.map((k) => [k, `!${k}`]),
  );
  fc.assert(
    fc.property(pair, labels, ([positive, negative], target) => {
      expect(parseLabelSelector(positive!)!(target)).not.toBe(
        parseLabelSelector(negative!)!(target),
      );
    }),
  );
});

test('requirements joined by commas select what all of them select', () => {
  const requirement = fc
    .tuple(key, fc.constantFrom('=', '!='), value)
    .map(([k, op, v]) => `${k}${op}${v}`);
  fc.assert(
    fc.property(fc.array(requirement, { minLength: 1, maxLength: 4 }), labels, (parts, target) => {
      const all = parts.every((part) => parseLabelSelector(part)!(target));
      expect(parseLabelSelector(parts.join(','))!(target)).toBe(all);
    }),
  );
});
