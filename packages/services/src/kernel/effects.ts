import { newId } from '@ambit/contracts/ids';
import type { Tx } from '@ambit/db/database';
import type { Context } from './context.ts';

/** Outbox and change events of one transaction: written as rows, so they happen exactly if it commits. */
export function effectsOf(tx: Tx, organisationId: string): Pick<Context, 'enqueue' | 'changed'> {
  return {
    enqueue: async (job, data, notBefore) => {
      await tx.outboxEntry.create({
        data: {
          id: newId('outbox'),
          organisationId,
          job,
          data,
          ...(notBefore ? { notBefore } : {}),
        },
      });
    },
    changed: async (topic, resourceId, change, parentId) => {
      await tx.changeEvent.create({
        data: { organisationId, topic, resourceId, change, parentId: parentId ?? null },
      });
    },
  };
}
