const clusterSuffix = '.svc.cluster.local';

/** A short name as the full name of a service in the namespace; others as they are. As Istio's analysis does. */
export function fqdnOf(namespace: string, host: string): string {
  return host.startsWith('*') || host.includes('.') ? host : `${host}.${namespace}${clusterSuffix}`;
}

/** Namespace and name of the service that a host means; a host of no service is a name of `namespace`. */
export function serviceOfHost(
  namespace: string,
  host: string,
): { namespace: string; name: string } {
  if (host.endsWith(clusterSuffix)) {
    const service = host.slice(0, -clusterSuffix.length);
    const dot = service.lastIndexOf('.');
    if (dot > 0 && dot < service.length - 1) {
      return { namespace: service.slice(dot + 1), name: service.slice(0, dot) };
    }
  }
  return { namespace, name: host };
}

/** Whether some name is matched by both hosts, either of which may begin with a wildcard. */
export function hostsOverlap(a: string, b: string): boolean {
  const [isWildA, isWildB] = [a.startsWith('*'), b.startsWith('*')];
  if (isWildA && isWildB) {
    const [wide, narrow] = a.length < b.length ? [a, b] : [b, a];
    return narrow.slice(1).endsWith(wide.slice(1));
  }
  if (isWildA) return b.endsWith(a.slice(1));
  if (isWildB) return a.endsWith(b.slice(1));
  return a === b;
}
