import { lineIndex } from '@ambit/istio/validation/text/source';
import { hideColons, toObject, UnreadableText } from '@ambit/istio/validation/text/to-object';
import { isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { Document, Node } from 'yaml';
import type { Path } from '../resource.ts';

/** One document of a text: its value, or why it has none. Offsets are in the document's own text. */
export type ParsedDocument =
  | { value: unknown; positions: () => Positions }
  | { problem: string; offset: number };

export type Positions = {
  /** The line (from 1, in the document) of the path, or of its nearest written parent. */
  lineOf: (path: Path) => number;
  /** The line of the value at the path, when it is a scalar that is written. */
  lineOfScalar: (path: Path) => number | undefined;
};

function parsed(text: string): Document | string {
  try {
    return parseDocument(hideColons(text), {
      schema: 'failsafe',
      logLevel: 'silent',
      uniqueKeys: false,
      prettyErrors: false,
    });
  } catch (error) {
    return error instanceof RangeError ? 'it is nested too deep' : 'it is no valid YAML';
  }
}

function step(node: unknown, part: string | number): [Node | undefined, Node | undefined] {
  if (isSeq(node)) {
    const item = node.items[Number(part)] as Node | undefined;
    return [item, item];
  }
  if (!isMap(node)) return [undefined, undefined];
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
  return [pair?.key as Node | undefined, (pair?.value ?? undefined) as Node | undefined];
}

function positionsOf(document: Document, text: string): Positions {
  const lineAt = lineIndex(text);
  const line = (node: Node | undefined): number => lineAt(node?.range?.[0] ?? 0);
  return {
    lineOf: (path) => {
      let node: unknown = document.contents;
      let best = (document.contents ?? undefined) as Node | undefined;
      for (const part of path) {
        const [place, next] = step(node, part);
        if (!place) break;
        best = place;
        node = next;
      }
      return line(best);
    },
    lineOfScalar: (path) => {
      let node: unknown = document.contents;
      for (const part of path) [, node] = step(node, part);
      return isScalar(node) ? line(node) : undefined;
    },
  };
}

/** Parses one YAML or JSON document as kubectl reads it. */
export function parseOne(text: string): ParsedDocument {
  const document = parsed(text);
  if (typeof document === 'string') return { problem: document, offset: 0 };
  const [problem] = document.errors;
  if (problem) return { problem: `no valid YAML: ${problem.message}`, offset: problem.pos[0] };
  try {
    const value = toObject(document, /[&*]/.test(text));
    return { value, positions: () => positionsOf(document, text) };
  } catch (error) {
    if (!(error instanceof UnreadableText)) throw error;
    return { problem: error.message, offset: error.offset };
  }
}
