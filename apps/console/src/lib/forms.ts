import type { FieldErrors, FieldValues, Path, Resolver, UseFormSetError } from 'react-hook-form';
import type { z } from 'zod';
import { errorBody } from './errors.ts';

/** Puts `value` into nested objects along a dotted path. */
function put(target: Record<string, unknown>, path: readonly PropertyKey[], value: unknown) {
  let at = target;
  path.slice(0, -1).forEach((key) => {
    at[String(key)] ??= {};
    at = at[String(key)] as Record<string, unknown>;
  });
  const last = String(path.at(-1) ?? 'root');
  at[last] ??= value;
}

/** Checks a form with a schema of the contracts, so that it says the same words as the server. */
export function schemaResolver<T extends FieldValues>(schema: z.ZodType): Resolver<T> {
  return (values) => {
    const result = schema.safeParse(values);
    if (result.success) return { values: values as never, errors: {} };
    const errors: Record<string, unknown> = {};
    for (const issue of result.error.issues)
      put(errors, issue.path, { type: issue.code, message: issue.message });
    return { values: {}, errors: errors as FieldErrors<T> };
  };
}

/** Places the server's issues at their fields; answers whether each found a place. */
export function placeIssues<T extends FieldValues>(
  error: unknown,
  setError: UseFormSetError<T>,
  known: (path: string) => boolean,
): boolean {
  const details = errorBody(error).details ?? [];
  const placed = details.filter((issue) => known(issue.path));
  for (const issue of placed)
    setError(issue.path as Path<T>, { type: 'server', message: issue.message });
  return details.length > 0 && placed.length === details.length;
}
