import { alertDeliveryList, alertDeliveryRetry } from '@ambit/contracts/operations/alert-route';
import { conflict, notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { pageArgs, toPage } from '../kernel/page.ts';
import { readDeliveries, toDelivery } from './rows.ts';

export const listAlertDeliveries = implement(alertDeliveryList, async ({ tx }, input) => {
  const page = pageArgs(input, 'id', 'desc');
  const rows = await readDeliveries(tx, {
    ...page,
    where: {
      ...page.where,
      ...(input.alertRouteId ? { routeId: input.alertRouteId } : {}),
      ...(input.state ? { state: input.state } : {}),
    },
  });
  return toPage(input, rows, toDelivery, 'id', 'desc');
});

export const retryAlertDelivery = implement(
  alertDeliveryRetry,
  async ({ tx, organisationId, now, enqueue, changed }, { alertDeliveryId: id }) => {
    await tx.$queryRaw`SELECT id FROM alert_delivery WHERE id = ${id} FOR UPDATE`;
    const before = await tx.alertDelivery.findUnique({ where: { id } });
    if (!before) throw notFound('delivery', id);
    if (before.state === 'delivered') throw conflict('it is delivered already');
    await tx.alertDelivery.update({
      where: { id },
      data: { state: 'pending', nextAttemptAt: now },
    });
    await enqueue('alerts.deliver', { organisationId, deliveryId: id });
    await changed('alert-route', id, 'updated');
    const [row] = await readDeliveries(tx, { where: { id } });
    return toDelivery(row!);
  },
);
