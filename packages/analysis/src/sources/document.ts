import { lineIndex } from '@ambit/istio/validation/text/source';
import { plainValue } from '@ambit/istio/validation/text/scalar';
import {
  hideColons,
  showColons,
  toObject,
  UnreadableText,
} from '@ambit/istio/validation/text/to-object';
import { isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { Document, Node, Scalar, YAMLError } from 'yaml';
import type { Path } from '../resource.ts';
import { readPlainYaml } from './plain-yaml.ts';
import type { Marks } from './plain-yaml.ts';

/** One document of a text: its value, or why it has none. Offsets are in the document's own text. */
export type ParsedDocument =
  | { value: unknown; positions: () => Positions }
  | { problem: string; offset: number };

export type Positions = {
  /** The line (from 1, in the document) of the path, or of its nearest written parent. */
  lineOf: (path: Path) => number;
  /** The line of the value at the path, when it is a scalar that is written. */
  lineOfScalar: (path: Path) => number | undefined;
  /** The node at the path, with offsets in the document's text. */
  nodeAt: (path: Path) => Node | undefined;
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

/** Whether a key is written as the part, or means it: `on` is the key `true`. */
function isKey(key: Scalar, part: string | number): boolean {
  const written = showColons(String(key.value));
  if (written === part || key.type !== 'PLAIN') return written === String(part);
  return String(plainValue(written)) === String(part);
}

function step(node: unknown, part: string | number): [Node | undefined, Node | undefined] {
  if (isSeq(node)) {
    const item = node.items[Number(part)] as Node | undefined;
    return [item, item];
  }
  if (!isMap(node)) return [undefined, undefined];
  const pair = node.items.findLast(({ key }) => isScalar(key) && isKey(key, part));
  return [pair?.key as Node | undefined, (pair?.value ?? undefined) as Node | undefined];
}

function nodeIn(document: Document | string, path: Path): Node | undefined {
  let node: unknown = typeof document === 'string' ? undefined : document.contents;
  for (const part of path) [, node] = step(node, part);
  return (node ?? undefined) as Node | undefined;
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
    nodeAt: (path) => nodeIn(document, path),
  };
}

/** YAML 1.2 wants the lines of braces and brackets to be deeper than what they stand in; kubectl's reader does not. */
const isOnlyFlowIndent = ({ code, message }: YAMLError): boolean =>
  code === 'BAD_INDENT' && message.startsWith('Flow ');

/** Behind braces or brackets that are all of a document a reader that is not strict reads no more. */
function isBehindAll({ contents }: Document, { pos }: YAMLError): boolean {
  const isFlow = (isMap(contents) || isSeq(contents)) && contents.flow === true;
  const [, end = 0] = contents?.range ?? [];
  return isFlow && end > 0 && pos[0] >= end;
}

/** Parses with the complete reader. */
export function parseCompletely(text: string, isLenient = false): ParsedDocument {
  const document = parsed(text);
  if (typeof document === 'string') return { problem: document, offset: 0 };
  const problem = document.errors.find(
    (error) => !isOnlyFlowIndent(error) && !(isLenient && isBehindAll(document, error)),
  );
  if (problem) return { problem: `no valid YAML: ${problem.message}`, offset: problem.pos[0] };
  try {
    const value = toObject(document, /[&*]/.test(text), isLenient);
    return { value, positions: () => positionsOf(document, text) };
  } catch (error) {
    if (!(error instanceof UnreadableText)) throw error;
    return { problem: error.message, offset: error.offset };
  }
}

const isContainer = (value: unknown): value is Record<string | number, unknown> =>
  typeof value === 'object' && value !== null;

/** Positions by reading the text once more, now with the lines. */
function plainPositions(text: string): Positions {
  const read = readPlainYaml(text, true);
  const root = read?.value;
  let document: Document | string | undefined;
  const marks: Marks = read?.marks ?? new Map();
  const markOf = (container: unknown, part: string | number) =>
    isContainer(container) ? marks.get(container)?.[part] : undefined;
  const first = text.slice(0, text.search(/^[ ]*[^\s#]/m)).split('\n').length;
  return {
    lineOf: (path) => {
      let node: unknown = root;
      let best = first;
      for (const part of path) {
        const mark = markOf(node, part);
        if (!mark) break;
        [best] = mark;
        node = (node as Record<string | number, unknown>)[part];
      }
      return best;
    },
    lineOfScalar: (path) => {
      let node: unknown = root;
      let line: number | undefined;
      for (const part of path) {
        line = markOf(node, part)?.[1];
        node = isContainer(node) ? node[part] : undefined;
      }
      return isContainer(node) ? undefined : line;
    },
    nodeAt: (path) => nodeIn((document ??= parsed(text)), path),
  };
}

// oxlint-disable-next-line no-control-regex
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/;

/** Whether a text is nothing but lines of printable ASCII: looked at once for a whole file. */
export const isPlainAscii = (text: string): boolean => !/[^\n\x20-\x7e]/.test(text);

/**
 * Parses one YAML or JSON document as kubectl reads it.
 * @param isLenient takes the last of duplicate keys, and reads no further than one flow collection, as readers do that
 * are not strict; kubectl refuses both
 * @param isClean that the text is known to be `isPlainAscii`
 */
export function parseOne(text: string, isLenient = false, isClean = false): ParsedDocument {
  const control = isClean ? null : forbidden.exec(text);
  if (control && !text.trimStart().startsWith('{')) {
    return {
      problem: 'it has a control character; write it as "\\x.." in double quotes',
      offset: control.index,
    };
  }
  const plain = readPlainYaml(text, false);
  if (!plain) return parseCompletely(text, isLenient);
  let positions: Positions | undefined;
  return { value: plain.value, positions: () => (positions ??= plainPositions(text)) };
}
