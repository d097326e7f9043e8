import type { ObjectRef } from '@ambit/contracts/common';
import type { KubeClient } from './client.ts';
import { isStatus } from './client.ts';

export interface Resource {
  apiVersion: string;
  kind: string;
  plural: string;
  namespaced: boolean;
}

/** The API server does not serve this kind (yet): its CRD is missing or not established. */
export class UnknownKind extends Error {
  constructor(apiVersion: string, kind: string) {
    super(`the cluster does not serve ${kind} of ${apiVersion}`);
    this.name = 'UnknownKind';
  }
}

export interface Resources {
  /** A resource of the version, or of another one where versions are alike. @throws UnknownKind */
  of(apiVersion: string, kind: string): Promise<Resource>;
  /** The resource of a kind of a group in whatever version is preferred; null when it is not served. */
  ofGroupKind(group: string, kind: string): Promise<Resource | null>;
}

export const groupOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';

/** Which kinds the API server serves; asked again when one is not known. */
export function makeResources(client: KubeClient): Resources {
  const known = new Map<string, Resource>();
  const idOf = (apiVersion: string, kind: string) => `${apiVersion} ${kind}`;

  const load = async (apiVersion: string): Promise<void> => {
    const { resources } = await client.request<{
      resources: { name: string; kind: string; namespaced: boolean }[];
    }>('GET', versionPath(apiVersion));
    for (const { name, kind, namespaced } of resources) {
      if (name.includes('/')) continue;
      known.set(idOf(apiVersion, kind), { apiVersion, kind, plural: name, namespaced });
    }
  };

  const find = async (apiVersion: string, kind: string): Promise<Resource | null> => {
    const id = idOf(apiVersion, kind);
    if (!known.has(id)) {
      try {
        await load(apiVersion);
      } catch (error) {
        if (!isStatus(error, 404)) throw error;
      }
    }
    return known.get(id) ?? null;
  };

  const ofGroupKind = async (group: string, kind: string): Promise<Resource | null> => {
    if (group === '') return find('v1', kind);
    try {
      const { versions } = await client.request<{ versions: { groupVersion: string }[] }>(
        'GET',
        `/apis/${group}`,
      );
      for (const { groupVersion } of versions) {
        const resource = await find(groupVersion, kind);
        if (resource) return resource;
      }
    } catch (error) {
      if (!isStatus(error, 404)) throw error;
    }
    return null;
  };

  return {
    of: async (apiVersion, kind) => {
      const resource = await find(apiVersion, kind);
      if (resource) return resource;
      const group = groupOf(apiVersion);
      const other = speaksAllVersions(group) ? await ofGroupKind(group, kind) : null;
      if (other) return other;
      throw new UnknownKind(apiVersion, kind);
    },
    ofGroupKind,
  };
}

/**
 * Versions of a kind of these groups are one schema, or a newer one of an older one: a cluster that keeps older
 * definitions of its own takes the object in the version it has, or says which field it does not know.
 */
const speaksAllVersions = (group: string): boolean =>
  group.endsWith('.istio.io') || group === 'gateway.networking.k8s.io';

const versionPath = (apiVersion: string): string =>
  apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;

/** Path of a resource, or of one object of it. Without a namespace: of all namespaces. */
export function pathOf(resource: Resource, namespace?: string, name?: string): string {
  const inNamespace = resource.namespaced && namespace ? `/namespaces/${namespace}` : '';
  const base = `${versionPath(resource.apiVersion)}${inNamespace}/${resource.plural}`;
  return name === undefined ? base : `${base}/${encodeURIComponent(name)}`;
}

export const pathOfObject = (resource: Resource, object: Pick<ObjectRef, 'namespace' | 'name'>) =>
  pathOf(resource, object.namespace ?? 'default', object.name);
