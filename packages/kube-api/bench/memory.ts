import { createKubeApi, type KubeApi } from '../src/api.ts';
import { policyKinds } from '../src/kinds/native.ts';
import { createRegistry } from '../src/kinds/registry.ts';
import { createMemoryStore } from '../src/store/memory.ts';
import { meshKinds } from '../src/testing/crds.ts';
import { policy } from './policies.ts';

/** Run with --expose-gc: prints what `count` APIs of 200 policies each hold, in KiB an API. */
const count = Number(process.argv[2] ?? 100);
const registry = createRegistry([...policyKinds, ...((await meshKinds()) ?? [])]);

const fill = async (): Promise<KubeApi> => {
  const api = createKubeApi({
    kinds: registry,
    store: createMemoryStore(),
    initial: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } }],
  });
  for (let i = 0; i < 200; i++) {
    const { path, body } = policy(i);
    const response = await api.handle(new Request(`http://api${path}`, { method: 'POST', body }));
    if (response.status !== 201) throw new Error(await response.text());
  }
  return api;
};

const used = async (): Promise<number> => {
  for (let i = 0; i < 5; i++) {
    globalThis.gc?.();
    await new Promise(setImmediate);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

await fill();
const before = await used();
const apis: KubeApi[] = [];
for (let i = 0; i < count; i++) apis.push(await fill());
console.log(Math.round(((await used()) - before) / 1024 / apis.length));
