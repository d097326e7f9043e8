import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The last desired state and its bundles on disk: what is repaired while the platform is away. */
export interface Cache {
  readDesired(): Promise<Buffer | null>;
  writeDesired(bytes: Buffer): Promise<void>;
  readBlob(digest: string): Promise<Buffer | null>;
  writeBlob(digest: string, bytes: Buffer): Promise<void>;
  /** Forgets every bundle but these. */
  keepOnly(digests: string[]): Promise<void>;
}

/** Everything that is read back is verified by the reader: the folder itself is not trusted. */
export function diskCache(folder: string): Cache {
  const blobs = join(folder, 'blobs');
  const desired = join(folder, 'desired.json');
  const nameOf = (digest: string) => digest.replace(/[^a-z0-9]/g, '-');
  const write = async (path: string, bytes: Buffer) => {
    await mkdir(blobs, { recursive: true });
    const unfinished = `${path}.${process.pid}.part`;
    await writeFile(unfinished, bytes);
    await rename(unfinished, path);
  };
  const read = (path: string) => readFile(path).catch(() => null);
  return {
    readDesired: () => read(desired),
    writeDesired: (bytes) => write(desired, bytes),
    readBlob: (digest) => read(join(blobs, nameOf(digest))),
    writeBlob: (digest, bytes) => write(join(blobs, nameOf(digest)), bytes),
    keepOnly: async (digests) => {
      const wanted = new Set(digests.map(nameOf));
      const names = await readdir(blobs).catch(() => []);
      for (const name of names) if (!wanted.has(name)) await rm(join(blobs, name), { force: true });
    },
  };
}
