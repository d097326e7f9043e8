import type { KindName } from '../kinds.ts';
import type { Resource } from '../resource.ts';
import type { Index } from '../view.ts';
import type { Cell } from './graph.ts';

/** The resources of one key of an index, ordered by id. */
export type Bucket = Cell & { items: Resource[]; isSorted: boolean };

type Built = { index: Index; buckets: Map<string, Bucket> };

const bucketOf = (items: Resource[]): Bucket => ({
  version: 0,
  readers: undefined,
  items,
  isSorted: true,
});
const newBucket = (): Bucket => bucketOf([]);
const empty: Bucket = Object.freeze(bucketOf(Object.freeze([]) as never));

/** The keys of a resource, each once. */
function keysOf(index: Index, resource: Resource): Iterable<string> {
  const keys = index.keys(resource);
  return Array.isArray(keys) && keys.length < 2 ? keys : new Set(keys);
}

const compare = (a: Resource, b: Resource): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

function place(items: Resource[], id: string): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((items[middle] as Resource).id < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

function sorted(bucket: Bucket): Bucket {
  if (!bucket.isSorted) {
    bucket.items.sort(compare);
    bucket.isSorted = true;
  }
  return bucket;
}

function insert(bucket: Bucket, resource: Resource): void {
  const { items } = sorted(bucket);
  items.splice(place(items, resource.id), 0, resource);
}

function remove(bucket: Bucket, resource: Resource): void {
  const { items } = sorted(bucket);
  const at = place(items, resource.id);
  if (items[at]?.id === resource.id) items.splice(at, 1);
}

/** The resources of a snapshot, with indexes that are built when first asked and then kept. */
export type Store = {
  size: () => number;
  byId: (id: string) => Resource | undefined;
  all: () => Iterable<Resource>;
  ofKind: (kind: KindName) => Bucket;
  lookup: (index: Index, key: string) => Bucket;
  /** Puts the resource in the place of the one with its id, or takes that away; gives the buckets that changed. */
  replace: (id: string, resource: Resource | undefined) => Set<Bucket>;
};

/** @param keepsMisses keeps a bucket for what was asked and is not there, so that its coming is noticed */
export function createStore(resources: Iterable<Resource>, keepsMisses: boolean): Store {
  const byId = new Map<string, Resource>();
  for (const resource of resources) byId.set(resource.id, resource);
  const byKind = new Map<KindName, Bucket>();
  const built = new Map<string, Built>();

  const ofKind = (kind: KindName): Bucket => {
    let bucket = byKind.get(kind);
    if (!bucket) byKind.set(kind, (bucket = newBucket()));
    return sorted(bucket);
  };
  for (const resource of byId.values()) {
    const bucket = byKind.get(resource.kind);
    if (bucket) bucket.items.push(resource);
    else byKind.set(resource.kind, bucketOf([resource]));
  }
  for (const bucket of byKind.values()) bucket.isSorted = false;

  const build = (index: Index): Built => {
    const buckets = new Map<string, Bucket>();
    // Of keys that are told twice the second finds the resource at the end of its bucket.
    const add = (key: string, resource: Resource): void => {
      const bucket = buckets.get(key);
      if (!bucket) buckets.set(key, bucketOf([resource]));
      else if (bucket.items.at(-1) !== resource) bucket.items.push(resource);
    };
    for (const kind of index.kinds) {
      for (const resource of ofKind(kind).items) {
        const keys = index.keys(resource);
        if (Array.isArray(keys))
          for (let at = 0; at < keys.length; at += 1) add(keys[at], resource);
        else for (const key of keys) add(key, resource);
      }
    }
    // Kinds come one after another, each sorted: only the buckets of several kinds need sorting.
    if (index.kinds.length > 1) for (const bucket of buckets.values()) bucket.isSorted = false;
    const made = { index, buckets };
    built.set(index.name, made);
    return made;
  };

  return {
    size: () => byId.size,
    byId: (id) => byId.get(id),
    all: () => byId.values(),
    ofKind,
    lookup: (index, key) => {
      const { buckets } = built.get(index.name) ?? build(index);
      const bucket = buckets.get(key);
      if (bucket) return sorted(bucket);
      if (!keepsMisses) return empty;
      const made = newBucket();
      buckets.set(key, made);
      return made;
    },
    replace: (id, resource) => {
      const touched = new Set<Bucket>();
      const before = byId.get(id);
      if (before) {
        byId.delete(id);
        remove(ofKind(before.kind), before);
        touched.add(ofKind(before.kind));
      }
      if (resource) {
        byId.set(id, resource);
        insert(ofKind(resource.kind), resource);
        touched.add(ofKind(resource.kind));
      }
      for (const { index, buckets } of built.values()) {
        if (before && index.kinds.includes(before.kind)) {
          for (const key of keysOf(index, before)) {
            const bucket = buckets.get(key);
            if (!bucket) continue;
            remove(bucket, before);
            touched.add(bucket);
          }
        }
        if (resource && index.kinds.includes(resource.kind)) {
          for (const key of keysOf(index, resource)) {
            let bucket = buckets.get(key);
            if (!bucket) buckets.set(key, (bucket = newBucket()));
            insert(bucket, resource);
            touched.add(bucket);
          }
        }
      }
      for (const bucket of touched) bucket.version += 1;
      return touched;
    },
  };
}
