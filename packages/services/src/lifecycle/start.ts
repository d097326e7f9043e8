import { newId } from '@ambit/contracts/ids';
import { lifecycle, type LifecycleType } from '@ambit/contracts/lifecycle';
import type { Context } from '../kernel/context.ts';
import { conflict } from '../kernel/errors.ts';
import { withSteps, type OperationWithSteps, titleOf } from './to-operation.ts';
import type { OperationInput } from './view.ts';

/** What of a caller's context an operation needs; a job has no more. */
export type Starter = Pick<
  Context,
  'tx' | 'organisationId' | 'actor' | 'now' | 'enqueue' | 'changed'
> &
  Partial<Pick<Context, 'traceparent'>>;

/**
 * Begins an operation on a mesh: its rows and its first job, in the caller's transaction.
 * @throws AmbitError conflict naming the one that is still under way; a mesh has one at a time
 */
export async function startOperation(
  context: Starter,
  type: LifecycleType,
  mesh: { id: string; name: string },
  input: OperationInput,
): Promise<OperationWithSteps> {
  const { tx, organisationId, actor, now } = context;
  await refuseWhileBusy(context, mesh);
  const id = newId('operation', now.getTime());
  const row = await tx.operation
    .create({
      data: {
        id,
        organisationId,
        type,
        targetKind: 'mesh',
        targetId: mesh.id,
        targetName: mesh.name,
        actor: { kind: actor.kind, id: actor.id, name: actor.name },
        input: input as object,
        traceparent: context.traceparent ?? null,
        createdAt: now,
        nextLookAt: now,
        steps: {
          create: lifecycle[type].steps.map((name, position) => ({
            organisationId,
            position,
            name,
          })),
        },
      },
      include: withSteps,
    })
    .catch((error: unknown) => {
      // Two began at the same moment; the index operation_one_per_target let one through.
      if ((error as { code?: string }).code !== 'P2002') throw error;
      throw conflict(
        `another operation on ${mesh.name} has just begun`,
        'wait until it is finished, or cancel it',
      );
    });
  await context.enqueue('operation.advance', { organisationId, operationId: id });
  await context.changed('operation', id, 'created', mesh.id);
  return row;
}

/** @throws AmbitError conflict while an operation on the mesh is under way */
export async function refuseWhileBusy(
  { tx }: Pick<Context, 'tx'>,
  mesh: { id: string; name: string },
): Promise<void> {
  const running = await tx.operation.findFirst({
    where: { targetId: mesh.id, finishedAt: null },
  });
  if (!running) return;
  const title = titleOf(running.type as LifecycleType, running.input as OperationInput);
  throw conflict(
    `"${title}" (${running.id}) is still under way on ${mesh.name}`,
    'wait until it is finished, or cancel it',
  );
}
