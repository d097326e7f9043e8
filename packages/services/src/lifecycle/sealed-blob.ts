import type { Seal } from '../mesh-api/seal.ts';
import type { PackedBundle } from '../release/renderer.ts';

/** A bundle with Secrets does not lie in the database in clear; its bytes are bound to its place. */
export function sealBlob(seal: Seal, organisationId: string, packed: PackedBundle): PackedBundle {
  const text = Buffer.from(packed.gzip).toString('base64');
  const sealed = seal.close(text, placeOf(organisationId, packed.digest));
  return { ...packed, gzip: new Uint8Array(Buffer.from(sealed)) };
}

/** Its gzip again; one that was never sealed comes back as it is. @throws Error when it was tampered with */
export function openBlob(
  seal: Seal,
  organisationId: string,
  digest: string,
  stored: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  // Every gzip begins with 1f 8b; a seal is text.
  if (stored[0] === 0x1f && stored[1] === 0x8b) return stored;
  const text = Buffer.from(stored).toString('utf8');
  return new Uint8Array(Buffer.from(seal.open(text, placeOf(organisationId, digest)), 'base64'));
}

const placeOf = (organisationId: string, digest: string): string =>
  `${organisationId}/blob/${digest}`;
