import type { KindId, KindMap } from '../kinds.ts';
import type { Obj } from '../objects.ts';

/** What controllers read: the cluster as it was last seen. */
export interface View {
  /** In the order of their names; of one namespace when it is named. */
  list<K extends KindId>(kind: K, namespace?: string): KindMap[K][];
  get<K extends KindId>(kind: K, namespace: string, name: string): KindMap[K] | undefined;
}

export interface Change {
  kind: KindId;
  object: Obj;
  /** The state before; absent for an object that was not known. */
  previous?: Obj;
  gone: boolean;
}

export interface Cache extends View {
  /** Takes what a watch or a write said; what is older than what is known is left out. */
  put(kind: KindId, object: Obj): void;
  remove(kind: KindId, object: Obj): void;
  /** Everything there is of a kind: what is not in it is gone. */
  replace(kind: KindId, objects: Obj[]): void;
}

const keyOf = ({ metadata }: Obj): string => `${metadata.namespace ?? ''}/${metadata.name}`;
const newest = ({ metadata }: Obj): number => Number(metadata.resourceVersion);

/** How many deleted objects are remembered, so that a late event does not bring one back. */
const graves = 2_000;

export function createCache(onChange: (change: Change) => void): Cache {
  const kinds = new Map<KindId, Map<string, Obj>>();
  const sorted = new Map<KindId, Obj[]>();
  const gone = new Set<string>();

  const of = (kind: KindId): Map<string, Obj> => {
    let objects = kinds.get(kind);
    if (objects === undefined) kinds.set(kind, (objects = new Map()));
    return objects;
  };
  const all = (kind: KindId): Obj[] => {
    let list = sorted.get(kind);
    if (list === undefined) {
      const objects = [...of(kind)].sort(([a], [b]) => (a < b ? -1 : 1));
      sorted.set(kind, (list = objects.map(([, object]) => object)));
    }
    return list;
  };

  const put = (kind: KindId, object: Obj): void => {
    const key = keyOf(object);
    const previous = of(kind).get(key);
    if (gone.has(object.metadata.uid)) return;
    if (previous !== undefined && newest(previous) >= newest(object)) return;
    of(kind).set(key, object);
    sorted.delete(kind);
    onChange({ kind, object, ...(previous ? { previous } : {}), gone: false });
  };
  const remove = (kind: KindId, object: Obj): void => {
    gone.add(object.metadata.uid);
    if (gone.size > graves) gone.delete(gone.values().next().value!);
    const previous = of(kind).get(keyOf(object));
    if (previous === undefined || previous.metadata.uid !== object.metadata.uid) return;
    of(kind).delete(keyOf(object));
    sorted.delete(kind);
    onChange({ kind, object, previous, gone: true });
  };

  return {
    list: <K extends KindId>(kind: K, namespace?: string) => {
      const objects = all(kind) as KindMap[K][];
      if (namespace === undefined) return objects;
      return objects.filter(({ metadata }) => metadata.namespace === namespace);
    },
    get: <K extends KindId>(kind: K, namespace: string, name: string) =>
      of(kind).get(`${namespace}/${name}`) as KindMap[K] | undefined,
    put,
    remove,
    replace: (kind, objects) => {
      const keys = new Set(objects.map(keyOf));
      for (const object of all(kind)) if (!keys.has(keyOf(object))) remove(kind, object);
      for (const object of objects) put(kind, object);
    },
  };
}
