import type { Finding } from '@ambit/analysis/finding';
import {
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Document,
} from 'yaml';
import { patchYaml } from './patch-yaml.ts';

/** Where a finding stands in a text, and the text with its fix. */
export interface Placed {
  /** From 1; null when the object does not stand in the text. */
  line: number | null;
  fixed: string | null;
}

/** Steps of a path as findings tell it: `spec.http[0].route`, `metadata.annotations["a.b/c"]`. */
export function stepsOf(path: string): (string | number)[] {
  return [...path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(
    ([, quoted, index, name]) =>
      quoted === undefined ? (index === undefined ? (name ?? '') : Number(index)) : quoted,
  );
}

/** Places findings in a text of one or more documents. */
export function placesIn(text: string): (
  finding: Pick<Finding, 'kind' | 'namespace' | 'name' | 'path'> & {
    fix?: Finding['fix'] | undefined;
  },
) => Placed {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines });
  const documents: { document: Document; from: number; to: number }[] = [];
  let from = 0;
  for (const document of Array.isArray(parsed) ? parsed : []) {
    const to = document.range[2];
    documents.push({ document, from, to });
    from = to;
  }
  return ({ kind, namespace, name, path, fix }) => {
    const found = documents.find(
      ({ document }) =>
        isMap(document.contents) &&
        document.get('kind') === kind &&
        document.getIn(['metadata', 'name']) === name &&
        (document.getIn(['metadata', 'namespace']) ?? '') === namespace,
    );
    if (!found) return { line: null, fixed: null };
    const patched = fix?.patch ? patchYaml(text.slice(found.from, found.to), fix.patch) : null;
    return {
      line: lines.linePos(offsetOf(found.document, stepsOf(path))).line,
      fixed: patched === null ? null : text.slice(0, found.from) + patched + text.slice(found.to),
    };
  };
}

/** The beginning of the key or item at the path, or of the nearest one that is written. */
function offsetOf(document: Document, steps: readonly (string | number)[]): number {
  let node: unknown = document.contents;
  let at = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  for (const step of steps) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => (isScalar(key) ? key.value : key) === step);
      if (!pair) break;
      if (isNode(pair.key)) at = pair.key.range?.[0] ?? at;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      if (!isNode(node)) break;
      at = node.range?.[0] ?? at;
    } else break;
  }
  return at;
}
