import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Document, Node } from 'yaml';
import type { Source } from '../issue.ts';
import { parts } from '../path.ts';

/** Starts of lines, to turn an offset into a line number. */
export function lineIndex(text: string): (offset: number) => number {
  let starts: number[] | undefined;
  return (offset) => {
    if (!starts) {
      starts = [0];
      for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1))
        starts.push(at + 1);
    }
    let [low, high] = [0, starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

/** Istio takes `max_age` for `maxAge`; paths have the latter. */
const camel = (key: string): string =>
  key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

function step(document: Document, node: unknown, part: string | number): [unknown, unknown] {
  const found = isAlias(node) ? node.resolve(document) : node;
  if (isSeq(found)) return [found.items[Number(part)], found.items[Number(part)]];
  if (!isMap(found)) return [undefined, undefined];
  const named = (spell: (key: string) => string) =>
    found.items.find(({ key }) => isScalar(key) && spell(String(key.value)) === String(part));
  const pair = named((key) => key) ?? named(camel);
  return [pair?.key, pair?.value];
}

/** Places of paths in a document; `base` is the path of the object in it (an item of a List). */
export function documentSource(
  document: Document,
  base: string,
  lineOf: (offset: number) => number,
): Source {
  return {
    lineOf: (path) => {
      let node: unknown = document.contents;
      let best: Node | undefined = (document.contents ?? undefined) as Node | undefined;
      for (const part of [...parts(base), ...parts(path)]) {
        const [place, next] = step(document, node, part);
        if (place === undefined) break;
        best = (place as Node).range ? (place as Node) : best;
        node = next;
      }
      return best?.range ? lineOf(best.range[0]) : undefined;
    },
  };
}
