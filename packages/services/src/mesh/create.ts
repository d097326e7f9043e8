import { newId } from '@ambit/contracts/ids';
import { meshCreate } from '@ambit/contracts/operations/mesh';
import type { Context } from '../kernel/context.ts';
import { conflict, notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { toOperation } from '../lifecycle/to-operation.ts';
import { beginCreate } from './begin.ts';
import { refuseErrors } from './checks.ts';
import { lockMesh } from './lock.ts';
import { planCreate } from './plan-create.ts';
import { readMesh } from './to-mesh.ts';

export const createMesh = implement(
  meshCreate,
  async (context, input) => {
    const { tx, organisationId, now } = context;
    const { release, clusters, checks } = await planCreate(context, input);
    refuseErrors(checks);
    const projectId = await projectOf(context, input.projectId);
    const id = newId('mesh', now.getTime());
    await tx.mesh
      .create({
        data: {
          id,
          organisationId,
          projectId,
          name: input.name,
          profile: input.profile,
          release: release.version,
          options: input.options,
          status: 'Progressing',
          statusMessage: 'Create mesh: about to begin',
          createdAt: now,
          clusters: { create: clusters.map((c) => ({ clusterId: c.id, organisationId })) },
        },
      })
      .catch((error: unknown) => {
        // The same name or cluster was taken between the check and here.
        if ((error as { code?: string }).code !== 'P2002') throw error;
        throw conflict(
          'a mesh of this name, or with one of these clusters, was created at the same moment',
          'look at the list of meshes and try again',
        );
      });
    await context.changed('mesh', id, 'created');
    const operation = await beginCreate(context, await lockMesh(tx, id), {
      release: release.version,
      clusterIds: clusters.map((c) => c.id),
    });
    return { mesh: await readMesh(context, id), operation: toOperation(operation) };
  },
  (_input, output) => output?.mesh.id ?? '',
);

async function projectOf({ tx }: Context, projectId: string | undefined): Promise<string> {
  const project = await (projectId
    ? tx.project.findUnique({ where: { id: projectId } })
    : tx.project.findFirst({ orderBy: { createdAt: 'asc' } }));
  if (!project) throw notFound('project', projectId ?? '(default)');
  return project.id;
}
