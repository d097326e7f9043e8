import type { ResourceVersion } from './kinds/registry.ts';
import type { StoredObject } from './store/store.ts';
import type { KubeObject } from './types.ts';

/**
 * Stored bytes begin with `{"apiVersion":"..."`; another served version of the same schema
 * differs in that text alone (conversion strategy None), so the rest is reused.
 */
const HEAD = '{"apiVersion":"';

/** Serialises an object so that apiVersion and kind come first. Without a revision: of a dry run that made it. */
export function encodeObject(object: KubeObject, revision?: number): Buffer {
  const { apiVersion, kind, metadata, ...rest } = object;
  const withRevision =
    revision === undefined ? metadata : { ...metadata, resourceVersion: String(revision) };
  const text = JSON.stringify({ apiVersion, kind, metadata: withRevision, ...rest });
  // Not from Buffer's pool: one object that stays would keep its neighbours' 64 KiB alive.
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}

export function decodeObject(stored: StoredObject, version?: ResourceVersion): KubeObject {
  const object = JSON.parse(stored.bytes.toString('utf8')) as KubeObject;
  if (version !== undefined) object.apiVersion = version.apiVersion;
  return object;
}

const heads = new Map<string, Buffer>();

const headOf = (apiVersion: string): Buffer => {
  let head = heads.get(apiVersion);
  if (head === undefined) {
    head = Buffer.from(`${HEAD}${apiVersion}"`);
    heads.set(apiVersion, head);
  }
  return head;
};

/** Appends the object's bytes at the given version; shares them when they fit as they are. */
export function pushBytes(chunks: Buffer[], bytes: Buffer, version: ResourceVersion): void {
  const head = headOf(version.apiVersion);
  if (bytes.length >= head.length && bytes.compare(head, 0, head.length, 0, head.length) === 0) {
    chunks.push(bytes);
    return;
  }
  const end = bytes.indexOf(0x22, HEAD.length);
  chunks.push(head, bytes.subarray(end + 1));
}

export function bytesAt(bytes: Buffer, version: ResourceVersion): Buffer {
  const chunks: Buffer[] = [];
  pushBytes(chunks, bytes, version);
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}
