import { alertAcknowledge, alertRelease } from '@ambit/contracts/operations/alert';
import type { Context } from '../kernel/context.ts';
import { conflict, notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { evaluateSoon, lockAlerts } from './evaluate.ts';
import { toAlert } from './rows.ts';

async function change(context: Context, alertId: string, acknowledgement: object | null) {
  const { tx, organisationId, now, enqueue, changed } = context;
  await lockAlerts(tx, organisationId);
  const before = await tx.alert.findUnique({ where: { id: alertId } });
  if (!before) throw notFound('alert', alertId);
  if (before.state === 'resolved') throw conflict(`the alert "${before.summary}" is resolved`);
  const shown =
    before.state === 'firing' || before.state === 'acknowledged'
      ? { state: acknowledgement ? 'acknowledged' : 'firing' }
      : {};
  await tx.$executeRaw`
    UPDATE alert SET acknowledgement = ${acknowledgement ? JSON.stringify(acknowledgement) : null}::jsonb
    WHERE id = ${alertId}`;
  const row = await tx.alert.update({ where: { id: alertId }, data: shown });
  await changed('alert', alertId, 'updated');
  await evaluateSoon(tx, organisationId, now, enqueue);
  return toAlert(row);
}

export const acknowledgeAlert = implement(alertAcknowledge, (context, { alertId, note }) =>
  change(context, alertId, {
    by: context.actor.email ?? context.actor.name,
    at: context.now.toISOString(),
    note,
  }),
);

export const releaseAlert = implement(alertRelease, (context, { alertId }) =>
  change(context, alertId, null),
);
