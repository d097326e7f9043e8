import { admissionRules } from '@ambit/analysis/admission/told';
import { createIncremental, type Change, type Incremental } from '@ambit/analysis/incremental';
import type { MeshConfig } from '@ambit/analysis/mesh';
import { readObject } from '@ambit/analysis/read-object';
import type { Resource } from '@ambit/analysis/resource';
import type { KubeObject } from '@ambit/contracts/common';
import { keyOfObject } from '../objects/collector.ts';
import { makeBacklog } from './backlog.ts';
import type { Sink } from './follow.ts';

/** The analysis of this cluster alone, kept in memory as its watches go on. */
export interface Snapshot {
  sink: Sink<KubeObject>;
  /** With what came until a moment ago, and every write that was foreseen; null while not everything was listed, or when it is too much. */
  engine(): Incremental | null;
  /** A write that is about to be stored: the watch brings it in a moment, other writes may ask before that. */
  foresee(key: string, object: KubeObject | null): void;
  /** Moves the clock, and forgets what was foreseen and never came. */
  tick(): void;
  size(): number;
}

export interface SnapshotInput {
  /** Without it rules that look at workloads and services are left out: they may be in other clusters. */
  alone: boolean;
  meshConfig: MeshConfig;
  nowMs(): number;
  /** Of more objects nothing is kept, and every write passes. */
  most?: number;
}

/** An agent has half a gigabyte. */
const mostObjects = 20_000;
const foreseenMs = 2_000;
/** How long a write that is asked about waits for what the watches told before it. */
const catchUpMs = 4;

export function makeSnapshot(input: SnapshotInput): Snapshot {
  const most = input.most ?? mostObjects;
  /** What the cluster has, by source and key. */
  const sources = new Map<string, Map<string, Resource>>();
  const listed = new Set<string>();
  const foreseen = new Map<string, number>();
  const backlog = makeBacklog();
  let expected: string[] | null = null;
  let engine: Incremental | null = null;

  const of = (source: string): Map<string, Resource> => {
    const found = sources.get(source) ?? new Map<string, Resource>();
    sources.set(source, found);
    return found;
  };
  const observed = (key: string) => sources.get(sourceOf(key))?.get(key);
  const size = () => [...sources.values()].reduce((sum, { size: count }) => sum + count, 0);

  const tell = (change: Change, isUrgent = false) => {
    if (engine) backlog.add(change, isUrgent);
  };
  const put = (key: string, object: KubeObject) => {
    const resource = resourceOf(object);
    if (!resource) return remove(key);
    of(sourceOf(key)).set(key, resource);
    foreseen.delete(key);
    tell({ put: resource });
  };
  const remove = (key: string) => {
    const id = observed(key)?.id ?? idOf(key);
    of(sourceOf(key)).delete(key);
    foreseen.delete(key);
    tell({ remove: id });
  };
  const expire = () => {
    for (const [key, until] of foreseen) {
      if (until > input.nowMs()) continue;
      foreseen.delete(key);
      const resource = observed(key);
      tell(resource ? { put: resource } : { remove: idOf(key) });
    }
  };

  return {
    sink: {
      put: (object) => put(keyOf(object), object),
      remove,
      list: (source, objects) => {
        const present = new Set(objects.map(keyOf));
        for (const key of of(source).keys()) if (!present.has(key)) remove(key);
        for (const object of objects) put(keyOf(object), object);
        listed.add(source);
      },
      drop: (source) => {
        for (const key of of(source).keys()) remove(key);
        listed.add(source);
      },
      expect: (names) => (expected = names),
    },
    engine: () => {
      if (!expected?.every((source) => listed.has(source))) return null;
      if (size() > most) {
        engine = null;
        backlog.follow(null);
        return null;
      }
      expire();
      if (!engine) {
        const resources = [...sources.values()].flatMap((kept) => [...kept.values()]);
        engine = createIncremental(
          { resources, meshConfig: input.meshConfig },
          { rules: admissionRules({ hasFacts: input.alone, told: [] }), now: input.nowMs() },
        );
        backlog.follow(engine);
      }
      backlog.catchUp(catchUpMs);
      return engine;
    },
    foresee: (key, object) => {
      const resource = object && resourceOf(object);
      if (object && !resource) return;
      foreseen.set(key, input.nowMs() + foreseenMs);
      tell(resource ? { put: resource } : { remove: idOf(key) }, true);
    },
    tick: () => {
      expire();
      engine?.setNow(input.nowMs());
    },
    size,
  };
}

export const keyOf = ({ apiVersion, kind, metadata }: KubeObject): string =>
  keyOfObject(apiVersion, kind, metadata);

/** The resource of an object; undefined for one that rules cannot read. */
export function resourceOf(object: KubeObject): Resource | undefined {
  const read = readObject(object);
  return 'resource' in read ? read.resource : undefined;
}

const sourceOf = (key: string): string => key.split('/', 2).join('/');

/** As `readObject` names a resource. */
export function idOf(key: string): string {
  const [group, kind, namespace, name] = key.split('/');
  const isOther = kind === 'Gateway' && group === 'gateway.networking.k8s.io';
  return `|${isOther ? 'KubernetesGateway' : kind}|${namespace}/${name}`;
}
