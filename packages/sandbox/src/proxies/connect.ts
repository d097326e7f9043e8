import type { ConnectRequest } from '@ambit/kube-api/engine';
import type { View } from '../client/cache.ts';
import { hasSidecar, isZtunnel } from '../istio/ambient.ts';
import { podLog } from '../kubelet/log.ts';
import type { Pod } from '../objects.ts';
import type { Traffic } from '../traffic/traffic.ts';
import { certificateOf, envoyCertificates } from './certificates.ts';
import { envoyDump, masked } from './dump.ts';
import { syncz } from './syncz.ts';
import { ztunnelDump } from './ztunnel.ts';

export interface PodDoors {
  view: () => View;
  traffic: () => Traffic;
  isBroken(node: string): boolean;
  /** Since when the certificate of an identity, `namespace/service account`, counts as expired. */
  expiredSince(account: string): string | undefined;
}

const named = /^(?:https?:)?([a-z0-9.-]+)(?::(\d+))?$/;

/**
 * What is reached inside of simulated pods: their logs, and by the pod proxy what a proxy and istiod show on their ports.
 * A real Envoy shows its admin interface on loopback alone, where only a forwarded port leads; here the pod proxy does.
 */
export function connectToPod(request: ConnectRequest, doors: PodDoors): Response | undefined {
  const { target } = request;
  if (target.version.resource.id !== 'pods') return undefined;
  if (target.subresource === 'log') return podLog(request, doors.view, doors.traffic);
  const [sub, ...path] = target.subresource.split('/');
  const [, name = '', port = '80'] = named.exec(target.name) ?? [];
  if (sub !== 'proxy') return undefined;
  const pod = doors.view().get('pods', target.namespace, name);
  if (pod === undefined) return undefined;
  if (doors.isBroken(pod.spec.nodeName ?? '')) {
    return json({ message: 'simulated: the node does not answer' }, 503);
  }
  return (
    answer(pod, Number(port), `/${path.join('/')}`, request.request.query, doors) ??
    json(
      {
        message: `simulated: nothing listens on ${port}${path.length ? `/${path.join('/')}` : ''}`,
      },
      503,
    )
  );
}

function answer(
  pod: Pod,
  port: number,
  path: string,
  query: URLSearchParams,
  { view, traffic, isBroken, expiredSince }: PodDoors,
): Response | undefined {
  const key = `${pod.metadata.namespace}/${pod.metadata.name}`;
  if (pod.metadata.labels?.['app'] === 'istiod') {
    return port === 15_014 && path === '/debug/syncz'
      ? json(syncz(pod, view(), isBroken))
      : undefined;
  }
  if (!hasSidecar(pod)) return undefined;
  const nowMs = Date.now();
  const certificate = (of: Pod) =>
    certificateOf(
      of,
      nowMs,
      expiredSince(`${of.metadata.namespace}/${of.spec.serviceAccountName ?? 'default'}`),
    );
  const at = pod.status?.startTime ?? pod.metadata.creationTimestamp;
  switch (`${port}${path}`) {
    case '15090/stats/prometheus':
    case '15020/stats/prometheus':
      return text(traffic().metrics(key), 'text/plain; version=0.0.4; charset=utf-8');
    case '15000/config_dump':
      return json(
        isZtunnel(pod)
          ? ztunnelDump(pod, view(), certificate)
          : masked(envoyDump(pod, view(), at), query.get('mask')),
      );
    case '15000/certs':
      return isZtunnel(pod) ? undefined : json(envoyCertificates(certificate(pod), nowMs));
    case '15000/server_info':
      return json({ version: 'simulated by the Ambit sandbox', state: 'LIVE' });
    default:
      return undefined;
  }
}

const text = (body: string, type: string, status = 200): Response =>
  new Response(body, { status, headers: { 'content-type': type, 'x-ambit-simulated': 'true' } });
const json = (body: object, status = 200): Response =>
  text(JSON.stringify(body), 'application/json', status);
