import { fqdnOf, hostsOverlap } from '../istio/hosts.ts';
import { servicesByHost } from '../istio/service-hosts.ts';
import type { KindName } from '../kinds.ts';
import type { Resource } from '../resource.ts';
import type { View } from '../view.ts';
import { knows } from './known.ts';

const suffix = '.svc.cluster.local';

/** Kinds that `hasHost`, `hostServices` and `isUnknownHost` read. */
export const hostKinds = ['Service', 'ServiceEntry', 'Namespace'] as const satisfies KindName[];

/** The wildcards that cover a host, the narrowest first: `*.b.c`, `*.c`, `*` of `a.b.c`. */
export function coveringWildcards(host: string): string[] {
  const found: string[] = [];
  for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
    const wildcard = `*${host.slice(dot)}`;
    if (wildcard !== host) found.push(wildcard);
  }
  return [...found, '*'];
}

/** Service and namespace of a host of a Kubernetes service; `web.shop` counts when there is such a namespace. */
export function serviceAt(
  view: View,
  namespace: string,
  host: string,
): { namespace: string; name: string } | undefined {
  const fqdn = fqdnOf(namespace, host);
  if (fqdn.endsWith(suffix)) {
    const [name = '', of = '', ...rest] = fqdn.slice(0, -suffix.length).split('.');
    return rest.length === 0 && of !== '' && name !== '*' ? { namespace: of, name } : undefined;
  }
  const [name = '', of = '', svc, ...rest] = host.split('.');
  if (rest.length > 0 || (svc !== undefined && svc !== 'svc')) return undefined;
  return view.namespace(of) ? { namespace: of, name } : undefined;
}

/** The Service of a host, where it is one of Kubernetes. */
export function serviceOf(
  view: View,
  namespace: string,
  host: string,
): Resource<'Service'> | undefined {
  const at = serviceAt(view, namespace, host);
  return at && view.get('Service', at.namespace, at.name);
}

/** Services and ServiceEntries of the host; those with a wildcard that covers it after those that name it. */
export function hostServices(
  view: View,
  namespace: string,
  host: string,
): readonly Resource<'Service' | 'ServiceEntry'>[] {
  const exact = view.lookup(servicesByHost, fqdnOf(namespace, host));
  if (exact.length > 0) return exact;
  const at = serviceAt(view, namespace, host);
  const found = at && view.get('Service', at.namespace, at.name);
  if (found) return [found];
  for (const wildcard of coveringWildcards(fqdnOf(namespace, host))) {
    const covering = view.lookup(servicesByHost, wildcard);
    if (covering.length > 0) return covering;
  }
  return [];
}

/** Whether a host that is no wildcard surely has nothing behind it: the snapshot has Services, and none of this name. */
export function isUnknownHost(view: View, namespace: string, host: string): boolean {
  if (host === '' || host.startsWith('*') || !knows(view, 'Service')) return false;
  return hostServices(view, namespace, host).length === 0;
}

/** A host with its port left off: `shop.example.com:8080`. */
export const withoutPort = (host: string): string => host.replace(/:(?:\d+|\*)$/, '');

export { fqdnOf, hostsOverlap, servicesByHost };
