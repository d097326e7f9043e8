import type { View } from '../client/cache.ts';
import { isReady } from '../controllers/common.ts';
import { podsBehind } from '../controllers/endpoints.ts';
import { redirection } from '../istio/ambient.ts';
import type { Pod } from '../objects.ts';
import type { SimulatedCertificate } from './certificates.ts';

/**
 * What a simulated ztunnel knows, in the form of its own config_dump: workloads, services, policies, certificates, and
 * the pods of its node whose traffic it carries.
 */
export function ztunnelDump(
  ztunnel: Pod,
  view: View,
  certificate: (pod: Pod) => SimulatedCertificate,
): object {
  const pods = view.list('pods').filter((pod) => pod.status?.podIP && !pod.spec.hostNetwork);
  const here = pods.filter(
    (pod) =>
      pod.spec.nodeName === ztunnel.spec.nodeName &&
      pod.metadata.annotations?.[redirection] === 'enabled',
  );
  const certificates = new Map(
    here.map((pod) => {
      const held = certificate(pod);
      return [held.identity, held] as const;
    }),
  );
  return {
    simulated: 'by the Ambit sandbox',
    workloads: pods.map((pod) => ({
      uid: `Kubernetes//Pod/${pod.metadata.namespace}/${pod.metadata.name}`,
      name: pod.metadata.name,
      namespace: pod.metadata.namespace,
      serviceAccount: pod.spec.serviceAccountName ?? 'default',
      workloadIps: [pod.status!.podIP],
      protocol: pod.metadata.annotations?.[redirection] === 'enabled' ? 'HBONE' : 'TCP',
      node: pod.spec.nodeName ?? '',
      status: isReady(pod) ? 'Healthy' : 'Unhealthy',
      clusterId: 'sandbox',
    })),
    services: view.list('services').map((service) => ({
      name: service.metadata.name,
      namespace: service.metadata.namespace,
      hostname: `${service.metadata.name}.${service.metadata.namespace}.svc.cluster.local`,
      vips: service.spec.clusterIP ? [`/${service.spec.clusterIP}`] : [],
      ports: Object.fromEntries(
        (service.spec.ports ?? []).map(({ port, targetPort }) => [port, targetPort ?? port]),
      ),
      endpoints: podsBehind(service, view).map((pod) => pod.metadata.name),
    })),
    policies: view
      .list('authorizationpolicies.security.istio.io')
      .map(({ metadata }) => ({ name: metadata.name, namespace: metadata.namespace })),
    certificates: [...certificates.values()].map(({ identity, serial, fromMs, untilMs }) => ({
      identity,
      state: 'Available',
      certChain: [
        {
          serialNumber: serial,
          validFrom: new Date(fromMs).toISOString(),
          expirationTime: new Date(untilMs).toISOString(),
        },
      ],
      rootCerts: [],
    })),
    workloadState: Object.fromEntries(
      here.map(({ metadata, spec }) => [
        metadata.uid,
        {
          state: 'Up',
          connections: { inbound: [], outbound: [] },
          info: {
            name: metadata.name,
            namespace: metadata.namespace,
            trustDomain: '',
            serviceAccount: spec.serviceAccountName ?? 'default',
          },
        },
      ]),
    ),
  };
}
