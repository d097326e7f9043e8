import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { newId } from '@ambit/contracts/ids';
import { integrationCreate } from '@ambit/contracts/operations/integration';
import { topologyGet } from '@ambit/contracts/operations/topology';
import { serveMesh, type Series } from '@ambit/telemetry/testing/mesh-prometheus';
import type { Graph, GraphDiff } from '@ambit/topology/model';
import { decodeGraph, type GraphMessage } from '@ambit/topology/wire/message';
import { bareMesh } from '../../testing/bare-mesh.ts';
import { makeTenant, testPlatform, type Tenant, type TestPlatform } from '../../testing/tenant.ts';
import { endResidents } from '../residents.ts';

export let platform: TestPlatform;
export let tenant: Tenant;
export let meshId: string;
const closers: (() => void)[] = [];
export const endings: (() => Promise<void>)[] = [];

/** A platform of its own for the tests of a file, and before each of them a tenant with a mesh of one cluster. */
export function useMeshes(): void {
  beforeAll(async () => {
    const topology = { everyMs: 300, renewEveryMs: 200, tellEveryMs: 50, budgetMs: 1_000 };
    platform = await testPlatform({ alertAllow: ['127.0.0.0/8'], topology });
  });
  afterAll(() => platform.drop());
  beforeEach(async () => {
    tenant = await makeTenant(platform);
    meshId = await makeMesh('shop');
  });
  afterEach(async () => {
    await endResidents(platform.db);
    for (const end of endings.splice(0)) await end();
    for (const close of closers.splice(0)) close();
  });
}

/** The mesh that is looked at from now on, in place of the one each test begins with. */
export function turnTo(mesh: string): void {
  meshId = mesh;
}

export async function makeMesh(
  name: string,
  clusters: string[] = ['c1'],
  telemetry: 'agent' | 'none' = 'none',
): Promise<string> {
  const id = await bareMesh(platform, tenant, { name, options: { telemetry } });
  for (const cluster of clusters) await joinCluster(id, cluster);
  return id;
}

export async function joinCluster(mesh: string, name: string): Promise<string> {
  const { organisationId } = tenant;
  const clusterId = newId('cluster');
  await platform.db.system.cluster.create({ data: { id: clusterId, organisationId, name } });
  await platform.db.system.meshCluster.create({
    data: { clusterId, meshId: mesh, organisationId },
  });
  return clusterId;
}

export const quietWorkload = {
  namespace: 'shop',
  kind: 'Deployment',
  name: 'quiet',
  serviceAccount: 'default',
  pods: 1,
  ready: 1,
  enrolled: 1,
  mode: 'sidecar',
  revision: '',
  proxyVersions: {},
};

/** Has a cluster's agent tell of sidecars, one of each workload: the pod `NAME-1`. */
export async function tellProxies(clusterId: string, names: readonly string[]): Promise<void> {
  const proxies = JSON.stringify(
    names.map((name) => ({
      namespace: 'shop',
      pod: `${name}-1`,
      workload: name,
      node: 'n',
      kind: 'sidecar',
      version: '',
      ready: true,
      problem: '',
      scrapedAt: null,
      istiod: '',
      sync: {},
      syncError: '',
    })),
  );
  await platform.db.system.$executeRaw`
    INSERT INTO telemetry_source (cluster_id, organisation_id, proxies, proxies_at)
    VALUES (${clusterId}, ${tenant.organisationId}, ${proxies}::jsonb, now())
    ON CONFLICT (cluster_id) DO UPDATE SET proxies = excluded.proxies, proxies_at = excluded.proxies_at`;
}

export async function serve(
  series: readonly Series[] | (() => readonly Series[]),
  before?: Parameters<typeof serveMesh>[1],
) {
  const server = await serveMesh(typeof series === 'function' ? series : () => series, before);
  closers.push(server.close);
  return server;
}

export const connect = (url: string, more: object = {}) =>
  tenant.callAs('admin', integrationCreate, {
    kind: 'prometheus',
    name: `prometheus ${url.slice(-5)}`,
    address: url,
    timeoutMs: 30_000,
    ...more,
  });

export const look = (more: object = {}) =>
  tenant.callAs('viewer', topologyGet, { meshId, ...more });
/** Once no source is to answer for the first time any more, however slow the machine is. */
export const lookReady = (more: object = {}) =>
  until(
    () => look(more),
    ({ sources }) => sources.every(({ state }) => state !== 'pending'),
  );
type Answer = Awaited<ReturnType<typeof look>>;

export const graphOf = ({ graph }: Answer): GraphDiff => decodeGraph(graph as GraphMessage);
export const edgesOf = (graph: Graph): string[] =>
  graph.edges.map(({ source, target, rate }) => `${lastOf(source)}>${lastOf(target)} ${rate}`);
export const lastOf = (id: string): string => id.split('/').at(-1) ?? '';

export async function until<T>(what: () => Promise<T>, isDone: (found: T) => boolean): Promise<T> {
  const end = Date.now() + 50_000;
  for (;;) {
    const found = await what();
    if (isDone(found)) return found;
    if (Date.now() > end) throw new Error(`not within 50 s: ${JSON.stringify(found)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
