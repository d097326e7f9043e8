import { setImmediate as immediate } from 'node:timers/promises';
import type { NewObject } from '@ambit/sandbox/objects';
import { startSandbox } from '@ambit/sandbox/start';
import { clusterOf, installMesh } from '@ambit/sandbox/testing/mesh';
import { namespaces, placeOf, type Asked, type Told } from './messages.ts';

/**
 * A sandbox with many Gateways, in a process of its own; it is asked over the channel of its parent. What comes to the door
 * of its API server is counted by method and kind of path.
 */
let counting = false;
let counts: Record<string, number> = {};

/** Names and namespaces left out. */
const shapeOf = (method = '', url = ''): string => {
  const { pathname, searchParams } = new URL(url, 'http://sandbox.invalid');
  const kind = pathname
    .replace(/\/namespaces\/[^/]+/, '')
    .replace(/^(\/apis?(?:\/[^/]+)*?\/v[^/]+\/[^/]+)\/[^/]+/, '$1/NAME');
  return `${searchParams.get('watch') ? 'WATCH' : method} ${kind}`;
};

const sandbox = await startSandbox({
  shop: false,
  // It is busy while it is filled, and no node is to be left for that.
  nodes: { graceMs: 600_000 },
  onError: (where, error) => process.stderr.write(`${where}: ${String(error)}\n`),
  onRequest: ({ method, url, headers }) => {
    if (!counting || headers['user-agent'] !== 'ambit-agent') return;
    const shape = shapeOf(method, url);
    counts[shape] = (counts[shape] ?? 0) + 1;
  },
});
const cluster = clusterOf(sandbox);
await installMesh(sandbox, cluster);
cluster.client.close();

/** Every tenth has parameters of its own, every second one is of a pool. */
function gatewayOf(at: number): NewObject[] {
  const place = placeOf(at);
  const parameters: NewObject = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { ...place },
    data: { deployment: 'spec:\n  minReadySeconds: 0\n' },
  };
  const gateway: NewObject = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { ...place, labels: { 'istio.io/waypoint-for': 'service' } },
    spec: {
      gatewayClassName: at % 2 === 0 ? 'ambit-waypoint-bench' : 'istio-waypoint',
      listeners: [{ name: 'mesh', port: 15_008, protocol: 'HBONE' }],
      ...(at % 10 === 0
        ? {
            infrastructure: {
              parametersRef: { group: '', kind: 'ConfigMap', name: place.name },
            },
          }
        : {}),
    },
  };
  return [...(at % 10 === 0 ? [parameters] : []), gateway];
}

/** A simulated node has addresses for 253 pods. */
const nodeOf = (at: number): NewObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: `bench-node-${at}`, labels: { 'kubernetes.io/os': 'linux' } },
  spec: { podCIDR: `10.244.${100 + at}.0/24`, podCIDRs: [`10.244.${100 + at}.0/24`] },
});

async function fill(gateways: number): Promise<void> {
  for (let at = 0; at < gateways / 100; at++) await sandbox.client.create(nodeOf(at), 'bench');
  for (let at = 0; at < namespaces; at++) {
    await sandbox.client.create(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: `bench-${at}` } },
      'bench',
    );
  }
  for (let at = 0; at < gateways; at++) {
    for (const object of gatewayOf(at)) await sandbox.client.create(object, 'bench');
    await immediate();
  }
}

async function answer(asked: Asked): Promise<Told> {
  switch (asked.do) {
    case 'fill':
      await fill(asked.gateways);
      return { ready: 0 };
    case 'ready': {
      const ready = sandbox.manager.cache
        .list('deployments.apps')
        .filter(
          ({ metadata, status }) =>
            metadata.namespace?.startsWith('bench-') && (status?.readyReplicas ?? 0) > 0,
        ).length;
      return { ready };
    }
    case 'count':
      counting = true;
      counts = {};
      return {};
    case 'counts':
      return { counts };
    case 'touch': {
      const patch = { metadata: { labels: { 'istio.io/waypoint-for': asked.takes } } };
      await sandbox.client.patch(
        'gateways.gateway.networking.k8s.io',
        placeOf(asked.at),
        patch,
        'bench',
      );
      return {};
    }
  }
}

process.on('message', (asked: Asked & { id: number }) => {
  void answer(asked).then(
    (told) => process.send!({ ...told, id: asked.id }),
    (error: unknown) => process.send!({ id: asked.id, error: String(error) }),
  );
});
process.on('disconnect', () => process.exit());
process.send!({ id: 0, url: sandbox.url });
