// What Istio's own analysis takes and leaves of files, for parity with it.
import { isCollection, isScalar, parseDocument, visit } from 'yaml';
import type { Node } from 'yaml';
import { isReadByIstio } from '../kinds.ts';
import { readObject } from '../read-object.ts';
import type { Path } from '../resource.ts';
import type { Chunk } from './chunks.ts';
import type { Positions } from './document.ts';
import { isItemReadable } from './list-items.ts';

type Readable = { value: unknown; positions: () => Positions };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Istio takes what begins with "{" for JSON, and refuses it when it is not. */
export function isJsonOrYaml(text: string): boolean {
  // A byte order mark is no space to it.
  if (!/^[ \t\n\v\f\r]*\{/.test(text)) return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const hasContent = /^[ \t]*[^\s#]/m;

/**
 * What Istio reads of a document: up to a "---" with a comment or a directive in its midst, and without the space before
 * its first word. Behind a "---" that it kept (see `Chunk`) another one ends a document that is empty. Lines stay where
 * they are.
 */
export function firstDocument({ text, isMarked }: Chunk): string {
  const ends = [...text.matchAll(/^(?:---[ \t]+#|%YAML 1\.1\s*$)/gm)];
  const end = ends.find(({ index }) => isMarked || hasContent.test(text.slice(0, index)));
  const part = text.slice(0, end?.index);
  return isMarked ? part : part.replace(/^[ \t\n\r]+/, (space) => space.replace(/[^\n]/g, ''));
}

const isInside = (node: unknown, offset: number): boolean => {
  const [from = 0, to = 0] = (node as Node | null)?.range ?? [];
  return from < offset && offset < to;
};

const isLong = (node: unknown): boolean =>
  isScalar(node)
    ? node.type !== 'PLAIN'
    : isCollection(node) && (node as { flow?: boolean }).flow === true;

/**
 * The offset of a tab that Istio's reader refuses: one that indents a line, an empty one too, or stands behind a dash;
 * not in text over several lines, braces or brackets.
 */
export function misplacedTab(text: string): number | undefined {
  const end = text.trimEnd().length;
  const places = Array.from(
    text.matchAll(/^[ ]*(?:- *)*\t/gm),
    (found) => found.index + found[0].length - 1,
  );
  const inText = places.filter((place) => place < end);
  if (inText.length === 0 || text.trimStart().startsWith('{')) return undefined;
  const document = parseDocument(text, { logLevel: 'silent', uniqueKeys: false });
  return inText.find((place) => {
    let isFine = false;
    visit(document, {
      Node: (_, node) => {
        if (isLong(node) && isInside(node, place)) isFine = true;
      },
    });
    return !isFine;
  });
}

/** Whether items may be written so that Istio, which writes each anew, cannot read them. */
const mayBeOdd = /^\s*-\s*[{*]|\bitems['"]?:\s*[[*]|[:\-,[{]\s+\*[^\s,]/m;

function areItemsTaken(
  list: Record<string, unknown>,
  path: Path,
  document: Readable,
  text: string,
) {
  return (list['items'] as unknown[]).every((item, at): boolean => {
    const place = [...path, 'items', at];
    if (isObject(item) && item['kind'] === 'List') return isItemList(item, place, document, text);
    const read = readObject(item);
    if (!('resource' in read) || !isReadByIstio(read.resource.kind)) return false;
    if (!mayBeOdd.test(text)) return true;
    const node = document.positions().nodeAt(place);
    return node !== undefined && isItemReadable(node);
  });
}

function isItemList(value: unknown, path: Path, document: Readable, text: string): boolean {
  if (!isObject(value) || value['kind'] !== 'List' || !Array.isArray(value['items'])) return true;
  return areItemsTaken(value, path, document, text);
}

/** Istio drops a whole List for one item that it cannot read or does not know. */
export const isListTaken = (document: Readable, text: string): boolean =>
  isItemList(document.value, [], document, text);
