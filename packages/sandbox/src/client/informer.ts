import type { KindId } from '../kinds.ts';
import type { Cache } from './cache.ts';
import { KubeError, type Client } from './client.ts';

/**
 * Keeps a kind of the cache in step with the API: lists, then watches from there; goes on where a watch ended, and
 * lists again when the server has forgotten that place.
 * @returns when the signal ends it, or when the kind is not served any more
 */
export async function inform(
  client: Client,
  cache: Cache,
  kind: KindId,
  signal: AbortSignal,
  onListed: () => void,
): Promise<void> {
  while (!signal.aborted) {
    let from: string;
    try {
      const { items, resourceVersion } = await client.list(kind);
      if (signal.aborted) return;
      cache.replace(kind, items);
      from = resourceVersion;
    } catch (error) {
      if (!(error instanceof KubeError) || error.status !== 404) throw error;
      cache.replace(kind, []);
      return;
    } finally {
      onListed();
    }
    await follow(client, cache, kind, from, signal);
  }
}

async function follow(
  client: Client,
  cache: Cache,
  kind: KindId,
  from: string,
  signal: AbortSignal,
): Promise<void> {
  let at = from;
  for (;;) {
    try {
      for await (const { type, object } of client.watch(kind, at, signal)) {
        if (type === 'ERROR') return;
        at = object.metadata.resourceVersion;
        if (type === 'DELETED') cache.remove(kind, object);
        else if (type !== 'BOOKMARK') cache.put(kind, object);
      }
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      return;
    }
    if (signal.aborted) return;
  }
}
