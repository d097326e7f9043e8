import type { View } from '../client/cache.ts';
import { isReady } from '../controllers/common.ts';
import { hasSidecar, isZtunnel } from '../istio/ambient.ts';
import { revisionLabel } from '../istio/control-plane.ts';
import type { Pod } from '../objects.ts';
import { allContainers } from '../kubelet/runtime.ts';
import { parseImage } from '../kubelet/images.ts';

const typeUrl = 'type.googleapis.com/';
const resources: Record<string, string> = {
  cluster: `${typeUrl}envoy.config.cluster.v3.Cluster`,
  listener: `${typeUrl}envoy.config.listener.v3.Listener`,
  endpoint: `${typeUrl}envoy.config.endpoint.v3.ClusterLoadAssignment`,
  route: `${typeUrl}envoy.config.route.v3.RouteConfiguration`,
};

/**
 * What istiod's /debug/syncz tells of the proxies that are connected to it. Ready proxies are in sync; one on a node that
 * is broken has not acknowledged what it was sent last.
 */
export function syncz(
  istiod: Pod,
  view: View,
  isBroken: (node: string) => boolean,
): Record<string, unknown>[] {
  const all = view
    .list('pods', istiod.metadata.namespace)
    .filter((pod) => pod.metadata.labels?.['app'] === 'istiod' && isReady(pod));
  const revision = istiod.metadata.labels?.[revisionLabel] ?? 'default';
  const mine = (pod: Pod, index: number): boolean => {
    const of = pod.metadata.annotations?.[revisionLabel] ?? 'default';
    return of === revision && all[index % all.length] === istiod;
  };
  return view
    .list('pods')
    .filter((pod) => hasSidecar(pod) && pod.status?.podIP && !pod.metadata.deletionTimestamp)
    .filter(mine)
    .map((pod) => {
      const { name, namespace } = pod.metadata;
      const proxy = allContainers(pod).find((one) => one.name === 'istio-proxy');
      const nonce = (which: string) => `simulated-${which}-${pod.metadata.uid.slice(0, 8)}`;
      const stale = isBroken(pod.spec.nodeName ?? '');
      const acked = (which: string) => (stale ? `${nonce(which)}-before` : nonce(which));
      const status = {
        cluster_id: 'Kubernetes',
        proxy: `${name}.${namespace}`,
        istio_version: proxy ? parseImage(proxy.image).tag : '',
      };
      if (isZtunnel(pod)) {
        const workload = `${typeUrl}istio.workload.Address`;
        return {
          ...status,
          proxy_type: 'ztunnel',
          resources: { [workload]: { sent: nonce('wds'), acked: acked('wds') } },
        };
      }
      return {
        ...status,
        proxy_type: pod.metadata.labels?.['gateway.istio.io/managed'] ? 'waypoint' : 'sidecar',
        ...Object.fromEntries(
          Object.keys(resources).flatMap((which) => [
            [`${which}_sent`, nonce(which)],
            [`${which}_acked`, acked(which)],
          ]),
        ),
        resources: Object.fromEntries(
          Object.entries(resources).map(([which, url]) => [
            url,
            { sent: nonce(which), acked: acked(which) },
          ]),
        ),
      };
    });
}
