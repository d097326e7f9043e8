import { errorBody } from '../../lib/errors.ts';
import { sentence } from '../../lib/format.ts';

/**
 * What stands where there are no lines: `none` only when that was told, and when it cannot be told, why.
 * @param asked a query, or several that are told together
 */
export function reading(
  asked: { data: unknown; error: unknown } | readonly { data: unknown; error: unknown }[],
  none: string,
): string {
  const all = 'data' in asked ? [asked] : asked;
  const failed = all.find(({ data, error }) => error && data === undefined);
  if (failed) return `They cannot be read now: ${sentence(errorBody(failed.error).message)}`;
  return all.every(({ data }) => data !== undefined) ? none : 'Reading them…';
}
