import { createHash } from 'node:crypto';
import type { ApiResponse, Engine } from './engine.ts';
import { negotiate } from './http/negotiate.ts';
import { compareVersions } from './kinds/from-crd.ts';
import type { ResourceVersion } from './kinds/registry.ts';
import { reviewKinds } from './reviews.ts';
import { pathNotFound } from './status.ts';
import type { JsonObject } from './types.ts';
import { jsonResponse, valueResponse } from './verbs/respond.ts';

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

const aggregatedViews = [
  'APIGroupDiscoveryList;apidiscovery.k8s.io;v2',
  'APIGroupDiscoveryList;apidiscovery.k8s.io;v2beta1',
] as const;

interface Described {
  plural: string;
  singular: string;
  kind: string;
  namespaced: boolean;
  verbs: string[];
  shortNames?: string[];
  categories?: string[];
  subresources: { name: string; group: string; version: string; kind: string; verbs: string[] }[];
}

/** group -> version -> resources. */
type Catalogue = Map<string, Map<string, Described[]>>;

const catalogues = new WeakMap<object, { generation: number; catalogue: Catalogue }>();

function catalogueOf(engine: Engine): Catalogue {
  const { registry } = engine;
  const known = catalogues.get(registry);
  if (known?.generation === registry.generation()) return known.catalogue;
  const catalogue: Catalogue = new Map();
  const add = (group: string, version: string, described: Described): void => {
    const versions = catalogue.get(group) ?? new Map<string, Described[]>();
    versions.set(version, [...(versions.get(version) ?? []), described]);
    catalogue.set(group, versions);
  };
  for (const resource of registry.resources()) {
    for (const version of resource.versions) {
      if (version.source.served) add(resource.group, version.version, describe(version));
    }
  }
  for (const review of reviewKinds) {
    add(review.group, review.version, {
      ...review,
      singular: review.kind.toLowerCase(),
      namespaced: false,
      verbs: ['create'],
      subresources: [],
    });
  }
  for (const [group, versions] of catalogue) {
    const ordered = [...versions].sort(([a], [b]) => compareVersions(a, b));
    catalogue.set(group, new Map(ordered));
  }
  catalogues.set(registry, { generation: registry.generation(), catalogue });
  return catalogue;
}

function describe(version: ResourceVersion): Described {
  const { source, group, kind, plural } = version.resource;
  const subresources: Described['subresources'] = [];
  if (version.source.status === true) {
    subresources.push({
      name: 'status',
      group,
      version: version.version,
      kind,
      verbs: ['get', 'patch', 'update'],
    });
  }
  if (version.source.scale !== undefined) {
    subresources.push({
      name: 'scale',
      group: 'autoscaling',
      version: 'v1',
      kind: 'Scale',
      verbs: ['get', 'patch', 'update'],
    });
  }
  for (const { name, kind: answer, verbs } of source.connects ?? []) {
    subresources.push({ name, group, version: version.version, kind: answer, verbs });
  }
  return {
    plural,
    singular: source.singular,
    kind,
    namespaced: source.namespaced,
    verbs: VERBS,
    shortNames: source.shortNames,
    categories: source.categories,
    subresources,
  };
}

/** `/api` and `/apis`: aggregated when the client asks for it. */
export function discoverGroups(
  engine: Engine,
  core: boolean,
  accept: string | undefined,
  etag: string | undefined,
): ApiResponse {
  const chosen = negotiate(accept, aggregatedViews);
  if (chosen.as === 'APIGroupDiscoveryList') {
    const v2 =
      accept?.includes('v=v2;') === true ||
      !accept!.includes('v=v2beta1') ||
      /v=v2(?![a-z0-9])/.test(accept ?? '');
    return tagged(aggregated(engine, core, v2 ? 'v2' : 'v2beta1'), v2 ? 'v2' : 'v2beta1', etag);
  }
  if (core) {
    const versions = [...(catalogueOf(engine).get('')?.keys() ?? [])];
    return valueResponse(
      200,
      {
        kind: 'APIVersions',
        versions,
        serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '' }],
      },
      chosen,
    );
  }
  const groups = [...catalogueOf(engine)].filter(([group]) => group !== '');
  return valueResponse(
    200,
    {
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: groups.map(([group, versions]) => groupOf(group, [...versions.keys()])),
    },
    chosen,
  );
}

function tagged(value: JsonObject, version: string, etag: string | undefined): ApiResponse {
  const body = Buffer.from(`${JSON.stringify(value)}\n`);
  const tag = `"${createHash('sha256').update(body).digest('hex').slice(0, 40).toUpperCase()}"`;
  const headers = {
    'content-type': `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
    'cache-control': 'public',
    etag: tag,
    vary: 'Accept',
  };
  if (etag === tag) return { status: 304, headers, body: undefined };
  return { status: 200, headers, body };
}

function aggregated(engine: Engine, core: boolean, apiVersion: string): JsonObject {
  const groups = [...catalogueOf(engine)].filter(([group]) => (group === '') === core);
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${apiVersion}`,
    metadata: {},
    items: groups.map(([group, versions]) => ({
      metadata: { name: group, creationTimestamp: null },
      versions: [...versions].map(([version, resources]) => ({
        version,
        freshness: 'Current',
        resources: resources.map((resource) => ({
          resource: resource.plural,
          responseKind: { group, version, kind: resource.kind },
          scope: resource.namespaced ? 'Namespaced' : 'Cluster',
          singularResource: resource.singular,
          verbs: resource.verbs,
          shortNames: resource.shortNames,
          categories: resource.categories,
          subresources: resource.subresources.map((sub) => ({
            subresource: sub.name,
            responseKind: { group: sub.group, version: sub.version, kind: sub.kind },
            verbs: sub.verbs,
          })),
        })),
      })),
    })),
  };
}

const groupOf = (group: string, versions: string[]): JsonObject => {
  const described = versions.map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions: described, preferredVersion: described[0] };
};

/** `/apis/{group}`. */
export function discoverGroup(engine: Engine, group: string): ApiResponse {
  const versions = catalogueOf(engine).get(group);
  if (versions === undefined || group === '') throw pathNotFound();
  return valueResponse(200, {
    kind: 'APIGroup',
    apiVersion: 'v1',
    ...groupOf(group, [...versions.keys()]),
  });
}

/** `/api/v1` and `/apis/{group}/{version}`. */
export function discoverVersion(engine: Engine, group: string, version: string): ApiResponse {
  const resources = catalogueOf(engine).get(group)?.get(version);
  if (resources === undefined) throw pathNotFound();
  const groupVersion = group === '' ? version : `${group}/${version}`;
  const listed = resources.flatMap((resource) => [
    {
      name: resource.plural,
      singularName: resource.singular,
      namespaced: resource.namespaced,
      kind: resource.kind,
      verbs: resource.verbs,
      shortNames: resource.shortNames,
      categories: resource.categories,
    },
    ...resource.subresources.map((sub) => ({
      name: `${resource.plural}/${sub.name}`,
      singularName: '',
      namespaced: resource.namespaced,
      ...(sub.group === group ? {} : { group: sub.group, version: sub.version }),
      kind: sub.kind,
      verbs: sub.verbs,
    })),
  ]);
  const body = { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: listed };
  return jsonResponse(200, Buffer.from(`${JSON.stringify(body)}\n`));
}
