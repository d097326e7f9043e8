import { expect, it } from 'vitest';
import { askUnwell, meshesToAsk } from './unwell.ts';

it('asks a few meshes at most, and none that is empty', () => {
  const meshes = Array.from({ length: 40 }, (_, at) => ({
    id: `msh_${at}`,
    workloads: { enrolled: at === 0 ? 0 : 3 },
  }));
  const asked = meshesToAsk(meshes);
  expect([asked.length, asked[0], asked.at(-1)]).toEqual([24, 'msh_1', 'msh_24']);
});

it('asks one after the other, and leaves out who does not answer or is not told of', async () => {
  let asking = 0;
  let most = 0;
  const cart = { namespace: 'shop', name: 'cart', health: 'failure', errorShare: 0.2 };
  const answers: Record<string, string[]> = { a: ['failed', 'ok'], b: [], c: ['failed'] };
  const found = await askUnwell(['a', 'b', 'away', 'c', 'a'], async (meshId) => {
    asking += 1;
    most = Math.max(most, asking);
    await Promise.resolve();
    asking -= 1;
    const states = answers[meshId];
    if (!states) throw new Error('too many meshes are looked at');
    return { items: [cart], total: 1, sources: states.map((state) => ({ state })) };
  });
  expect(found).toEqual([
    { meshId: 'a', services: [cart], total: 1 },
    { meshId: 'a', services: [cart], total: 1 },
  ]);
  expect(most).toBe(1);
});
