import {
  furtherKinds,
  objectKey,
  objectLimits,
  parseObjectKey,
  type ObjectsIndex,
  type ObjectsReport,
  type ReportedObject,
} from '@ambit/contracts/agent/objects';
import { groupOf } from '../../kube/resources.ts';

/** What is known of one object: its digest in the cluster and at the platform; its body only until it was sent. */
interface Entry {
  now: string | null;
  sent: string | null;
  body?: ReportedObject;
}

interface Source {
  /** It was listed once: what is not in it is not in the cluster. */
  listed: boolean;
  entries: Map<string, Entry>;
  /** Objects over the limit. */
  over: number;
  /** The agent may not read it. */
  isWithheld: boolean;
}

export type Delta = Pick<ObjectsReport, 'upserts' | 'removals' | 'omitted' | 'told' | 'complete'>;

/**
 * Holds the objects of a cluster against what the platform has of them: a source for each kind, named `group/Kind`.
 * Small at rest: two digests an object.
 */
export interface Collector {
  put(object: ReportedObject): void;
  remove(key: string): void;
  /** All objects of a source, as a list has them. */
  list(source: string, objects: ReportedObject[]): void;
  /** The kind is not in the cluster any more. */
  drop(source: string): void;
  /** The agent may not read the kind (any more): nothing is told of it, and that is said. */
  withhold(source: string): void;
  /** Which sources there are to be; what the platform has of others is gone. */
  expect(sources: string[]): void;
  /** What the platform has. */
  known(index: ObjectsIndex): void;
  /** What it lacks, as much as one report takes. */
  delta(): Delta;
  /** The platform took a delta. */
  taken(delta: Delta): void;
}

const reportBytes = 3 * 1024 * 1024;

export function makeCollector(input: {
  changed(): void;
  /** A source must be listed anew: bodies that were sent before are needed again. */
  relist(source: string): void;
}): Collector {
  const sources = new Map<string, Source>();
  let expected: Set<string> | null = null;

  const sourceOf = (name: string): Source => {
    const found = sources.get(name) ?? {
      listed: false,
      entries: new Map(),
      over: 0,
      isWithheld: false,
    };
    sources.set(name, found);
    return found;
  };
  const entryOf = (source: Source, key: string): Entry => {
    const found = source.entries.get(key) ?? { now: null, sent: null };
    source.entries.set(key, found);
    return found;
  };
  const settle = (source: Source, key: string, entry: Entry) => {
    if (entry.now === entry.sent) delete entry.body;
    if (entry.now === null && entry.sent === null) source.entries.delete(key);
  };
  const put = (object: ReportedObject): boolean => {
    const key = keyOfReported(object);
    const source = sourceOf(sourceOfKey(key));
    if (!source.entries.has(key) && source.entries.size >= objectLimits.perKind) {
      source.over += 1;
      return false;
    }
    const entry = entryOf(source, key);
    if (entry.now === object.digest) return false;
    entry.now = object.digest;
    entry.body = object;
    settle(source, key, entry);
    return true;
  };
  const removeFrom = (source: Source, key: string): void => {
    const entry = source.entries.get(key);
    if (!entry) return;
    entry.now = null;
    delete entry.body;
    settle(source, key, entry);
  };

  const empty = (name: string) => {
    const source = sourceOf(name);
    for (const key of source.entries.keys()) removeFrom(source, key);
    source.over = 0;
    source.listed = true;
    input.changed();
  };

  return {
    put: (object) => void (put(object) && input.changed()),
    remove: (key) => {
      removeFrom(sourceOf(sourceOfKey(key)), key);
      input.changed();
    },
    list: (name, objects) => {
      const source = sourceOf(name);
      source.over = 0;
      const present = new Set(objects.map(keyOfReported));
      for (const key of source.entries.keys()) if (!present.has(key)) removeFrom(source, key);
      for (const object of objects) {
        put(object);
        // A list brings bodies that were asked for again.
        const entry = source.entries.get(keyOfReported(object));
        if (entry && entry.now !== entry.sent) entry.body = object;
      }
      source.listed = true;
      source.isWithheld = false;
      input.changed();
    },
    drop: empty,
    withhold: (name) => {
      if (sourceOf(name).isWithheld) return;
      empty(name);
      sourceOf(name).isWithheld = true;
    },
    expect: (names) => {
      expected = new Set(names);
      input.changed();
    },
    known: ({ objects }) => {
      for (const { entries } of sources.values())
        for (const entry of entries.values()) entry.sent = null;
      for (const [key, digest] of Object.entries(objects)) {
        if (parseObjectKey(key)) entryOf(sourceOf(sourceOfKey(key)), key).sent = digest;
      }
      for (const source of sources.values())
        for (const [key, entry] of source.entries) settle(source, key, entry);
    },
    delta: () => {
      const delta: Delta = {
        upserts: [],
        removals: [],
        omitted: {},
        told: [],
        complete: expected !== null,
      };
      let bytes = 0;
      for (const [name, source] of sources) {
        const kind = name.split('/')[1]!;
        // Of a further kind it is enough that it is not told whole: other facts are worth as much as before.
        if (source.over > 0 && !isFurther(kind)) delta.omitted[kind] = source.over;
        const isKnown = source.listed || (expected !== null && !expected.has(name));
        if (!isKnown) {
          delta.complete = false;
          continue;
        }
        let lacks = false;
        for (const [key, entry] of source.entries) {
          if (entry.now === entry.sent) continue;
          if (entry.now === null) {
            delta.removals.push(key);
            continue;
          }
          if (!entry.body) {
            lacks = true;
            delta.complete = false;
            continue;
          }
          if (delta.upserts.length >= objectLimits.perReport || bytes > reportBytes) {
            delta.complete = false;
            break;
          }
          delta.upserts.push(entry.body);
          bytes += JSON.stringify(entry.body).length;
        }
        if (lacks) {
          source.listed = false;
          input.relist(name);
        }
      }
      for (const name of expected ?? []) {
        const source = sources.get(name);
        if (!source?.listed) delta.complete = false;
        else if (isFurther(name.split('/')[1]!) && !source.isWithheld && source.over === 0)
          delta.told!.push(name.split('/')[1]!);
      }
      return delta;
    },
    taken: ({ upserts, removals }) => {
      for (const object of upserts) {
        const key = keyOfReported(object);
        const source = sourceOf(sourceOfKey(key));
        const entry = entryOf(source, key);
        entry.sent = object.digest;
        settle(source, key, entry);
      }
      for (const key of removals) {
        const source = sourceOf(sourceOfKey(key));
        const entry = source.entries.get(key);
        if (!entry) continue;
        entry.sent = null;
        settle(source, key, entry);
      }
    },
  };
}

const isFurther = (kind: string): boolean => furtherKinds.some((known) => known === kind);

const sourceOfKey = (key: string): string => key.split('/', 2).join('/');

export const sourceName = (group: string, kind: string): string => `${group}/${kind}`;

const keyOfReported = ({ object }: ReportedObject): string =>
  keyOfObject(object.apiVersion, object.kind, object.metadata);

export const keyOfObject = (
  apiVersion: string,
  kind: string,
  { name, namespace = '' }: { name: string; namespace?: string | undefined },
): string => objectKey({ group: groupOf(apiVersion), kind, namespace, name });
