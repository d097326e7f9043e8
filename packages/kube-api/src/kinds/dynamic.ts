import type { Engine } from '../engine.ts';
import { decodeObject } from '../object-bytes.ts';
import type { StoredObject } from '../store/store.ts';
import { CRDS } from './crd-status.ts';
import { kindFromCrd } from './from-crd.ts';
import type { extendRegistry } from './registry.ts';

/**
 * Keeps the registry in step with the CustomResourceDefinitions of the store: those that are
 * there, and every change to come.
 * @returns a function that stops it
 */
export async function followCrds(
  engine: Engine,
  registry: ReturnType<typeof extendRegistry>,
): Promise<() => void> {
  if (registry.byId(CRDS) === undefined) return () => {};
  const set = (stored: StoredObject): void => {
    if (registry.isShared(stored.key.name)) return;
    try {
      registry.set(kindFromCrd(decodeObject(stored)));
    } catch (error) {
      engine.onError(error);
    }
  };
  /** Who watched it learns that it is served no more, as from kube-apiserver: the watch ends, and the next one is a 404. */
  const forget = (id: string): void => {
    registry.remove(id);
    if (registry.byId(id) !== undefined) return;
    for (const [stream, resource] of engine.watches) if (resource === id) stream.finish();
  };
  let stopped = false;
  let close = (): void => {};
  const follow = async (): Promise<void> => {
    const { items, revision } = await engine.store.list({ resource: CRDS });
    for (const stored of items) set(stored);
    const watch = await engine.store.watch(
      { resource: CRDS, after: revision },
      {
        events: (batch) => {
          for (const event of batch) {
            if (event.type === 'DELETED') forget(event.object.key.name);
            else set(event.object);
          }
        },
        expired: () => {
          if (!stopped) follow().catch(engine.onError);
        },
      },
    );
    close = () => watch.close();
  };
  await follow();
  return () => {
    stopped = true;
    close();
  };
}
