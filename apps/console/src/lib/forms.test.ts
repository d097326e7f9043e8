import { expect, it } from 'vitest';
import { z } from 'zod';
import { HttpError } from './errors.ts';
import { placeIssues, schemaResolver } from './forms.ts';

const schema = z.object({
  name: z.string().min(1, 'a name is needed'),
  size: z.object({ cpu: z.string().regex(/m$/, 'in m') }),
});
const resolve = (values: object) =>
  schemaResolver<{ name: string; size: { cpu: string } }>(schema)(
    values as never,
    undefined,
    {} as never,
  );

it('puts each message of the schema at its field', async () => {
  expect(await resolve({ name: '', size: { cpu: '1' } })).toMatchObject({
    errors: { name: { message: 'a name is needed' }, size: { cpu: { message: 'in m' } } },
  });
  expect(await resolve({ name: 'a', size: { cpu: '1m' } })).toMatchObject({ errors: {} });
});

it('places the server’s issues at the fields that exist and says whether all found one', () => {
  const placed: string[] = [];
  const error = (paths: string[]) =>
    new HttpError(
      {
        code: 'invalid_input',
        message: 'x',
        requestId: '',
        details: paths.map((path) => ({ path, message: 'm' })),
      },
      400,
    );
  const place = (paths: string[]) =>
    placeIssues(
      error(paths),
      (path) => void placed.push(path),
      (path) => path === 'name',
    );
  expect(place(['name'])).toBe(true);
  expect(place(['name', 'other'])).toBe(false);
  expect(placed).toEqual(['name', 'name']);
});
