import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { KubeObject } from '@ambit/kube-api/types';
import { encodeObject } from '@ambit/kube-api/object-bytes';
import { KeyExists, type KubeStore, type StoredObject } from '@ambit/kube-api/store/store';

/** What passes and is written again by itself. */
const passing = new Set(['events', 'leases.coordination.k8s.io']);

interface Saved {
  resource: string;
  namespace: string;
  name: string;
  object: KubeObject;
}

/** Puts the objects of an earlier run into an empty store, with the identity they had. @returns how many */
export async function restore(store: KubeStore, file: string): Promise<number> {
  let saved: Saved[];
  try {
    saved = (JSON.parse(await readFile(file, 'utf8')) as { objects: Saved[] }).objects;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    if (error instanceof SyntaxError) return 0;
    throw error;
  }
  for (const { resource, namespace, name, object } of saved) {
    try {
      await store.create({
        key: { resource, namespace, name },
        encode: (revision) => encodeObject(object, revision),
        owners: (object.metadata.ownerReferences ?? []).map(({ uid }) => uid),
        context: {
          user: { username: 'system:sandbox', groups: ['system:masters'] },
          verb: 'create',
          fieldManager: 'sandbox',
        },
      });
    } catch (error) {
      if (!(error instanceof KeyExists)) throw error;
    }
  }
  return saved.length;
}

export interface Saver {
  changed(): void;
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** Writes all objects to a file some time after the first of many changes; a write that failed is told, and tried with the next. */
export function keepSaved(
  store: KubeStore,
  resources: () => string[],
  file: string,
  onError: (error: unknown) => void,
  delayMs = 3_000,
): Saver {
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  const write = async (): Promise<void> => {
    const objects: Saved[] = [];
    for (const resource of resources()) {
      if (passing.has(resource)) continue;
      const { items } = await store.list({ resource });
      objects.push(...items.map(savedOf));
    }
    await mkdir(dirname(file), { recursive: true });
    await writeFile(`${file}.new`, JSON.stringify({ format: 1, objects }), { mode: 0o600 });
    await rename(`${file}.new`, file);
  };
  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(write).catch(onError);
    return writing;
  };
  return {
    changed: () => {
      timer ??= setTimeout(() => void flush(), delayMs).unref();
    },
    flush,
    close: flush,
  };
}

const savedOf = ({ key, bytes }: StoredObject): Saved => ({
  ...key,
  object: JSON.parse(bytes.toString('utf8')) as KubeObject,
});
