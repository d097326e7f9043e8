import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createKubeApi, type KubeApi } from '@ambit/kube-api/api';
import { nodeListener } from '@ambit/kube-api/http/node';
import type { Kind } from '@ambit/kube-api/kinds/kind';
import { clusterKinds } from '@ambit/kube-api/kinds/native';
import { createMemoryStore } from '@ambit/kube-api/store/memory';
import { podDefaults } from './admission/pod.ts';
import { podQuota } from './admission/quota.ts';
import { serviceAddresses } from './admission/service.ts';
import { createClient, KubeError, type Client } from './client/client.ts';
import { startManager, type Manager } from './client/manager.ts';
import { clusterControllers } from './controllers/index.ts';
import { createRecorder } from './events/recorder.ts';
import { faultEffects } from './faults/effects.ts';
import { forgetMissed } from './faults/missed.ts';
import { createIngress } from './faults/ingress.ts';
import { createFaults, type Faults } from './faults/faults.ts';
import type { Link } from './faults/link.ts';
import { initialObjects } from './initial.ts';
import { injection } from './istio/admission.ts';
import { isCni } from './istio/ambient.ts';
import { istioControllers } from './istio/index.ts';
import { istioValidation } from './istio/validation.ts';
import { proxyMayBeReady } from './istio/control-plane.ts';
import { createKubelet } from './kubelet/kubelet.ts';
import { evict } from './kubelet/evict.ts';
import { nodeHeartbeat } from './kubelet/nodes.ts';
import type { Pace } from './kubelet/runtime.ts';
import type { NewObject } from './objects.ts';
import { keepSaved, restore } from './persist.ts';
import { connectToPod } from './proxies/connect.ts';
import { serveSimulated } from './serve.ts';
import { sandboxVersion } from './simulated.ts';
import { shopManifests } from './shop/manifests.ts';
import { createTraffic, type Traffic } from './traffic/traffic.ts';

export interface SandboxOptions {
  /** Port on the loopback device; 0 takes a free one. */
  port?: number;
  /** Keeps the objects of the cluster over restarts; in memory alone when missing. */
  stateFile?: string;
  /** The shop application. Default: there. */
  shop?: boolean;
  /** How long the simulated kubelets take for things. */
  pace?: Partial<Pace>;
  /** How soon a silent node is noticed and left. */
  nodes?: { heartbeatMs?: number; graceMs?: number; evictAfterSeconds?: number };
  /** Seed of the simulated traffic. */
  seed?: number;
  link?: Link;
  onError?: (where: string, error: unknown) => void;
  /** Told of each request that comes over the network; the simulated controllers' own do not. */
  onRequest?: (request: IncomingMessage) => void;
}

export interface Sandbox {
  url: string;
  client: Client;
  manager: Manager;
  api: KubeApi;
  faults: Faults;
  traffic: Traffic;
  /** A kubeconfig for kubectl, Helm and the agent. */
  kubeconfig(): string;
  close(): Promise<void>;
}

/** Pods are given time to end by their simulated kubelet. */
const kinds: Kind[] = clusterKinds.map((kind) =>
  kind.group === '' && kind.kind === 'Pod' ? { ...kind, graceSeconds: 30 } : kind,
);

/** Starts a simulated cluster in this process and serves it on the loopback device. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { onError = () => {}, nodes = {} } = options;
  const store = createMemoryStore();
  if (options.stateFile) await restore(store, options.stateFile);
  const faults = createFaults();
  const isBroken = (node: string): boolean => faults.isBroken(node);
  let manager: Manager;
  let traffic: Traffic;
  const view = () => manager.cache;
  const api = createKubeApi({
    kinds,
    store,
    gitVersion: sandboxVersion,
    admission: [
      podDefaults(nodes.evictAfterSeconds),
      injection(view),
      serviceAddresses(view),
      istioValidation(view),
      podQuota(view),
    ],
    connect: async (request) =>
      connectToPod(request, {
        view,
        traffic: () => traffic,
        isBroken,
        expiredSince: faults.expiredSince,
      }) ?? evict(request, view, client),
    onError: (error) => onError('api', error),
  });
  const client = createClient((request) => api.respond(request));
  const kubelet = createKubelet({
    isBroken,
    mayBeReady: proxyMayBeReady,
    isUnwell: (pod) => isCni(pod) && faults.isCniDown(pod.spec.nodeName ?? ''),
    ...(options.pace ? { pace: options.pace } : {}),
  });
  const ingress = createIngress(
    (key) => manager.wake('shop-ingress', key),
    (error) => onError('ingress', error),
  );
  manager = await startManager({
    client,
    controllers: [
      ...clusterControllers({ nodeGraceMs: nodes.graceMs }),
      ...istioControllers((pod) => faults.isMissed(pod)),
      ingress.controller,
      kubelet,
      nodeHeartbeat(isBroken, nodes.heartbeatMs),
    ],
    onError: (controller, key, error) => {
      if (!(error instanceof KubeError)) onError(`${controller} ${key}`, error);
    },
  });
  const stateFile = options.stateFile;
  const saver = stateFile
    ? keepSaved(
        store,
        () => [...allResources()],
        stateFile,
        (error) => onError('state', error),
      )
    : undefined;
  const known = new Set<string>(
    kinds.map((kind) => (kind.group ? `${kind.plural}.${kind.group}` : kind.plural)),
  );
  function* allResources(): Iterable<string> {
    yield* known;
    for (const { metadata } of manager.cache.list(
      'customresourcedefinitions.apiextensions.k8s.io',
    )) {
      yield metadata.name;
    }
  }
  const recorder = createRecorder({ client, onError: (error) => onError('events', error) });
  manager.onChange((change) => {
    if (change.kind !== 'leases.coordination.k8s.io') saver?.changed();
    recorder.changed(change);
    forgetMissed(change, faults, manager);
  });
  for (const object of [...initialObjects(), ...(options.shop === false ? [] : shopManifests())]) {
    await ensure(client, object);
  }
  traffic = createTraffic({ view, faults, seed: options.seed ?? 1 });
  const effects = faultEffects({
    manager,
    kubelet,
    ingress,
    ...(options.link ? { link: options.link } : {}),
  });
  const kubeListener = nodeListener(() => api);
  const simulated = serveSimulated({ faults, effects, traffic, view });
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/simulated/')) return simulated(request, response);
    options.onRequest?.(request);
    return kubeListener(request, response);
  });
  const url = await listen(server, options.port ?? 0);
  return {
    url,
    client,
    manager,
    api,
    faults,
    traffic,
    kubeconfig: () => kubeconfigFor(url),
    close: async () => {
      traffic.close();
      await saver?.close();
      manager.close();
      api.close();
      server.closeAllConnections();
      await new Promise((closed) => void server.close(closed));
    },
  };
}

/** Makes an object that is not there; what is there stays as it is. */
async function ensure(client: Client, object: NewObject): Promise<void> {
  try {
    await client.create(object, 'sandbox');
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 409) throw error;
  }
}

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(port, '127.0.0.1', listening);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function kubeconfigFor(server: string): string {
  const name = 'sandbox';
  return `${JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': name,
      clusters: [{ name, cluster: { server } }],
      contexts: [{ name, context: { cluster: name, user: name } }],
      users: [{ name, user: {} }],
    },
    null,
    2,
  )}\n`;
}
