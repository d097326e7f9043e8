import { projectList } from '@ambit/contracts/operations/organisation';
import { implement } from '../kernel/implement.ts';
import { pageArgs, toPage } from '../kernel/page.ts';
import { toProject } from './rows.ts';

export const listProjects = implement(projectList, async ({ tx }, input) => {
  const rows = await tx.project.findMany({
    ...pageArgs(input, 'name'),
    include: { _count: { select: { meshes: true } } },
  });
  return toPage(input, rows, toProject, 'name');
});
