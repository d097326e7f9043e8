import type { StoredObject } from './store.ts';

interface Name {
  namespace: string;
  name: string;
}

export interface Page {
  items: StoredObject[];
  remaining: number;
}

/** Objects of one resource, kept in (namespace, name) order, so that a namespace is one run. */
export interface Collection {
  get(key: Name): StoredObject | undefined;
  set(object: StoredObject): void;
  remove(key: Name): void;
  page(namespace: string | undefined, after: Name | undefined, limit: number | undefined): Page;
  copy(): Collection;
}

const compare = (a: Name, namespace: string, name: string): number => {
  if (a.namespace !== namespace) return a.namespace < namespace ? -1 : 1;
  if (a.name === name) return 0;
  return a.name < name ? -1 : 1;
};

export function createCollection(seed: StoredObject[] = []): Collection {
  const sorted = seed;
  const named = new Map<string, StoredObject>();
  for (const object of seed) named.set(`${object.key.namespace}/${object.key.name}`, object);

  /** First index whose key is not before (namespace, name). */
  const position = (namespace: string, name: string): number => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(sorted[middle]!.key, namespace, name) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  return {
    get: ({ namespace, name }) => named.get(`${namespace}/${name}`),
    set(object) {
      const { namespace, name } = object.key;
      const at = position(namespace, name);
      const id = `${namespace}/${name}`;
      if (named.has(id)) sorted[at] = object;
      else sorted.splice(at, 0, object);
      named.set(id, object);
    },
    remove({ namespace, name }) {
      const id = `${namespace}/${name}`;
      if (!named.delete(id)) return;
      sorted.splice(position(namespace, name), 1);
    },
    page(namespace, after, limit) {
      let from = namespace === undefined ? 0 : position(namespace, '');
      const to = namespace === undefined ? sorted.length : position(`${namespace}\0`, '');
      if (after !== undefined) from = Math.max(from, position(after.namespace, `${after.name}\0`));
      const end = limit === undefined ? to : Math.min(to, from + limit);
      return { items: sorted.slice(from, end), remaining: Math.max(0, to - end) };
    },
    copy: () => createCollection([...sorted]),
  };
}
