import { meshList } from '@ambit/contracts/operations/mesh';
import { implement } from '../kernel/implement.ts';
import { pageArgs, toPage } from '../kernel/page.ts';
import { findMeshes, toMeshes } from './to-mesh.ts';

export const listMeshes = implement(meshList, async (context, input) => {
  const page = pageArgs(input, 'id');
  const rows = await findMeshes(context.tx, {
    ...page,
    where: { ...page.where, ...(input.projectId ? { projectId: input.projectId } : {}) },
  });
  const { items, nextCursor } = toPage(input, rows, (row) => row, 'id');
  return { items: await toMeshes(context, items), nextCursor };
});
