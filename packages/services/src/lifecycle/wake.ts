import type { Context } from '../kernel/context.ts';

/** New facts came for a mesh: its unfinished operation is looked at again, at once. */
export async function wakeOperations(
  context: Pick<Context, 'tx' | 'enqueue' | 'organisationId'>,
  targetId: string,
): Promise<void> {
  const waiting = await context.tx.operation.findMany({
    where: { targetId, finishedAt: null },
    select: { id: true },
  });
  for (const { id } of waiting) {
    await context.enqueue('operation.advance', {
      organisationId: context.organisationId,
      operationId: id,
    });
  }
}
