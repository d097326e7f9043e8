type Tree = { [key: string]: unknown };

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The part of `value` that differs from `base`, for showing a request without its defaults. */
export function changedPart(base: Tree, value: Tree): Tree {
  const changed: Tree = {};
  for (const [key, each] of Object.entries(value)) {
    const before = base[key];
    if (isTree(each) && isTree(before)) {
      const inner = changedPart(before, each);
      if (Object.keys(inner).length > 0) changed[key] = inner;
    } else if (each !== before && each !== undefined) changed[key] = each;
  }
  return changed;
}
