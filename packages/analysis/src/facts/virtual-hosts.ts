import { isExportedToAll } from '../istio/export-to.ts';
import { gatewayOf } from '../istio/gateway-names.ts';
import { fqdnOf } from '../istio/hosts.ts';
import type { Resource } from '../resource.ts';
import { fullName } from '../resource.ts';
import type { View } from '../view.ts';
import { defineIndex } from '../view.ts';

type VirtualService = Resource<'VirtualService'>;

/** The gateways of a VirtualService by full name; `mesh` where it names none. */
export const gatewaysOf = ({ spec, namespace }: VirtualService): string[] =>
  spec.gateways?.length
    ? spec.gateways.map((name) => (name === 'mesh' ? name : fullName(gatewayOf(namespace, name))))
    : ['mesh'];

/** VirtualServices by `gateway|full host`. */
export const virtualServicesByHost = defineIndex({
  name: 'virtual services by gateway and host',
  kinds: ['VirtualService'],
  keys: (resource) =>
    gatewaysOf(resource).flatMap((name) =>
      (resource.spec.hosts ?? []).map((host) => `${name}|${fqdnOf(resource.namespace, host)}`),
    ),
});

/** Other VirtualServices for the host, or for all of its namespace, that the same callers see on a gateway of both. */
export function rivalsOf(view: View, subject: VirtualService, host: string): VirtualService[] {
  const fqdn = fqdnOf(subject.namespace, host);
  const isService = fqdn.endsWith('.svc.cluster.local') && !fqdn.startsWith('*');
  const names = isService ? [fqdn, `*${fqdn.slice(fqdn.indexOf('.'))}`] : [fqdn];
  const found = new Map<string, VirtualService>();
  for (const gateway of gatewaysOf(subject)) {
    for (const name of names) {
      for (const other of view.lookup(virtualServicesByHost, `${gateway}|${name}`)) {
        if (other.id === subject.id || other.cluster !== subject.cluster) continue;
        const isSeen =
          gateway !== 'mesh' ||
          other.namespace === subject.namespace ||
          (isExportedToAll(other.spec.exportTo) && isExportedToAll(subject.spec.exportTo));
        if (isSeen) found.set(other.id, other);
      }
    }
  }
  return [...found.values()];
}
