import type { View } from '../client/cache.ts';
import { isReady } from '../controllers/common.ts';
import { podsBehind } from '../controllers/endpoints.ts';
import { redirection } from '../istio/ambient.ts';
import type { Pod } from '../objects.ts';

/** What a simulated ztunnel knows, in the form of its own config_dump: workloads, services, policies, certificates. */
export function ztunnelDump(ztunnel: Pod, view: View): object {
  const pods = view.list('pods').filter((pod) => pod.status?.podIP && !pod.spec.hostNetwork);
  const here = pods.filter(
    (pod) =>
      pod.spec.nodeName === ztunnel.spec.nodeName &&
      pod.metadata.annotations?.[redirection] === 'enabled',
  );
  const identityOf = (pod: Pod): string =>
    `spiffe://cluster.local/ns/${pod.metadata.namespace}/sa/${pod.spec.serviceAccountName ?? 'default'}`;
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
    certificates: [...new Set(here.map(identityOf))].map((identity) => ({
      identity,
      state: 'Available',
      certChain: [],
    })),
  };
}
