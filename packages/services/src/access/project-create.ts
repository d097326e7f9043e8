import { newId } from '@ambit/contracts/ids';
import { projectCreate } from '@ambit/contracts/operations/organisation';
import { conflict } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { toProject } from './rows.ts';

export const createProject = implement(
  projectCreate,
  async ({ tx, organisationId, changed }, { name, description }) => {
    if (await tx.project.findFirst({ where: { name } })) {
      throw conflict(`a project named ${name} exists already`, 'choose another name');
    }
    const id = newId('project');
    await tx.project.create({ data: { id, organisationId, name, description } });
    await changed('project', id, 'created');
    const row = await tx.project.findUniqueOrThrow({
      where: { id },
      include: { _count: { select: { meshes: true } } },
    });
    return toProject(row);
  },
);
