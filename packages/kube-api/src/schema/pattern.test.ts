import { expect, test } from 'vitest';
import { compilePattern, trustPatterns } from './pattern.ts';

test('a pattern made to backtrack takes no time', () => {
  const started = process.cpuUsage();
  expect(compilePattern('^(a+)+$').test(`${'a'.repeat(5_000)}b`)).toBe(false);
  expect(compilePattern('^(a|aa)+$').test('a'.repeat(1_000))).toBe(true);
  expect(process.cpuUsage(started).user / 1_000).toBeLessThan(1_000);
});

test.each(['(?=a)', '(a', 'a{2000}', '(a{1000}){1000}', 'x'.repeat(3_000)])(
  '%s is refused',
  (pattern) => {
    expect(() => compilePattern(pattern)).toThrow();
  },
);

test.each([
  ['^(?i)abc$', 'ABC', true],
  ['^[[:alpha:]]+$', 'ab1', false],
  ['\\pL+', 'é', true],
  ['^a.c$', 'abc', true],
  ['b', 'abc', true],
])('%s on %s is %s, trusted or not', (pattern, text, matches) => {
  expect(compilePattern(pattern).test(text)).toBe(matches);
  const other = `(?:${pattern})`;
  trustPatterns({ pattern: other });
  expect(compilePattern(other).test(text)).toBe(matches);
});

test('patterns inside trusted rules are found as they are written', () => {
  trustPatterns({ rule: 'self.matches(r"""^a\\.b$""") && self.matches(\'^c\\\\.d$\')' });
  expect(compilePattern('^a\\.b$').test('a.b')).toBe(true);
  expect(compilePattern('^c\\.d$').test('cxd')).toBe(false);
});
