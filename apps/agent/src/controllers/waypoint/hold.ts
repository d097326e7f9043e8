import { createHash } from 'node:crypto';
import type { KubeObject } from '@ambit/contracts/common';
import {
  holdLabel,
  holdNameOf,
  holdUntilAnnotation,
  waypointsManager,
} from '@ambit/contracts/agent/waypoint';
import { applyObject, type Cluster } from '../../kube/objects.ts';
import { podProblem, readAtMost, type PodHttp } from '../../kube/pod-http.ts';
import { inParallel, sleep } from '../../wait.ts';
import type { PodObject } from './objects.ts';
import { adminPort, readyPods } from './replicas.ts';

export interface HoldInput {
  namespace: string;
  name: string;
  /** Services that are about to leave the waypoint. */
  services: { namespace: string; name: string }[];
}

interface EnvoyCluster {
  name: string;
}

const clusterPrefix = 'inbound-vip|';
const markerPrefix = 'ambit-hold-';
const timeoutMs = 5_000;
const maxBytes = 32 * 1024 * 1024;
/** An object of Kubernetes takes about 1.5 MB; the field manager's account of it takes its share. */
const holdMaxBytes = 600_000;
const seenWithinMs = 15_000;
const lookEveryMs = 250;
/** What holds are in a cluster. */
export const holdKinds = [{ group: 'networking.istio.io', kind: 'EnvoyFilter' }];
/** Nobody needs it for longer, whatever becomes of who asked for it. */
const heldForMs = 600_000;
/** Of more replicas none is named as its owner: named in part, it would go with a part. */
const mostOwners = 50;

/**
 * The action hold-waypoint: has a waypoint keep its clusters of these Services after istiod has taken the Services from it.
 * istiod tells a waypoint of the removed clusters before the removed listeners: until then requests on open connections are
 * refused with 503. With its clusters kept, Envoy answers them, and asks its clients to go elsewhere. May be repeated.
 * @returns what is held, in words
 */
export async function holdWaypoint(
  { cluster, http, nowMs }: { cluster: Cluster; http: PodHttp; nowMs(): number },
  hold: HoldInput,
  progress: (message: string) => void,
  signal: AbortSignal,
): Promise<string> {
  const pods = await readyPods(cluster, hold, signal);
  const [first] = pods;
  if (!first) return 'no replica serves: nothing is open';
  const dump = await readClusters(http, first, `${clusterPrefix}.*`, signal);
  const clusters = clustersOf(dump, hold.services);
  if (clusters.length === 0) return 'its proxies have nothing of what leaves it';
  const object = holdObject(hold, clusters, nowMs() + heldForMs, pods);
  if (JSON.stringify(object).length > holdMaxBytes) {
    return `${clusters.length} clusters are too many to be held at once: requests on open connections may fail for a moment`;
  }
  await applyObject(cluster, object, { manager: waypointsManager, force: true }, signal);
  const marker = markerOf(clusters);
  const until = performance.now() + seenWithinMs;
  for (;;) {
    let seen = 0;
    await inParallel(pods, 8, async (pod) => {
      const text = await readClusters(http, pod, marker, signal).catch(() => '');
      if (text.includes(marker)) seen += 1;
    });
    if (seen === pods.length) return `${clusters.length} clusters held by ${seen} replicas`;
    if (performance.now() > until) {
      return `${seen} of ${pods.length} replicas hold what they serve: of the others requests on open connections may fail for a moment`;
    }
    progress(`${seen} of ${pods.length} replicas hold what they serve`);
    await sleep(lookEveryMs, signal);
  }
}

/** @throws Error in words for people */
async function readClusters(
  http: PodHttp,
  pod: PodObject,
  pattern: string,
  signal: AbortSignal,
): Promise<string> {
  const query = `resource=dynamic_active_clusters&name_regex=${encodeURIComponent(pattern)}`;
  try {
    const answer = await http.get(
      {
        namespace: pod.metadata.namespace ?? '',
        pod: pod.metadata.name,
        ip: pod.status?.podIP ?? null,
        port: adminPort,
        path: `/config_dump?${query}`,
        loopback: true,
        timeoutMs,
      },
      AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    );
    return (await readAtMost(answer, maxBytes)).toString('utf8');
  } catch (error) {
    signal.throwIfAborted();
    throw new Error(`what ${pod.metadata.name} has cannot be read: ${podProblem(error)}`, {
      cause: error,
    });
  }
}

/** The clusters by which a waypoint reaches Services, from Envoy's config_dump. Pure; none of a text that is no dump. */
export function clustersOf(
  dump: string,
  services: readonly { namespace: string; name: string }[],
): EnvoyCluster[] {
  const hosts = services.map(({ namespace, name }) => `${name}.${namespace}.svc.`);
  let configs: { cluster?: EnvoyCluster; dynamic_active_clusters?: { cluster?: EnvoyCluster }[] }[];
  try {
    ({ configs = [] } = JSON.parse(dump) as { configs?: typeof configs });
  } catch {
    return [];
  }
  const found = configs.flatMap((one) => [one, ...(one.dynamic_active_clusters ?? [])]);
  return found.flatMap(({ cluster }) => {
    const isOne =
      cluster?.name.startsWith(clusterPrefix) &&
      hosts.some((host) => cluster.name.slice(cluster.name.lastIndexOf('|') + 1).startsWith(host));
    if (!cluster || !isOne) return [];
    const { '@type': _, ...config } = cluster as EnvoyCluster & { '@type'?: string };
    return [config];
  });
}

const markerOf = (clusters: readonly EnvoyCluster[]): string => {
  const hash = createHash('sha256').update(JSON.stringify(clusters)).digest('hex');
  return `${markerPrefix}${hash.slice(0, 12)}`;
};

/** Names a hold by what is held, so that two who hold different Services of one waypoint do not end each other's. */
export const holdNameFor = ({ name, services }: Pick<HoldInput, 'name' | 'services'>): string => {
  const all = services.map((service) => `${service.namespace}/${service.name}`).toSorted();
  const hash = createHash('sha256').update(all.join(' ')).digest('hex');
  return holdNameOf(name, hash.slice(0, 8));
};

/**
 * A cluster that istiod makes itself comes before one of the same name here: nothing changes until it is gone. It belongs
 * to the replicas that hold it, so that it goes with the last of them where nobody is left to end it. Pure.
 */
export function holdObject(
  { namespace, name, services }: HoldInput,
  clusters: readonly EnvoyCluster[],
  untilMs: number,
  pods: readonly PodObject[],
): KubeObject {
  const marker = { name: markerOf(clusters), type: 'STATIC', connect_timeout: '1s' };
  return {
    apiVersion: 'networking.istio.io/v1alpha3',
    kind: 'EnvoyFilter',
    metadata: {
      name: holdNameFor({ name, services }),
      namespace,
      ...(pods.length > mostOwners
        ? {}
        : {
            ownerReferences: pods.map(({ metadata }) => ({
              apiVersion: 'v1',
              kind: 'Pod',
              name: metadata.name,
              uid: metadata.uid,
            })),
          }),
      labels: { [holdLabel]: name, 'app.kubernetes.io/managed-by': 'ambit' },
      annotations: {
        [holdUntilAnnotation]: String(Math.floor(untilMs)),
        'ambit.dev/keeps-waypoint': 'false',
      },
    },
    spec: {
      targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name }],
      configPatches: [...clusters, marker].map((value) => ({
        applyTo: 'CLUSTER',
        match: { context: 'SIDECAR_INBOUND' },
        patch: { operation: 'ADD', value },
      })),
    },
  };
}
