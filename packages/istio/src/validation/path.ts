const plain = /^[A-Za-z_@][\w-]*$/;

/** The path of a field or map entry: `a.b`, or `a["b.c"]` where the key is no plain word. */
export function child(path: string, key: string): string {
  if (!plain.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

const segment = /\.?([A-Za-z_@][\w-]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/gy;

/** The parts of a path made by `child` and list indexes: names as strings, indexes as numbers. */
export function parts(path: string): (string | number)[] {
  const found: (string | number)[] = [];
  segment.lastIndex = 0;
  for (let match = segment.exec(path); match; match = segment.exec(path)) {
    if (match[2] !== undefined) found.push(Number(match[2]));
    else found.push(match[3] === undefined ? (match[1] ?? '') : String(JSON.parse(match[3])));
  }
  return found;
}
