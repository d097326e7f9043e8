// Istio's analysis writes each item of a List anew before it reads it; what that does to lines, and what it loses.
import { lineIndex } from '@ambit/istio/validation/text/source';
import { isAlias, isMap, isScalar, isSeq, visit } from 'yaml';
import type { Node, Scalar } from 'yaml';

type Collection = Node & { flow?: boolean };

const start = (node: unknown): number => (node as Node).range?.[0] ?? 0;
const end = (node: unknown): number => (node as Node).range?.[1] ?? 0;

const isFlow = (node: unknown): boolean =>
  (isMap(node) || isSeq(node)) && (node as Collection).flow === true;

const isBlock = (node: unknown): node is Scalar =>
  isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED');

/** Lines that folded text takes when no line is broken for its length. */
function foldedLines(value: unknown): number {
  const lines = String(value).replace(/\n+$/, '').split('\n');
  const doubled = lines.filter((line, at) => at > 0 && line !== '' && lines[at - 1] !== '');
  return lines.length + doubled.length;
}

/**
 * How many lines above a place of an item are gone when the item is written anew: blank ones, those of flow
 * collections and scalars that went over several lines, and those between a key and its value.
 * @param item the item's node, `text` the text that its offsets are in
 * @param offset of the place
 */
export function linesGone(item: Node, text: string, offset: number): number {
  const lineAt = lineIndex(text);
  const gone = new Set<number>();
  const last = lineAt(offset);
  const take = (from: number, to: number): void => {
    for (let line = from + 1; line <= Math.min(to, last); line += 1) gone.add(line);
  };
  let more = 0;
  const kept = new Set<number>();
  visit(item, {
    Pair: (_, { key, value }) => {
      const isBeside = isScalar(value) || isFlow(value) || isAlias(value);
      if (key && isBeside && start(value) <= offset) take(lineAt(start(key)), lineAt(start(value)));
    },
    Node: (_, node) => {
      if (start(node) > offset) return visit.SKIP;
      const [from, to] = [lineAt(start(node)), lineAt(Math.max(start(node), end(node) - 1))];
      if (isBlock(node)) {
        for (let line = from + 1; line <= to; line += 1) kept.add(line);
        if (node.type === 'BLOCK_FOLDED' && to < last) {
          more += to - from - foldedLines(node.value);
        }
        return undefined;
      }
      if (isFlow(node) || isScalar(node)) take(from, to);
      return undefined;
    },
  });
  const lines = text.split('\n');
  for (let line = lineAt(start(item)); line < last; line += 1) {
    const isEmpty = /^\s*-?\s*$/.test(lines[line - 1] ?? '');
    if (isEmpty && !kept.has(line)) gone.add(line);
  }
  return gone.size + more - headComments(lines, lineAt(start(item)));
}

/** Comments right above an item go with it. */
function headComments(lines: string[], first: number): number {
  let count = 0;
  while (/^\s*#/.test(lines[first - 2 - count] ?? '')) count += 1;
  return count;
}

const jsonWord = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;

function isJson(node: unknown): boolean {
  if (isMap(node)) {
    return node.items.every(
      ({ key, value }) => isScalar(key) && key.type === 'QUOTE_DOUBLE' && isJson(value),
    );
  }
  if (isSeq(node)) return node.items.every(isJson);
  if (!isScalar(node)) return false;
  return (
    node.type === 'QUOTE_DOUBLE' || (node.type === 'PLAIN' && jsonWord.test(node.source ?? ''))
  );
}

function hasOutsideAlias(item: Node): boolean {
  const anchors = new Set<string>();
  let isOutside = false;
  visit(item, {
    Alias: (_, { source }) => {
      if (!anchors.has(source)) isOutside = true;
    },
    Value: (_, node) => {
      if (node.anchor) anchors.add(node.anchor);
    },
  });
  return isOutside;
}

/** Whether Istio can read an item that it wrote anew: in braces it must be JSON, and its anchors are its own. */
export const isItemReadable = (item: Node): boolean =>
  (!isFlow(item) || isJson(item)) && !hasOutsideAlias(item);
