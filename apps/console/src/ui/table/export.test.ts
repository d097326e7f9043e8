import { expect, it } from 'vitest';
import { toCsv } from './export.ts';

it('quotes what must be quoted and leaves the rest', () => {
  expect(
    toCsv(
      ['name', 'note'],
      [
        ['a', 'x, "y"\nz'],
        ['b', null],
      ],
    ),
  ).toBe('name,note\r\na,"x, ""y""\nz"\r\nb,\r\n');
});

it('defuses formulas but keeps numbers', () => {
  expect(toCsv(['v'], [['=1+1'], [-3], ['@x']])).toBe("v\r\n'=1+1\r\n-3\r\n'@x\r\n");
});
