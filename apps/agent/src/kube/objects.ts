import type { KubeObject, ObjectRef } from '@ambit/contracts/common';
import { sleep } from '../wait.ts';
import { isStatus, type KubeClient } from './client.ts';
import { pathOf, pathOfObject, type Resources } from './resources.ts';
import { listAll, metadataOnly, type Listed, type Metadata } from './watch.ts';

/** The API server and what it serves: what controllers work with. */
export interface Cluster {
  client: KubeClient;
  resources: Resources;
}

export interface Found {
  ref: ObjectRef;
  metadata: Metadata;
}

const refOfObject = (object: KubeObject): ObjectRef => ({
  apiVersion: object.apiVersion,
  kind: object.kind,
  name: object.metadata.name,
  ...(object.metadata.namespace ? { namespace: object.metadata.namespace } : {}),
});

/** Repeats a request that the server put off (429), for as long as it says. */
async function patient<T>(signal: AbortSignal, request: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await request();
    } catch (error) {
      if (!isStatus(error, 429) || attempt >= 5) throw error;
      await sleep(Math.min(10_000, error.retryAfterMs ?? 1000), signal);
    }
  }
}

/** @returns null when there is none */
export async function readObject(
  { client, resources }: Cluster,
  ref: ObjectRef,
  signal: AbortSignal,
): Promise<KubeObject | null> {
  const resource = await resources.of(ref.apiVersion, ref.kind);
  try {
    return await patient(signal, () =>
      client.request<KubeObject>('GET', pathOfObject(resource, ref), { signal }),
    );
  } catch (error) {
    if (isStatus(error, 404)) return null;
    throw error;
  }
}

/** Server-side apply. @returns the object as it is after it (or, in a dry run, as it would be) */
export async function applyObject(
  { client, resources }: Cluster,
  object: KubeObject,
  options: { manager: string; force: boolean; dryRun?: boolean },
  signal: AbortSignal,
): Promise<KubeObject> {
  const resource = await resources.of(object.apiVersion, object.kind);
  return patient(signal, () =>
    client.request<KubeObject>('PATCH', pathOfObject(resource, refOfObject(object)), {
      body: { ...object, apiVersion: resource.apiVersion },
      contentType: 'application/apply-patch+yaml',
      query: {
        fieldManager: options.manager,
        force: String(options.force),
        ...(options.dryRun ? { dryRun: 'All' } : {}),
      },
      signal,
    }),
  );
}

/** A JSON merge patch. */
export async function mergePatch(
  { client, resources }: Cluster,
  ref: ObjectRef,
  body: object,
  manager: string,
  signal: AbortSignal,
): Promise<KubeObject> {
  const resource = await resources.of(ref.apiVersion, ref.kind);
  return patient(signal, () =>
    client.request<KubeObject>('PATCH', pathOfObject(resource, ref), {
      body,
      contentType: 'application/merge-patch+json',
      query: { fieldManager: manager },
      signal,
    }),
  );
}

/** Deletes exactly the object that was seen (by its uid); one that is gone already is fine. */
export async function deleteObject(
  { client, resources }: Cluster,
  { ref, metadata }: Found,
  signal: AbortSignal,
): Promise<void> {
  const resource = await resources.of(ref.apiVersion, ref.kind);
  try {
    await patient(signal, () =>
      client.request('DELETE', pathOfObject(resource, ref), {
        body: {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          propagationPolicy: 'Background',
          preconditions: { uid: metadata.uid },
        },
        signal,
      }),
    );
  } catch (error) {
    // 409: another object has the name now; it is not the one that was seen.
    if (!isStatus(error, 404, 409)) throw error;
  }
}

/** Metadata of all objects of some kinds with a label, in all namespaces. Kinds that are not served have none. */
export async function findLabelled(
  { client, resources }: Cluster,
  kinds: { group: string; kind: string }[],
  labelSelector: string,
  signal: AbortSignal,
): Promise<Found[]> {
  const found: Found[] = [];
  for (const { group, kind } of kinds) {
    const resource = await resources.ofGroupKind(group, kind);
    if (!resource) continue;
    const { items } = await listAll<Listed>(client, pathOf(resource), {
      query: { labelSelector },
      accept: metadataOnly,
      signal,
    }).catch((error: unknown) => {
      if (isStatus(error, 404)) return { items: [] };
      throw error;
    });
    for (const { metadata } of items) {
      found.push({
        metadata,
        ref: {
          apiVersion: resource.apiVersion,
          kind,
          name: metadata.name,
          ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
        },
      });
    }
  }
  return found;
}
