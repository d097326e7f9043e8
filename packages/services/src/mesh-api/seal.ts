import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import type { Database } from '@ambit/db/database';

/** Encrypts what may not lie in the database in clear: AES-256-GCM, bound to the object's place. */
export interface Seal {
  close(text: string, place: string): string;
  /** Texts that are not sealed come back as they are. @throws Error when it was tampered with or moved */
  open(text: string, place: string): string;
  /** The same for the same text, and of no use to who does not have the key. */
  mark(text: string): string;
}

const prefix = 'aes256gcm:';
const ivBytes = 12;
const tagBytes = 16;

/** Loads the platform's key for Secrets, or makes it on the first use; processes that race agree on one. */
export async function loadSeal(db: Database): Promise<Seal> {
  const name = 'secret-encryption-key';
  const fresh = { key: randomBytes(32).toString('base64') };
  await db.system.platformSecret.createMany({
    data: [{ name, value: fresh }],
    skipDuplicates: true,
  });
  const row = await db.system.platformSecret.findUniqueOrThrow({ where: { name } });
  return sealWith(Buffer.from((row.value as typeof fresh).key, 'base64'));
}

const byDatabase = new WeakMap<object, Promise<Seal>>();

/** The seal of a database, loaded once a process. */
export function sealOf(db: Database): Promise<Seal> {
  const known = byDatabase.get(db);
  if (known) return known;
  const loading = loadSeal(db);
  byDatabase.set(db, loading);
  loading.catch(() => byDatabase.delete(db));
  return loading;
}

export function sealWith(key: Buffer): Seal {
  return {
    close(text, place) {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(place));
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return prefix + Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
    },
    open(text, place) {
      if (!text.startsWith(prefix)) return text;
      const bytes = Buffer.from(text.slice(prefix.length), 'base64');
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes));
      decipher.setAAD(Buffer.from(place));
      decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
      const opened = decipher.update(bytes.subarray(ivBytes + tagBytes));
      return Buffer.concat([opened, decipher.final()]).toString('utf8');
    },
    mark: (text) => createHmac('sha256', key).update(text).digest('base64url'),
  };
}
