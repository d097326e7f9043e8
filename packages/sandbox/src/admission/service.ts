import type { Admission } from '@ambit/kube-api/admission';
import type { View } from '../client/cache.ts';
import type { Service } from '../objects.ts';

/** Gives every Service of type ClusterIP an address of 10.96.0.0/16 when it is created, as the API server does. */
export function serviceAddresses(view: () => View): Admission {
  const given = new Map<string, string>();
  let next = 10;
  return {
    name: 'service-addresses',
    mutate: ({ operation, version, object, old, dryRun }) => {
      if (version.resource.id !== 'services' || object === undefined) return;
      const { spec, metadata } = object as unknown as Service;
      if (operation === 'UPDATE') {
        spec.clusterIP ??= (old as unknown as Service).spec.clusterIP ?? '';
        return;
      }
      if (operation !== 'CREATE' || spec.type === 'ExternalName') return;
      if ((spec.clusterIP ?? '') === '') spec.clusterIP = dryRun ? '10.96.255.254' : free();
      if (spec.clusterIP !== 'None') given.set(spec.clusterIP!, metadata.uid);
      Object.assign(spec, {
        clusterIPs: [spec.clusterIP],
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
        internalTrafficPolicy: 'Cluster',
      });
    },
  };

  function free(): string {
    const used = new Set(
      view()
        .list('services')
        .map(({ spec }) => spec.clusterIP),
    );
    for (let tries = 0; tries < 65_000; tries++) {
      next = next >= 65_000 ? 10 : next + 1;
      const ip = `10.96.${next >> 8}.${next & 255}`;
      if (!used.has(ip) && !given.has(ip)) return ip;
      if (given.has(ip) && !used.has(ip)) given.delete(ip);
    }
    throw new Error('no address is free for another Service');
  }
}
