import { connect } from '@ambit/kube-api/bench/client';
import { virtualServices } from '@ambit/kube-api/bench/policies';
import type { Measured } from '@ambit/kube-api/bench/measure';
import { memoryMb } from '../lifecycle/memory.ts';
import { quantile } from '../figure.ts';
import { fillMeshes } from './fill.ts';
import { startProduct, type Product } from './product.ts';

const policiesEach = 200;

/**
 * A fresh API process over the database of many meshes: until it serves the first of them, how long the first request
 * of each takes, and what it holds when all are open. Memory is what the process has in RAM, garbage included.
 */
export async function measureManyMeshes(
  counts: number[],
  say: (line: string) => void,
): Promise<Measured> {
  const largest = Math.max(...counts);
  const product = await startProduct();
  try {
    say(`filling Postgres with ${largest} meshes of ${policiesEach} policies`);
    const meshes = await fillMeshes(product, largest, policiesEach);
    const measured: Measured = {};
    for (const count of counts) {
      say(`opening ${count} meshes in a fresh process`);
      const seen = await openAll(product, meshes.slice(0, count));
      measured[`mesh_memory_kb_at_${count}`] = { value: seen.memoryKib / count, unit: 'KiB' };
      if (count !== largest) continue;
      measured[`restart_${count}_meshes_s`] = { value: seen.restartMs / 1000, unit: 's' };
      measured['first_request_p50_ms'] = { value: quantile(seen.firstMs, 0.5), unit: 'ms' };
      measured['first_request_p99_ms'] = { value: quantile(seen.firstMs, 0.99), unit: 'ms' };
    }
    return measured;
  } finally {
    await product.stop();
  }
}

async function openAll(product: Product, meshes: string[]) {
  const client = (meshId: string) =>
    connect(
      {
        name: meshId,
        url: product.meshUrl(meshId),
        token: product.token,
        stop: async () => {},
      },
      1,
    );
  const list = async (meshId: string): Promise<number> => {
    const connection = client(meshId);
    const began = performance.now();
    const { status, body } = await connection.send('GET', virtualServices);
    const took = performance.now() - began;
    connection.close();
    const { items } = JSON.parse(body.toString()) as { items: unknown[] };
    if (status !== 200 || items.length !== policiesEach) throw new Error(`answered ${status}`);
    return took;
  };
  let restartMs = await product.restart();
  const before = memoryMb(product.pid());
  const [first, ...rest] = meshes;
  restartMs += await list(first!);
  const firstMs: number[] = [];
  for (const meshId of rest) firstMs.push(await list(meshId));
  const memoryKib = ((memoryMb(product.pid()) - before) * 1e6) / 1024;
  return { restartMs, firstMs, memoryKib };
}
