/** Differences of two option trees as lines such as `mtls: PERMISSIVE -> STRICT`. */
export function optionsDiff(before: object, after: object, prefix = ''): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => {
    const a: unknown = before[key as keyof typeof before];
    const b: unknown = after[key as keyof typeof after];
    if (isTree(a) && isTree(b)) return optionsDiff(a, b, `${prefix}${key}.`);
    return JSON.stringify(a) === JSON.stringify(b)
      ? []
      : [`${prefix}${key}: ${told(a)} -> ${told(b)}`];
  });
}

const isTree = (value: unknown): value is object =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

const told = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? 'unset');
