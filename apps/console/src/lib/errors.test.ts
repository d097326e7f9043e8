import { expect, it } from 'vitest';
import { errorBody, errorText, HttpError } from './errors.ts';

const body = {
  code: 'conflict' as const,
  message: 'taken',
  fix: 'choose another',
  requestId: 'req_1',
};

it('takes the body of a tRPC error and of a REST error', () => {
  expect(
    errorBody(Object.assign(new Error('x'), { data: { ...body, httpStatus: 409 } })),
  ).toMatchObject(body);
  expect(errorBody(new HttpError(body, 409))).toEqual(body);
});

it('does not take tRPC’s own shape for ours', () => {
  const own = Object.assign(new Error('no such procedure'), {
    data: { code: 'NOT_FOUND', message: 'x' },
  });
  expect(errorBody(own).code).toBe('internal');
});

it('says when no answer came', () => {
  expect(errorBody(new TypeError('Failed to fetch')).code).toBe('unavailable');
  expect(errorBody(Object.assign(new Error('x'), { cause: new TypeError('Failed') })).code).toBe(
    'unavailable',
  );
});

it('writes message and fix as sentences', () => {
  expect(errorText(new HttpError(body, 409))).toBe('Taken. Choose another.');
});
