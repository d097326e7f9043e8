/**
 * What is wrong with a field, or with a part of it: the first of the issues that lies there.
 * @param field path with dots: `name`, `spec.scaling.by`
 */
export function problemAt(
  issues: readonly { path: readonly PropertyKey[] | string; message: string }[],
  field: string,
): string | undefined {
  return issues.find(({ path }) => {
    const at = typeof path === 'string' ? path : path.map(String).join('.');
    return at === field || at.startsWith(`${field}.`) || at.startsWith(`${field}[`);
  })?.message;
}

/** Whether a field, with all of its parts, is as it was. @param field path with dots */
export function isSameAt(now: unknown, before: unknown, field: string): boolean {
  const at = (value: unknown) =>
    field
      .split('.')
      .reduce<unknown>((found, key) => (found as Record<string, unknown> | null)?.[key], value);
  return JSON.stringify(at(now)) === JSON.stringify(at(before));
}
