import { expect, it } from 'vitest';
import { exportRules } from './export.ts';

const objective = (id: string, kind = 'service') => ({ id, subject: { kind } });

it('is one file with a document for each service, and counts what has no rules', async () => {
  const all = [objective('a'), objective('w', 'workload'), objective('b')];
  expect(await exportRules(all, async (id) => `metadata: ${id}\n`)).toEqual({
    yaml: 'metadata: a\n---\nmetadata: b\n',
    exported: 2,
    leftOut: 1,
  });
});

it('keeps the order, and asks for no more than eight at a time', async () => {
  let asking = 0;
  let most = 0;
  const ids = Array.from({ length: 20 }, (_, at) => `o${at}`);
  const { yaml } = await exportRules(
    ids.map((id) => objective(id)),
    async (id) => {
      asking += 1;
      most = Math.max(most, asking);
      await Promise.resolve();
      asking -= 1;
      return id;
    },
  );
  expect(yaml.trim().split('\n---\n')).toEqual(ids);
  expect(most).toBe(8);
});

it('is no file when one cannot be had', async () => {
  const rulesOf = async (id: string) => {
    if (id === 'b') throw new Error('away');
    return id;
  };
  await expect(exportRules([objective('a'), objective('b')], rulesOf)).rejects.toThrow('away');
});
