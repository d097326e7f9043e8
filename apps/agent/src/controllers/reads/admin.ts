import type { AdminView, ConfigResource, Read } from '@ambit/contracts/agent/reads';
import { podProblem, PodHttpError, type PodHttp } from '../../kube/pod-http.ts';
import { ReadError, type ReadSink } from '../../link/reads.ts';
import type { ProxyPod } from '../proxies/facts.ts';

type AdminRead = Extract<Read, { kind: 'proxy-admin' }>;

interface Place {
  port: number;
  path: string;
  loopback: boolean;
}

/** Envoy's admin interface, ztunnel's, and istiod's debug interface listen on loopback (istio.io, "Ports used by Istio"). */
const adminPort = 15_000;
const istiodPort = 15_014;

/** What of Envoy's config_dump holds each type (envoyproxy.io, "admin, GET /config_dump"). */
const dumps: Record<Exclude<ConfigResource, 'ztunnel'>, string> = {
  clusters: '/config_dump?mask=static_clusters,dynamic_active_clusters,dynamic_warming_clusters',
  listeners: '/config_dump?mask=static_listeners,dynamic_listeners',
  routes: '/config_dump?mask=static_route_configs,dynamic_route_configs',
  endpoints: '/config_dump?include_eds=on&mask=static_endpoint_configs,dynamic_endpoint_configs',
  secrets: '/config_dump?mask=static_secrets,dynamic_active_secrets,dynamic_warming_secrets',
  ecds: '/config_dump?mask=ecds_filters',
  bootstrap: '/config_dump?mask=bootstrap',
};

/** What is read of an Envoy's metrics: Istio's, and its own of the services that it calls. */
const told = 'istio_|upstream_(rq_([0-9]{3}|time)$|cx_[rt]x_bytes_total$)';

/** Where a proxy shows its metrics: Envoy's alone, without those of the application. */
export const metricsPlace = (kind: ProxyPod['kind']): Place =>
  kind === 'ztunnel'
    ? { port: 15_020, path: '/stats/prometheus', loopback: false }
    : {
        port: 15_090,
        path: `/stats/prometheus?usedonly&filter=${encodeURIComponent(told)}`,
        loopback: false,
      };

/** Where a proxy shows the certificates it has: an Envoy these alone, a ztunnel whom it carries as well. */
export const holdingsPlace = (kind: ProxyPod['kind']): Place => ({
  port: adminPort,
  path: kind === 'ztunnel' ? '/config_dump' : '/certs',
  loopback: true,
});

export const syncPlace: Place = { port: istiodPort, path: '/debug/syncz', loopback: true };

/** @throws ReadError unsupported */
function placeOf(read: AdminRead, pod: ProxyPod): Place {
  const admin = (path: string): Place => ({ port: adminPort, path, loopback: true });
  const unsupported = (what: string) =>
    new ReadError('unsupported', `${pod.namespace}/${pod.pod} has no ${what}`);
  if (read.view === 'sync') {
    if (pod.isIstiod) return syncPlace;
    throw unsupported('state of synchronisation: istiod has');
  }
  if (pod.kind === null) throw unsupported('proxy');
  if (read.view === 'metrics') return metricsPlace(pod.kind);
  if (pod.kind === 'ztunnel') {
    if (read.view === 'config' && (read.resource ?? 'ztunnel') === 'ztunnel') {
      return admin('/config_dump');
    }
    if (read.view === 'config') throw unsupported(`${read.resource}: it is a ztunnel`);
    throw unsupported(`${read.view}: ztunnel shows its configuration and its metrics`);
  }
  const paths: Record<Exclude<AdminView, 'sync' | 'metrics' | 'config'>, string> = {
    clusters: '/clusters?format=json',
    listeners: '/listeners?format=json',
    stats: `/stats?usedonly${read.filter ? `&filter=${encodeURIComponent(read.filter)}` : ''}`,
    certs: '/certs',
    server_info: '/server_info',
  };
  if (read.view !== 'config') return admin(paths[read.view]);
  const resource = read.resource ?? 'clusters';
  if (resource === 'ztunnel') throw unsupported('configuration of a ztunnel: it is an Envoy');
  return admin(dumps[resource]);
}

/** Asks a proxy, and gives what it shows on as it comes. */
export async function readAdmin(
  http: PodHttp,
  read: AdminRead,
  pod: ProxyPod,
  sink: ReadSink,
  signal: AbortSignal,
): Promise<void> {
  const place = placeOf(read, pod);
  const { namespace, ip } = pod;
  const answer = await http
    .get({ namespace, pod: pod.pod, ip, timeoutMs: 30_000, ...place }, signal)
    .catch((error: unknown) => {
      signal.throwIfAborted();
      const reason = error instanceof PodHttpError ? 'failed' : 'unreachable';
      throw new ReadError(reason, `${namespace}/${pod.pod}: ${podProblem(error)}`);
    });
  for await (const chunk of answer) await sink.write(chunk as Buffer);
}
