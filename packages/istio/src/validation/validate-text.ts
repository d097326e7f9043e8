import { parseDocument } from 'yaml';
import type { Document } from 'yaml';
import type { Issue, Verdict } from './issue.ts';
import { isPlainObject } from './shared/json.ts';
import { documentSource, lineIndex } from './text/source.ts';
import { hideColons, toObject, UnreadableText } from './text/to-object.ts';
import { validate } from './validate.ts';
import type { Options } from './validate.ts';

export type DocumentResult = Verdict & {
  file: string;
  apiVersion: string;
  kind: string;
  name: string;
  namespace: string;
};

type Chunk = { text: string; start: number };

/** Cuts at the lines "---", as kubectl does: a broken document does not spoil the others. */
function chunks(text: string): Chunk[] {
  const found: Chunk[] = [];
  let start = 0;
  for (const separator of text.matchAll(/^---[ \t]*(?:#.*)?(?:\r?\n|$)/gm)) {
    found.push({ text: text.slice(start, separator.index), start });
    start = separator.index + separator[0].length;
  }
  found.push({ text: text.slice(start), start });
  return found.filter((chunk) => chunk.text.trim() !== '');
}

const word = (value: unknown): string => (typeof value === 'string' ? value : '');

function resultOf(file: string, object: unknown, verdict: Verdict): DocumentResult {
  const fields = isPlainObject(object) ? object : {};
  const metadata = isPlainObject(fields['metadata']) ? fields['metadata'] : {};
  return {
    file,
    apiVersion: word(fields['apiVersion']),
    kind: word(fields['kind']),
    name: word(metadata['name']),
    namespace: word(metadata['namespace']),
    ...verdict,
  };
}

/** The objects of a document: itself, or the items of a List, with their paths in it. */
function* unfold(object: unknown, path: string): Generator<{ object: unknown; path: string }> {
  const isList =
    isPlainObject(object) &&
    word(object['kind']).endsWith('List') &&
    Array.isArray(object['items']);
  if (!isList) {
    yield { object, path };
    return;
  }
  for (const [index, item] of (object['items'] as unknown[]).entries()) {
    yield* unfold(item, `${path === '' ? '' : `${path}.`}items[${index}]`);
  }
}

function unreadable(file: string, message: string, line: number): DocumentResult {
  const issue: Issue = { path: '', message, layer: 'document', line };
  return resultOf(file, undefined, { errors: [issue], warnings: [] });
}

/** The parsed document, or why the parser gave up on it. */
function parseChunk(text: string): Document | string {
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

const yamlProblem = (message: string): string =>
  message.startsWith('Maximum call stack') ? 'it is nested too deep' : `no valid YAML: ${message}`;

function readChunk(
  chunk: Chunk,
  file: string,
  options: Options,
  lineOf: (at: number) => number,
): DocumentResult[] {
  const at = (offset: number): number => lineOf(chunk.start + offset);
  const document = parseChunk(chunk.text);
  if (typeof document === 'string') return [unreadable(file, document, at(0))];
  const [problem] = document.errors;
  if (problem) return [unreadable(file, yamlProblem(problem.message), at(problem.pos[0]))];
  try {
    const object = toObject(document, /[&*]/.test(chunk.text));
    if (object === null) return [];
    return [...unfold(object, '')].map((item) =>
      resultOf(
        file,
        item.object,
        validate(item.object, { ...options, source: documentSource(document, item.path, at) }),
      ),
    );
  } catch (error) {
    if (!(error instanceof UnreadableText)) throw error;
    return [unreadable(file, error.message, at(error.offset))];
  }
}

/**
 * Validates every document of a YAML or JSON text, one result an object; Lists are unfolded.
 * A text that cannot be read is a result with an error of layer `document`.
 */
export function validateText(text: string, file: string, options: Options = {}): DocumentResult[] {
  const lineOf = lineIndex(text);
  return chunks(text).flatMap((chunk) => readChunk(chunk, file, options, lineOf));
}
