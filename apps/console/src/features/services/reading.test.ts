import { expect, it } from 'vitest';
import { reading } from './reading.ts';

const told = { data: { items: [] }, error: null };
const under = { data: undefined, error: null };
const failed = { data: undefined, error: { data: { code: 'unavailable', message: 'no agent' } } };

it('what is not told is never said to be nothing, and what failed is not said to be under way', () => {
  expect(reading(told, 'None.')).toBe('None.');
  expect(reading(under, 'None.')).toBe('Reading them…');
  expect(reading(failed, 'None.')).toBe('They cannot be read now: No agent.');
  // Old lines stand while a renewal fails.
  expect(reading({ ...told, error: failed.error }, 'None.')).toBe('None.');
  expect(reading([told, under], 'None.')).toBe('Reading them…');
  expect(reading([told, under, failed], 'None.')).toContain('No agent');
  expect(reading([], 'None.')).toBe('None.');
});
