import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { newId } from '@ambit/contracts/ids';
import { startProduct, type Product } from '../kube-api/product.ts';

/** What the product's own API took, from the request to the last byte; milliseconds. */
export interface DoorTimes {
  /** Nobody looked at the mesh before: sources are asked for it. */
  cold: number[];
  /** The whole graph of a mesh that somebody looks at. */
  warm: number[];
  /** What changed since the revision before. */
  refresh: number[];
  edges: number;
  bytes: number;
  compressedBytes: number;
}

interface Answer {
  state: string;
  message: string;
  graph: { revision: number; base: number | null; edges: { source: unknown[] } };
  sources: { state: string }[];
}

const patienceMs = 60_000;
/** Lets the product ask a Prometheus on this machine. */
export const reachesLoopback = { AMBIT_ALERT_ALLOW: '127.0.0.0/8' };

/** Asks the product itself, over REST, for graphs out of a Prometheus that is there. */
export async function measureDoor(prometheusUrl: string, runs: number): Promise<DoorTimes> {
  const product = await startProduct(reachesLoopback);
  try {
    const times: DoorTimes = {
      cold: [],
      warm: [],
      refresh: [],
      edges: 0,
      bytes: 0,
      compressedBytes: 0,
    };
    // The first one warms the server up: what is cold is the mesh, not the program.
    for (let run = 0; run <= runs; run++) {
      const meshId = await makeMesh(product, prometheusUrl);
      const first = await lookWhole(product, meshId);
      if (first.answer.state !== 'live' || first.answer.message !== '') {
        throw new Error(`The graph is not whole: ${first.answer.state} ${first.answer.message}`);
      }
      if (run > 0) times.cold.push(first.tookMs);
      times.edges = first.answer.graph.edges.source.length;
      times.bytes = first.bytes.length;
      times.compressedBytes = gzipSync(first.bytes).length;
      if (run === runs) await followOn(product, meshId, first.answer.graph.revision, times);
      await forget(product, meshId);
    }
    return times;
  } finally {
    await product.stop();
  }
}

/** The mesh as one who goes on looking sees it. */
async function followOn(product: Product, meshId: string, revision: number, times: DoorTimes) {
  let base = revision;
  for (let at = 0; at < 20; at++) {
    await pause(500);
    const { answer, tookMs } = await look(product, meshId, base);
    if (answer.graph.base === base) times.refresh.push(tookMs);
    base = answer.graph.revision;
  }
  for (let at = 0; at < 10; at++) times.warm.push((await look(product, meshId)).tookMs);
}

/** A mesh whose only source of traffic is that Prometheus. */
export async function makeMesh(product: Product, url: string): Promise<string> {
  const { db, organisationId } = product;
  const project = await db.system.project.findFirstOrThrow({ where: { organisationId } });
  const id = newId('mesh');
  await db.system.mesh.create({
    data: {
      id,
      organisationId,
      projectId: project.id,
      name: `mesh-${id.slice(-8)}`,
      profile: 'sidecar',
      release: '1.30.2',
      options: { telemetry: 'none' },
    },
  });
  await ask(product, 'POST', '/v1/integrations', {
    kind: 'prometheus',
    name: id,
    address: url,
    meshId: id,
    timeoutMs: 60_000,
    latency: false,
  });
  return id;
}

/** Asks until there is a graph: the API answers after some seconds, whether its sources did or not. */
export async function lookWhole(product: Product, meshId: string) {
  const began = performance.now();
  for (;;) {
    const found = await look(product, meshId);
    const tookMs = performance.now() - began;
    if (found.answer.state !== 'starting' || tookMs > patienceMs) return { ...found, tookMs };
  }
}

async function look(product: Product, meshId: string, base?: number) {
  const query = base === undefined ? '' : `?base=${base}`;
  const began = performance.now();
  const bytes = await ask(product, 'GET', `/v1/meshes/${meshId}/topology${query}`);
  const tookMs = performance.now() - began;
  return { tookMs, bytes, answer: JSON.parse(bytes.toString()) as Answer };
}

/** Takes the source away, and waits until it is asked no more: the next mesh has the machine for itself. */
export async function forget(product: Product, meshId: string): Promise<void> {
  const row = await product.db.system.integration.findFirstOrThrow({ where: { meshId } });
  await ask(product, 'DELETE', `/v1/integrations/${row.id}`);
  const end = Date.now() + patienceMs;
  while ((await look(product, meshId)).answer.sources.length > 0) {
    if (Date.now() > end) throw new Error('A source that was taken away is still asked.');
    await pause(200);
  }
}

async function ask(product: Product, method: string, path: string, body?: object): Promise<Buffer> {
  const response = await fetch(`${product.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${product.token}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${bytes.toString()}`);
  return bytes;
}
