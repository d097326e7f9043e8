export type Tree = { [key: string]: unknown };

const isTree = (value: unknown): value is Tree =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** Deep merge of installer values: maps are merged, everything else of `over` replaces what `under` has. */
export function mergeTrees(under: Tree, over: Tree): Tree {
  const merged: Tree = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const before = merged[key];
    merged[key] = isTree(before) && isTree(value) ? mergeTrees(before, value) : value;
  }
  return merged;
}

/** Paths set in both trees to different values, as `pilot.resources.requests.cpu`. */
export function overriddenPaths(under: Tree, over: Tree, prefix = ''): string[] {
  return Object.entries(over).flatMap(([key, value]) => {
    if (!(key in under)) return [];
    const before = under[key];
    const path = `${prefix}${key}`;
    if (isTree(before) && isTree(value)) return overriddenPaths(before, value, `${path}.`);
    return JSON.stringify(before) === JSON.stringify(value) ? [] : [path];
  });
}
