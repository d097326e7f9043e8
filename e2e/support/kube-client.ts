import type { KubeObject } from '@ambit/run/testing/kubectl';
import { parseAllDocuments } from 'yaml';

interface ResourceList {
  groupVersion: string;
  resources: { name: string; kind: string; namespaced: boolean; verbs: string[] }[];
}

interface Resource {
  /** `plural.group`, `plural` in the core group. */
  id: string;
  kind: string;
  apiVersion: string;
  path: (namespace?: string) => string;
}

/** What kubectl does for the journeys, over plain HTTP: an API without authentication on the loopback device. */
export function kubeClient(url: string) {
  async function send(
    method: string,
    path: string,
    body?: string,
    type?: string,
  ): Promise<unknown> {
    const answer = await fetch(`${url}${path}`, {
      method,
      ...(body === undefined ? {} : { body }),
      headers: type === undefined ? {} : { 'content-type': type },
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answers ${answer.status}: ${text}`);
    return JSON.parse(text);
  }

  async function resources(): Promise<Resource[]> {
    const { groups } = (await send('GET', '/apis')) as {
      groups: { preferredVersion: { groupVersion: string } }[];
    };
    const roots = [
      '/api/v1',
      ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`),
    ];
    const lists = await Promise.all(roots.map((root) => send('GET', root)));
    return (lists as ResourceList[]).flatMap(({ groupVersion, resources: found }, index) =>
      found
        .filter(({ name, verbs }) => !name.includes('/') && verbs.includes('list'))
        .map(({ name, kind, namespaced }) => ({
          id: groupVersion.includes('/') ? `${name}.${groupVersion.split('/')[0]}` : name,
          kind,
          apiVersion: groupVersion,
          path: (namespace?: string) =>
            `${roots[index]}${namespaced && namespace ? `/namespaces/${namespace}` : ''}/${name}`,
        })),
    );
  }

  const find = async (of: (resource: Resource) => boolean, what: string): Promise<Resource> => {
    const found = (await resources()).find(of);
    if (!found) throw new Error(`the cluster has no ${what}`);
    return found;
  };
  const listIn = async <T extends KubeObject>(resource: string, namespace?: string, query = '') => {
    const known = await find(({ id }) => id === resource, resource);
    const { items } = (await send('GET', `${known.path(namespace)}${query}`)) as { items: T[] };
    return items;
  };

  return {
    list: listIn,
    /** Server-side apply of every document. */
    async apply(yaml: string, manager: string): Promise<void> {
      for (const document of parseAllDocuments(yaml)) {
        const object = document.toJS() as (KubeObject & { apiVersion: string }) | null;
        if (object === null) continue;
        const { apiVersion, kind, metadata } = object;
        const { path } = await find(
          (known) => known.kind === kind && known.apiVersion === apiVersion,
          `kind ${apiVersion} ${kind}`,
        );
        await send(
          'PATCH',
          `${path(metadata.namespace)}/${metadata.name}?fieldManager=${manager}&force=true`,
          JSON.stringify(object),
          'application/apply-patch+yaml',
        );
      }
    },
    async labelled(label: string): Promise<string[]> {
      const found = await Promise.all(
        (await resources())
          .filter(({ id }) => id !== 'events')
          .map(async ({ id }) =>
            (await listIn(id, undefined, `?labelSelector=${label}`)).map(
              ({ metadata }) => `${id}/${metadata.name}`,
            ),
          ),
      );
      return found.flat();
    },
    async deleteLabelled(resource: string, label: string): Promise<void> {
      const { path } = await find(({ id }) => id === resource, resource);
      for (const { metadata } of await listIn(resource, undefined, `?labelSelector=${label}`)) {
        await send('DELETE', `${path()}/${metadata.name}`);
      }
    },
  };
}
