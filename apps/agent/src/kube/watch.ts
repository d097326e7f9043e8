import { backoffMs } from '../link/backoff.ts';
import { sleep } from '../wait.ts';
import { isStatus, type KubeClient } from './client.ts';

export interface Metadata {
  name: string;
  namespace?: string;
  uid: string;
  resourceVersion: string;
  generation?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  deletionTimestamp?: string;
  ownerReferences?: { kind: string; name: string; uid: string; controller?: boolean }[];
  managedFields?: ManagedFields[];
}

export interface ManagedFields {
  manager: string;
  operation: string;
  subresource?: string;
  time?: string;
  fieldsV1?: object;
}

export interface Listed {
  metadata: Metadata;
}

/** Only the metadata of objects travels. */
export const metadataOnly =
  'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';
export const metadataWatch =
  'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';

const pageSize = '500';

/**
 * All objects of a path, page by page.
 * @param options.shrink applied to each object as its page comes, so that large ones are never all in memory
 */
export async function listAll<T extends Listed>(
  client: KubeClient,
  path: string,
  options: {
    query?: Record<string, string>;
    accept?: string;
    signal?: AbortSignal;
    shrink?: (object: T) => T;
  } = {},
): Promise<{ items: T[]; resourceVersion: string }> {
  const { shrink, ...request } = options;
  const items: T[] = [];
  let next = '';
  for (;;) {
    const page = await client.request<{
      items: T[] | null;
      metadata: { resourceVersion: string; continue?: string };
    }>('GET', path, {
      ...request,
      query: { ...options.query, limit: pageSize, ...(next ? { continue: next } : {}) },
    });
    const found = page.items ?? [];
    items.push(...(shrink ? found.map(shrink) : found));
    next = page.metadata.continue ?? '';
    if (!next) return { items, resourceVersion: page.metadata.resourceVersion };
  }
}

export interface Watched<T> {
  path: string;
  query?: Record<string, string>;
  metadataOnly?: boolean;
  /** Leaves out of each object what nobody here needs, before it is kept. */
  shrink?(object: T): T;
  /** The whole state, at the start and whenever the watch had to begin anew. */
  onList(items: T[]): void;
  onEvent(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): void;
  onError?(error: unknown): void;
}

/** Lists, then watches, for ever: begins anew after an error or when the server forgot where we were. */
export async function watch<T extends Listed>(
  client: KubeClient,
  watched: Watched<T>,
  signal: AbortSignal,
): Promise<void> {
  const accept = watched.metadataOnly ? metadataOnly : undefined;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const { items, resourceVersion } = await listAll<T>(client, watched.path, {
        ...(watched.query ? { query: watched.query } : {}),
        ...(accept ? { accept } : {}),
        ...(watched.shrink ? { shrink: watched.shrink } : {}),
        signal,
      });
      watched.onList(items);
      failures = 0;
      await follow(client, watched, resourceVersion, signal);
    } catch (error) {
      if (signal.aborted) return;
      watched.onError?.(error);
      await sleep(backoffMs(failures++, Math.random(), { longestMs: 30_000 }), signal).catch(
        () => {},
      );
    }
  }
}

interface Event<T> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: T & { code?: number };
}

async function follow<T extends Listed>(
  client: KubeClient,
  watched: Watched<T>,
  from: string,
  signal: AbortSignal,
): Promise<void> {
  let resourceVersion = from;
  for (;;) {
    const query = {
      ...watched.query,
      watch: 'true',
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(240 + Math.floor(Math.random() * 60)),
      resourceVersion,
    };
    try {
      const lines = client.lines<Event<T>>(watched.path, {
        query,
        signal,
        ...(watched.metadataOnly ? { accept: metadataWatch } : {}),
      });
      for await (const { type, object } of lines) {
        if (type === 'ERROR') {
          if (object.code === 410) return;
          throw new Error(`the watch of ${watched.path} ended: ${JSON.stringify(object)}`);
        }
        resourceVersion = object.metadata.resourceVersion;
        if (type !== 'BOOKMARK') {
          watched.onEvent(type, watched.shrink ? watched.shrink(object) : object);
        }
      }
    } catch (error) {
      if (isStatus(error, 410)) return;
      throw error;
    }
  }
}
