import { parseDocument } from 'yaml';
import type { Limits } from '../limits.ts';
import { badRequest, tooLargeEntity } from '../status.ts';
import { isObject, type JsonValue } from '../types.ts';
import { scanJson } from './scan.ts';

export interface DecodedBody {
  value: JsonValue;
  /** Dotted paths of duplicate keys; field validation speaks of them. */
  duplicates: string[];
}

type BodyLimits = Pick<Limits, 'depth' | 'yamlAliases' | 'yamlBytes'>;

const tooDeep = (depth: number) => badRequest(`the body is nested deeper than ${depth} levels`);
const prototypeKey = () => badRequest('the key "__proto__" is not accepted in a body');

/** Bytes of a request to a value; refuses what is malformed or hostile with a 400. */
export function decodeJson(bytes: Buffer, limits: BodyLimits): DecodedBody {
  const text = bytes.toString('utf8');
  const scan = scanJson(text, limits.depth);
  if (scan.depth > limits.depth) throw tooDeep(limits.depth);
  if (scan.prototypeKey) throw prototypeKey();
  try {
    return { value: JSON.parse(text) as JsonValue, duplicates: scan.duplicates };
  } catch (error) {
    throw badRequest(`the body is not valid JSON: ${(error as Error).message}`);
  }
}

/** YAML, or JSON sent as YAML, as kubectl does for server-side apply. */
export function decodeYaml(bytes: Buffer, limits: BodyLimits): DecodedBody {
  if (looksLikeJson(bytes)) return decodeJson(bytes, limits);
  if (bytes.length > limits.yamlBytes) throw tooLargeEntity(limits.yamlBytes);
  try {
    const document = parseDocument(bytes.toString('utf8'), { merge: true, prettyErrors: false });
    const duplicates: string[] = [];
    for (const error of document.errors) {
      if (error.code !== 'DUPLICATE_KEY')
        throw badRequest(`the body is not valid YAML: ${error.message}`);
      duplicates.push(duplicateKeyAt(bytes.toString('utf8'), error.pos[0]));
    }
    const value = document.toJS({ maxAliasCount: limits.yamlAliases }) as JsonValue;
    inspect(value, limits.depth);
    return { value, duplicates };
  } catch (error) {
    if (error instanceof RangeError) throw tooDeep(limits.depth);
    if (error instanceof ReferenceError)
      throw badRequest(`the body is not valid YAML: ${error.message}`);
    throw error;
  }
}

function looksLikeJson(bytes: Buffer): boolean {
  for (const byte of bytes) {
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) continue;
    return byte === 0x7b;
  }
  return false;
}

function duplicateKeyAt(text: string, position: number): string {
  return /^["']?([^"':\n]*)/.exec(text.slice(position))?.[1]?.trim() ?? '';
}

function inspect(value: JsonValue | undefined, depthLeft: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depthLeft === 0) throw new RangeError('too deep');
  if (Array.isArray(value)) {
    for (const item of value) inspect(item, depthLeft - 1);
  } else if (isObject(value)) {
    if (Object.hasOwn(value, '__proto__')) throw prototypeKey();
    for (const key of Object.keys(value)) inspect(value[key], depthLeft - 1);
  }
}
