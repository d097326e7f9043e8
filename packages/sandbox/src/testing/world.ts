import type { Cache } from '../client/cache.ts';
import { createCache } from '../client/cache.ts';
import { infoOf, type KindId, type KindMap } from '../kinds.ts';
import type { Meta, Pod } from '../objects.ts';

let serial = 0;

/** An object as a server would hold it, for tests of pure functions. */
export function made<K extends KindId>(
  kind: K,
  rest: { metadata: Partial<Meta> & { name: string } } & Record<string, unknown>,
): KindMap[K] {
  serial++;
  const { apiVersion, kind: name, namespaced } = infoOf(kind);
  return {
    apiVersion,
    kind: name,
    ...rest,
    metadata: {
      uid: `uid-${serial}`,
      resourceVersion: String(serial),
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...(namespaced ? { namespace: 'shop' } : {}),
      ...rest.metadata,
    },
  } as unknown as KindMap[K];
}

export function viewOf(objects: Partial<{ [K in KindId]: KindMap[K][] }>): Cache {
  const cache = createCache(() => {});
  for (const [kind, list] of Object.entries(objects)) {
    for (const object of list) cache.put(kind as KindId, object);
  }
  return cache;
}

export const readyConditions = (since = '2026-01-01T00:00:00Z') => [
  { type: 'Ready', status: 'True', lastTransitionTime: since },
];

export function readyPod(
  name: string,
  more: {
    labels?: Record<string, string>;
    node?: string;
    ip?: string;
    account?: string;
    annotations?: Record<string, string>;
    namespace?: string;
    sidecar?: boolean;
    owner?: { kind: string; name: string; uid: string };
  } = {},
): Pod {
  return made('pods', {
    metadata: {
      name,
      namespace: more.namespace ?? 'shop',
      labels: more.labels ?? {},
      ...(more.annotations ? { annotations: more.annotations } : {}),
      ...(more.owner
        ? { ownerReferences: [{ apiVersion: 'apps/v1', controller: true, ...more.owner }] }
        : {}),
    },
    spec: {
      nodeName: more.node ?? 'sandbox-node-1',
      serviceAccountName: more.account ?? 'default',
      containers: [
        { name: 'app', image: 'app:v1' },
        ...(more.sidecar ? [{ name: 'istio-proxy', image: 'proxyv2:1' }] : []),
      ],
    },
    status: { phase: 'Running', podIP: more.ip ?? '10.244.1.9', conditions: readyConditions() },
  });
}
