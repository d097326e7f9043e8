import { compileRoot } from '../schema/compile.ts';
import { trustPatterns } from '../schema/pattern.ts';
import type { SchemaNode } from '../schema/node.ts';
import type { StatusSubject } from '../status.ts';
import type { Kind, KindVersion } from './kind.ts';

/** A kind ready to serve. */
export interface Resource extends StatusSubject {
  /** `plural.group`, or `plural` in the core group: the name the store knows it by. */
  id: string;
  kind: string;
  listKind: string;
  source: Kind;
  versions: ResourceVersion[];
  storage: ResourceVersion;
}

export interface ResourceVersion {
  resource: Resource;
  version: string;
  /** `group/version`, or `version` in the core group. */
  apiVersion: string;
  source: KindVersion;
  /** Compiled when first asked for. */
  schema(): SchemaNode;
}

/** The kinds a server serves. Compiled once and shared by any number of APIs. */
export interface Registry {
  resources(): Iterable<Resource>;
  find(group: string, version: string, plural: string): ResourceVersion | undefined;
  byKind(group: string, kind: string): Resource | undefined;
  byId(id: string): Resource | undefined;
  /** Changes whenever the set of kinds does. */
  generation(): number;
}

export const resourceId = (group: string, plural: string): string =>
  group === '' ? plural : `${plural}.${group}`;

export function toResource(kind: Kind): Resource {
  const resource: Resource = {
    id: resourceId(kind.group, kind.plural),
    group: kind.group,
    plural: kind.plural,
    kind: kind.kind,
    listKind: kind.listKind ?? `${kind.kind}List`,
    source: kind,
    versions: [],
    storage: undefined as unknown as ResourceVersion,
  };
  for (const source of kind.versions) {
    let schema: SchemaNode | undefined;
    const version: ResourceVersion = {
      resource,
      version: source.name,
      apiVersion: kind.group === '' ? source.name : `${kind.group}/${source.name}`,
      source,
      schema: () =>
        (schema ??= compileRoot(
          source.schema ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        )),
    };
    resource.versions.push(version);
    if (source.storage) resource.storage = version;
  }
  if (resource.storage === undefined) {
    throw new Error(`${resource.id}: no version is marked as the storage version`);
  }
  return resource;
}

/** A registry over kinds that stay as they are. Later kinds replace earlier ones of the same name. */
export function createRegistry(kinds: Kind[]): Registry {
  const resources = new Map<string, Resource>();
  for (const kind of kinds) {
    for (const version of kind.versions) trustPatterns(version.schema);
    const resource = toResource(kind);
    resources.set(resource.id, resource);
  }
  return registryOver(resources, () => 0);
}

/** A registry with kinds of its own (CRDs created through the API) over a shared one. */
export function extendRegistry(base: Registry): Registry & {
  set(kind: Kind): void;
  /** The kind belongs to the shared registry. */
  isShared(id: string): boolean;
  remove(id: string): void;
} {
  const own = new Map<string, Resource>();
  const local = registryOver(own, () => generation);
  let generation = base.generation();
  return {
    *resources() {
      yield* base.resources();
      yield* own.values();
    },
    find: (group, version, plural) =>
      base.find(group, version, plural) ?? local.find(group, version, plural),
    byKind: (group, kind) => base.byKind(group, kind) ?? local.byKind(group, kind),
    byId: (id) => base.byId(id) ?? own.get(id),
    generation: () => generation,
    isShared: (id) => base.byId(id) !== undefined,
    set(kind) {
      const resource = toResource(kind);
      own.set(resource.id, resource);
      generation++;
    },
    remove(id) {
      if (own.delete(id)) generation++;
    },
  };
}

function registryOver(resources: Map<string, Resource>, generation: () => number): Registry {
  return {
    resources: () => resources.values(),
    find(group, version, plural) {
      const found = resources.get(resourceId(group, plural));
      return found?.versions.find(
        (candidate) => candidate.version === version && candidate.source.served,
      );
    },
    byKind(group, kind) {
      for (const resource of resources.values()) {
        if (resource.group === group && resource.kind === kind) return resource;
      }
      return undefined;
    },
    byId: (id) => resources.get(id),
    generation,
  };
}
