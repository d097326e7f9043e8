import { cachePaths } from '@ambit/lab/paths';
import { measure, type Measured } from '@ambit/kube-api/bench/measure';
import { findBinaries, startOurs, startPeer } from '@ambit/kube-api/bench/subjects';
import { round, type Figure } from '../figure.ts';
import { measureManyMeshes } from './many-meshes.ts';
import { startProduct } from './product.ts';

/**
 * Measures the product's mesh API on Postgres, the engine over its memory store, and a real kube-apiserver over etcd
 * (the lab's, when it was built), one after the other.
 */
export async function run(say: (line: string) => void): Promise<Figure[]> {
  const scale = Number(process.env['AMBIT_BENCH_SCALE'] ?? 1);
  say('measuring the product: the API process over Postgres');
  const product = await measureProduct(scale);
  const binaries = findBinaries(cachePaths().bin);
  if (binaries === undefined) say('no kube-apiserver and etcd were found: no peer in this run');
  let peer: Measured = {};
  let memory: Measured = {};
  if (binaries !== undefined) {
    const subject = await startPeer(binaries);
    try {
      say(`measuring ${subject.name}`);
      peer = await measure(subject, { scale });
      memory = await measureMemoryStore(say, scale, subject);
    } finally {
      await subject.stop();
    }
  } else memory = await measureMemoryStore(say, scale);
  const counts = [1, 100, 1_000].map((count) => Math.ceil(count * scale));
  const many = await measureManyMeshes([...new Set(counts)], say);
  return [
    ...toFigures({ ...product, ...many }, peer),
    ...toFigures(memory, peer).map((each) => ({ ...each, name: `memory_store_${each.name}` })),
  ];
}

async function measureProduct(scale: number): Promise<Measured> {
  const product = await startProduct();
  try {
    const url = product.meshUrl(await product.makeMesh());
    const { token } = product;
    return await measure({ name: 'product', url, token, stop: async () => {} }, { scale });
  } finally {
    await product.stop();
  }
}

async function measureMemoryStore(
  say: (line: string) => void,
  scale: number,
  tls?: { key: string; cert: string },
): Promise<Measured> {
  const subject = await startOurs(tls);
  try {
    say(`measuring ${subject.name}`);
    return await measure(subject, { scale });
  } finally {
    await subject.stop();
  }
}

/** With the peer's value; `ratio` says how many times better ours is, whatever the unit. */
function toFigures(ours: Measured, peers: Measured): Figure[] {
  return Object.entries(ours).map(([name, { value, unit }]) => {
    const peer = peers[name]?.value;
    if (peer === undefined) return { name, value: round(value), unit, peer: null, ratio: null };
    const ratio = unit === '1/s' ? value / peer : peer / value;
    return { name, value: round(value), unit, peer: round(peer), ratio: round(ratio) };
  });
}
