import type { Resource } from '../resource.ts';
import type { View } from '../view.ts';
import { defineIndex } from '../view.ts';
import { exportScopes, isExportedToAll, serviceExportScopes } from './export-to.ts';
import { fqdnOf } from './hosts.ts';

type ServiceLike = Resource<'Service' | 'ServiceEntry'>;

const exportToAnnotation = 'networking.istio.io/exportTo';

/** The namespaces that see the resource, `*` for all. */
function scopesOf(resource: ServiceLike): string[] {
  const { namespace } = resource;
  return resource.kind === 'Service'
    ? serviceExportScopes(resource.annotations[exportToAnnotation], namespace)
    : exportScopes(resource.spec.exportTo, namespace);
}

const isForAll = (resource: ServiceLike): boolean =>
  resource.kind === 'Service'
    ? !resource.annotations[exportToAnnotation]
    : isExportedToAll(resource.spec.exportTo);

/** Services and ServiceEntries by full host name. */
export const servicesByHost = defineIndex({
  name: 'services by host',
  kinds: ['Service', 'ServiceEntry'],
  keys: (resource) =>
    resource.kind === 'Service'
      ? [fqdnOf(resource.namespace, resource.name)]
      : (resource.spec.hosts ?? []).map((host) => fqdnOf(resource.namespace, host)),
});

/** ServiceEntries with a wildcard host, by the namespace that sees them, or `*`. */
const wildcardsByScope = defineIndex({
  name: 'wildcard service entries by scope',
  kinds: ['ServiceEntry'],
  keys: (resource) =>
    resource.spec.hosts?.some((host) => host.startsWith('*')) ? scopesOf(resource) : [],
});

/** What stands behind a host: its port numbers, and the labels that a ServiceEntry selects workloads by. */
export type HostTarget = {
  resource: ServiceLike;
  ports: number[];
  workloadLabels: ReadonlyMap<string, string> | undefined;
};

function targetOf(resource: ServiceLike): HostTarget {
  if (resource.kind === 'Service') {
    const ports = (resource.spec.ports ?? []).map(({ port }) => Number(port ?? 0));
    return { resource, ports, workloadLabels: undefined };
  }
  const ports = (resource.spec.ports ?? []).map(({ number }) => number ?? 0);
  return { resource, ports, workloadLabels: resource.spec.workloadSelector?.labels };
}

/** A Service hides a ServiceEntry of its host. */
function pick(found: readonly ServiceLike[]): HostTarget | undefined {
  const best = found.find(({ kind }) => kind === 'Service') ?? found[0];
  return best && targetOf(best);
}

function findWildcard(view: View, scope: string, host: string): HostTarget | undefined {
  const bare = host.startsWith('*') ? host.slice(1) : host;
  const found = view
    .lookup(wildcardsByScope, scope)
    .find(({ spec }) =>
      (spec.hosts ?? []).some((known) => known.startsWith('*') && bare.endsWith(known.slice(1))),
    );
  return found && targetOf(found);
}

/**
 * What a host means to a resource of `namespace` that is exported to `exportTo`: as Istio's analysis looks it up,
 * first among what all namespaces see, then in the scopes of the resource, then by wildcard.
 */
export function findHost(
  view: View,
  namespace: string,
  exportTo: readonly string[] | undefined,
  host: string,
): HostTarget | undefined {
  const found = view.lookup(servicesByHost, fqdnOf(namespace, host));
  const [first] = found;
  if (first && found.length === 1 && isForAll(first)) return targetOf(first);
  if (first) {
    const scopes =
      exportTo === undefined || exportTo.length === 0
        ? [namespace]
        : exportTo.map((scope) => (scope === '.' ? namespace : scope));
    for (const scope of ['*', ...scopes]) {
      const target = pick(found.filter((resource) => scopesOf(resource).includes(scope)));
      if (target) return target;
    }
  }
  return findWildcard(view, '*', host) ?? findWildcard(view, namespace, host);
}
