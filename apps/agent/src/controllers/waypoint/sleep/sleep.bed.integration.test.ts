import { poolSpecSchema, type ReportedWaypoint } from '@ambit/contracts/agent/waypoint';
import type { KubeObject } from '@ambit/contracts/common';
import { connect, createServer, type Server } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { applyObject, mergePatch, readObject, type Cluster } from '../../../kube/objects.ts';
import { makeResources } from '../../../kube/resources.ts';
import { definition, namespaceObject } from '../../../testing/bundles.ts';
import { bedBinaries, bedMissing, startKubeBed, type KubeBed } from '../../../testing/kube-bed.ts';
import { makeWaypoints, type WaypointsInput } from '../manager.ts';

const binaries = bedBinaries();
if (!binaries) console.warn(bedMissing);

vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });
const signal = new AbortController().signal;
const gateways = 'gateway.networking.k8s.io';
const namespace = 'shop';
const name = 'waypoint';
const managed = { 'gateway.istio.io/managed': 'istio.io-mesh-controller' };
const ofGateway = { 'gateway.networking.k8s.io/gateway-name': name };
/** Of this machine alone, and of no other test: where the replica answers, on the port of HBONE. */
const replicaIp = `127.${20 + (process.pid % 200)}.${(process.pid >> 8) % 250}.7`;
let bed: KubeBed;
let cluster: Cluster;
let replica: Server;

const apply = (object: KubeObject): Promise<KubeObject> =>
  applyObject(cluster, object, { manager: 'me', force: true }, signal);
const status = (
  path: string,
  object: Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>,
  of: object,
) =>
  cluster.client.request('PATCH', `${path}/status`, {
    body: { ...object, status: of },
    contentType: 'application/merge-patch+json',
    query: { fieldManager: 'kubelet' },
  });
const deploymentPath = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
const until = (what: string, so: () => unknown) =>
  vi.waitFor(async () => expect(await so(), what).toBeTruthy(), { timeout: 60_000, interval: 20 });

beforeAll(async () => {
  if (!binaries) return;
  bed = await startKubeBed(binaries);
  cluster = { client: bed.admin, resources: makeResources(bed.admin) };
  await apply(namespaceObject(namespace));
  await Promise.all([
    apply(definition(gateways, 'Gateway')),
    apply(definition(gateways, 'GatewayClass', ['v1'], 'Cluster')),
    apply(definition('networking.istio.io', 'WorkloadEntry')),
    apply(definition('networking.istio.io', 'EnvoyFilter', ['v1alpha3'])),
  ]);
  replica = createServer((socket) => void socket.on('error', () => {}).pipe(socket));
  await new Promise<void>((done) => void replica.listen(15_008, replicaIp, done));
});
afterAll(async () => {
  replica?.close();
  await bed?.stop();
});

/** The agent's controller, forty times as fast: waypoints sleep after 30 s at the least. */
function start(requests: () => number) {
  const stopping = new AbortController();
  const said: string[] = [];
  let told: ReportedWaypoint[] = [];
  const began = Date.now();
  const input: WaypointsInput = {
    cluster,
    agentNamespace: 'ambit-system',
    http: {
      get: async () =>
        Readable.from([
          Buffer.from(`envoy_http_downstream_rq_completed{p="inbound"} ${requests()}\n`),
        ]) as never,
    },
    nowMs: () => began + (Date.now() - began) * 40,
    say: (level, message) => said.push(`${level} ${message}`),
    tell: ({ waypoints }) => (told = waypoints),
    timing: { settleMs: 10, figuresEveryMs: 50, askEveryMs: 5_000 },
    sleep: { podName: 'none', address: '127.0.0.1', listen: '127.0.0.1', isInPodNetwork: true },
  };
  const waypoints = makeWaypoints(input);
  const spec = poolSpecSchema.parse({
    kind: 'shared',
    scaling: { by: 'fixed' },
    sleepAfterS: 30,
  });
  waypoints.want({ rootNamespace: namespace, pools: [{ name: 'calm', spec }] });
  const done = waypoints.run(stopping.signal).catch(() => {});
  return {
    phase: () => told[0]?.sleep?.phase,
    said,
    end: async () => {
      stopping.abort();
      await done;
    },
  };
}

/** As Kubernetes and istiod would: a Deployment of the waypoint, and how its replicas are. */
async function running(replicas: number): Promise<void> {
  const counts = { replicas, readyReplicas: replicas, updatedReplicas: replicas };
  const metadata = { name, namespace };
  await status(deploymentPath, { apiVersion: 'apps/v1', kind: 'Deployment', metadata }, counts);
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'waypoint-1', namespace } };
  const path = `/api/v1/namespaces/${namespace}/pods/waypoint-1`;
  if (replicas === 0) {
    await cluster.client.request('DELETE', path, {
      body: { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0 },
    });
    return;
  }
  await apply({
    ...pod,
    metadata: { ...pod.metadata, labels: { ...managed, ...ofGateway } },
    spec: { containers: [{ name: 'istio-proxy', image: 'proxy' }] },
  });
  await status(path, pod, {
    phase: 'Running',
    podIP: replicaIp,
    podIPs: [{ ip: replicaIp }],
    conditions: [{ type: 'Ready', status: 'True' }],
  });
}
const replicasOf = async (): Promise<number> =>
  (await cluster.client.request<{ spec: { replicas: number } }>('GET', deploymentPath)).spec
    .replicas;
const doorOf = async () =>
  (await readObject(
    cluster,
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'WorkloadEntry',
      namespace,
      name: `ambit-sleep-${name}`,
    },
    signal,
  )) as (KubeObject & { spec: { address: string; ports: Record<string, number> } }) | null;

describe.skipIf(!binaries)('a waypoint in a real API server', () => {
  it('sleeps, outlives its agent, and gives the first connection to the replica that it wakes', async () => {
    await until('the kinds are served', () => cluster.resources.ofGroupKind(gateways, 'Gateway'));
    await apply({
      apiVersion: `${gateways}/v1`,
      kind: 'Gateway',
      metadata: { name, namespace },
      spec: {
        gatewayClassName: 'ambit-waypoint-calm',
        listeners: [{ name: 'mesh', port: 15_008, protocol: 'HBONE' }],
      },
      status: { conditions: [{ type: 'Programmed', status: 'True' }] },
    });
    await apply({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace, labels: { ...managed, ...ofGateway } },
      spec: {
        replicas: 1,
        selector: { matchLabels: ofGateway },
        template: {
          metadata: { labels: ofGateway },
          spec: {
            serviceAccountName: 'its-own',
            containers: [{ name: 'istio-proxy', image: 'proxy' }],
          },
        },
      },
    });
    await running(1);
    let agent = start(() => 7);
    await until(
      `it has no replica: ${agent.said.join('; ')}`,
      async () => (await replicasOf()) === 0,
    );
    expect(await doorOf()).toMatchObject({
      spec: { address: '127.0.0.1', serviceAccount: 'its-own' },
      metadata: { ownerReferences: [{ kind: 'Gateway', name }] },
    });
    await running(0);
    await until('it is told', () => agent.phase() === 'asleep');
    await agent.end();
    let requests = 7;
    let isBusy = false;
    agent = start(() => (isBusy ? requests++ : requests));
    await until('it is told by the next one', () => agent.phase() === 'asleep');

    const port = (await doorOf())!.spec.ports['mesh']!;
    const got: Buffer[] = [];
    const hello = Buffer.from([0x16, 0x03, 0x01, 0x00, 0x01, 0x42]);
    const caller = connect({ host: '127.0.0.1', port }, () => void caller.write(hello));
    caller.on('data', (part: Buffer) => got.push(part));
    await until(`it is woken: ${agent.said.join('; ')}`, async () => (await replicasOf()) === 1);
    expect(Buffer.concat(got).length).toBe(0);
    // From now on there are requests, so that it does not sleep again while this is looked at.
    isBusy = true;
    await running(1);
    await until('the replica answered', () => Buffer.concat(got).equals(hello));
    await until('its door is gone', async () => (await doorOf()) === null);
    expect(await replicasOf()).toBe(1);
    caller.destroy();
    await agent.end();
  });

  it('is never left without a door and a replica when its agent ends while it falls asleep', async () => {
    let requests = 7;
    let agent = start(() => requests);
    await until('a door', async () => (await doorOf()) !== null);
    await agent.end();
    // Somebody called meanwhile: the next agent knows of no silence, and takes the door away.
    agent = start(() => requests++);
    if ((await replicasOf()) === 1) {
      await until('its door is gone', async () => (await doorOf()) === null);
    } else expect(await doorOf()).not.toBeNull();
    await agent.end();
    await mergePatch(
      cluster,
      { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name },
      { spec: { replicas: 1 } },
      'me',
      signal,
    );
  });
});
