/** Whether what is there has everything that is wanted; it may have more, such as defaults of the API server. */
export function includes(there: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(there) &&
      there.length === wanted.length &&
      wanted.every((one, index) => includes(there[index], one))
    );
  }
  if (typeof wanted !== 'object' || wanted === null) return there === wanted;
  if (typeof there !== 'object' || there === null) return false;
  return Object.entries(wanted).every(([key, value]) =>
    // Objects of one list come without their kind.
    ['apiVersion', 'kind'].includes(key) && !(key in there)
      ? true
      : includes((there as Record<string, unknown>)[key], value),
  );
}
