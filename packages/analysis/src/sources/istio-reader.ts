// What Istio's own analysis takes and leaves of files, for parity with it.
import { isReadByIstio } from '../kinds.ts';
import { readObject } from '../read-object.ts';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Istio takes what begins with "{" for JSON, and refuses it when it is not. */
export function isJsonOrYaml(text: string): boolean {
  if (!text.trimStart().startsWith('{')) return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Up to a "---" with a comment, behind which Istio reads no more. */
export function firstDocument(text: string): string {
  const end = text.search(/^---[ \t]*#/m);
  return end <= 0 ? text : text.slice(0, end);
}

/** Istio drops a whole List for one item that it cannot read or does not know. */
export function isListTaken(value: unknown): boolean {
  if (!isObject(value) || value['kind'] !== 'List' || !Array.isArray(value['items'])) return true;
  return value['items'].every((item) => {
    if (isObject(item) && item['kind'] === 'List') return isListTaken(item);
    const read = readObject(item);
    return 'resource' in read && isReadByIstio(read.resource.kind);
  });
}
