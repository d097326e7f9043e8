import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Document, Node, Pair, Scalar, YAMLMap } from 'yaml';
import { plainValue } from './scalar.ts';

/** What a document cannot be read for, with the offset in its text. */
export class UnreadableText extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

type Reader = {
  document: Document;
  anchors: Map<string, Node>;
  nodes: number;
  aliased: number;
  depth: number;
  lastKeyStands: boolean;
};

const maxDepth = 200;
const maxAliasedNodes = 100_000;

/**
 * In [2001:db8::] the last colon belongs to the word for kubectl's reader, but not for YAML 1.2: it is hidden
 * behind a private character while the text is parsed.
 */
const hiddenColon = '\uE000';

export function hideColons(text: string): string {
  return text.replace(/::(?=[,\]}])/g, `:${hiddenColon}`);
}

/** Takes back what `hideColons` did, in the text of one scalar. */
export const showColons = (text: string): string => text.replaceAll(hiddenColon, ':');

const offsetOf = (node: Node | null | undefined): number => node?.range?.[0] ?? 0;

function count(reader: Reader, node: Node): void {
  reader.nodes += 1;
  if (reader.aliased > 0 && reader.nodes > maxAliasedNodes) {
    throw new UnreadableText('its aliases multiply to too many values', offsetOf(node));
  }
}

function scalarValue(node: Scalar): unknown {
  const text = showColons(String(node.value ?? ''));
  const isText = node.type !== 'PLAIN' && node.type !== undefined && node.tag === undefined;
  if (isText || node.tag === 'tag:yaml.org,2002:str') return text;
  const value = plainValue(text);
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new UnreadableText(`${text} is no number that JSON has`, offsetOf(node));
  }
  return value;
}

/** The node itself, or the one that an alias stands for. */
function target(reader: Reader, node: Node | null): Node | null {
  if (!isAlias(node)) return node;
  const found = reader.anchors.get(node.source);
  if (!found) throw new UnreadableText(`there is no anchor "${node.source}"`, offsetOf(node));
  return found;
}

function keyText(reader: Reader, pair: Pair): string {
  const key = target(reader, pair.key as Node | null);
  if (!isScalar(key)) throw new UnreadableText('a key must be a plain word', offsetOf(key));
  const value = scalarValue(key);
  if (value === null) throw new UnreadableText('a key is missing before ":"', offsetOf(key));
  return String(value);
}

const isMerge = (pair: Pair): boolean =>
  isScalar(pair.key) && pair.key.value === '<<' && pair.key.type === 'PLAIN';

function merge(reader: Reader, into: Record<string, unknown>, node: Node | null): void {
  const found = target(reader, node);
  for (const part of isSeq(found) ? (found.items as Node[]) : [found]) {
    const map = target(reader, part);
    if (!isMap(map)) throw new UnreadableText('only a map can be merged with <<', offsetOf(part));
    const values = read(reader, map, true) as Record<string, unknown>;
    for (const key of Object.keys(values)) into[key] ??= values[key];
  }
}

function readMap(reader: Reader, node: YAMLMap): Record<string, unknown> {
  const object: Record<string, unknown> = Object.create(null);
  for (const pair of node.items.filter((item) => !isMerge(item))) {
    const key = keyText(reader, pair);
    if (!reader.lastKeyStands && Object.hasOwn(object, key)) {
      throw new UnreadableText(`the key "${key}" is written twice`, offsetOf(pair.key as Node));
    }
    object[key] = read(reader, pair.value as Node | null, false);
  }
  for (const pair of node.items.filter(isMerge)) merge(reader, object, pair.value as Node | null);
  return object;
}

function read(reader: Reader, node: Node | null, isAliased: boolean): unknown {
  if (node === null) return null;
  count(reader, node);
  reader.depth += 1;
  if (reader.depth > maxDepth) throw new UnreadableText('it is nested too deep', offsetOf(node));
  const viaAlias = isAliased || isAlias(node);
  if (viaAlias) reader.aliased += 1;
  const found = target(reader, node);
  let value: unknown = null;
  if (isScalar(found)) value = scalarValue(found);
  else if (isSeq(found)) value = found.items.map((item) => read(reader, item as Node, false));
  else if (isMap(found)) value = readMap(reader, found);
  reader.depth -= 1;
  return value;
}

function anchorsOf(document: Document): Map<string, Node> {
  const anchors = new Map<string, Node>();
  const visit = (node: unknown): void => {
    if (isAlias(node)) return;
    if (isScalar(node) || isSeq(node) || isMap(node)) {
      if (node.anchor) anchors.set(node.anchor, node);
    }
    if (isSeq(node)) node.items.forEach(visit);
    if (isMap(node)) {
      for (const pair of node.items) {
        visit(pair.key);
        visit(pair.value);
      }
    }
  };
  visit(document.contents);
  return anchors;
}

/**
 * The JSON value of a parsed document, read as kubectl reads it. Objects have no prototype.
 * Throws UnreadableText on duplicate keys, aliases that multiply, deep nesting and what JSON cannot hold.
 * @param lastKeyStands takes the last of duplicate keys, as readers do that are not strict
 */
export function toObject(
  document: Document,
  mayHaveAnchors: boolean,
  lastKeyStands = false,
): unknown {
  const anchors = mayHaveAnchors ? anchorsOf(document) : new Map<string, Node>();
  const reader = { document, anchors, nodes: 0, aliased: 0, depth: 0, lastKeyStands };
  return read(reader, document.contents, false);
}
