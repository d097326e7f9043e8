import { projectDelete } from '@ambit/contracts/operations/organisation';
import { conflict, notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { toProject } from './rows.ts';

export const deleteProject = implement(projectDelete, async ({ tx, changed }, { projectId }) => {
  const row = await tx.project.findUnique({
    where: { id: projectId },
    include: { meshes: { select: { name: true }, take: 3 }, _count: { select: { meshes: true } } },
  });
  if (!row) throw notFound('project', projectId);
  const count = row._count.meshes;
  if (count > 0) {
    const names = row.meshes.map((mesh) => mesh.name).join(', ');
    throw conflict(
      `the project ${row.name} has ${count === 1 ? 'a mesh' : `${count} meshes`} (${names}${count > 3 ? ', …' : ''})`,
      'delete them first',
    );
  }
  await tx.project.delete({ where: { id: projectId } });
  await changed('project', projectId, 'deleted');
  return toProject(row);
});
