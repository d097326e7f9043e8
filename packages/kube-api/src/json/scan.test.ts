import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scanJson } from './scan.ts';

test('finds duplicate keys by path, and only them', () => {
  expect(
    scanJson('{"a":1,"b":{"c":1,"d":2,"c":3},"e":[{"x":1},{"x":1,"x":2}],"a":2}', 100).duplicates,
  ).toEqual(['b.c', 'e[1].x', 'a']);
  expect(scanJson('{"a\\"":1,"\\u0061":2,"a":3,"":1,"":2}', 100).duplicates).toEqual(['a', '']);
});

test('text that JSON.stringify writes has no duplicates, and its depth is right', () => {
  const depth = (value: unknown): number =>
    typeof value === 'object' && value !== null
      ? 1 + Math.max(0, ...Object.values(value).map(depth))
      : 0;
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 2), (value, indent) => {
      const scan = scanJson(JSON.stringify(value, undefined, indent), 1000);
      expect(scan.duplicates).toEqual([]);
      expect(scan.depth).toBe(depth(JSON.parse(JSON.stringify(value))));
    }),
  );
});

test('never throws, whatever the text', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', ':', ',', 'a', ' ') }),
      (text) => {
        scanJson(text, 50);
      },
    ),
  );
});
