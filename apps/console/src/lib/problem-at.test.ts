import { expect, it } from 'vitest';
import { isSameAt, problemAt } from './problem-at.ts';

it('what is wrong is told at its field, from the schema as from the server', () => {
  const ofSchema = [
    { path: ['spec', 'scaling', 'by'], message: 'is of no kind' },
    { path: ['matchers', 0, 'label'], message: 'has no label' },
  ];
  expect(problemAt(ofSchema, 'spec.scaling.by')).toBe('is of no kind');
  expect(problemAt(ofSchema, 'spec')).toBe('is of no kind');
  expect(problemAt(ofSchema, 'spec.size')).toBeUndefined();
  expect(problemAt(ofSchema, 'matchers')).toBe('has no label');
  const ofServer = [
    { path: 'pool', message: 'there is no such pool' },
    { path: 'headers[0].name', message: 'is reserved' },
  ];
  expect(problemAt(ofServer, 'pool')).toBe('there is no such pool');
  expect(problemAt(ofServer, 'poolId')).toBeUndefined();
  expect(problemAt(ofServer, 'po')).toBeUndefined();
  expect(problemAt(ofServer, 'headers')).toBe('is reserved');
});

it('a refusal holds for what was sent, and no longer when its field is another', () => {
  const sent = { name: 'a', spec: { size: 'small' } };
  expect(isSameAt({ name: 'a', spec: { size: 'large' } }, sent, 'name')).toBe(true);
  expect(isSameAt({ name: 'a', spec: { size: 'large' } }, sent, 'spec.size')).toBe(false);
  expect(isSameAt({ name: 'a', spec: { size: 'large' } }, sent, 'spec')).toBe(false);
  expect(isSameAt({}, sent, 'spec.size')).toBe(false);
  expect(isSameAt({}, null, 'name')).toBe(true);
});
