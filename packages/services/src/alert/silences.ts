import { silenceCreate, silenceExpire, silenceList } from '@ambit/contracts/operations/alert';
import { newId } from '@ambit/contracts/ids';
import { conflict, invalid, notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { pageArgs, toPage } from '../kernel/page.ts';
import { evaluateSoon } from './evaluate.ts';
import { openAlerts, toSilence } from './rows.ts';

const longestMs = 366 * 86_400_000;

export const listSilences = implement(silenceList, async ({ tx, now }, input) => {
  const page = pageArgs(input, 'id', 'desc');
  const counts = await openAlerts(tx, 'silenceId');
  const rows = await tx.silence.findMany(page);
  return toPage(input, rows, (row) => toSilence(row, now, counts.get(row.id) ?? 0), 'id', 'desc');
});

export const createSilence = implement(silenceCreate, async (context, input) => {
  const { tx, organisationId, now, actor, enqueue, changed } = context;
  const startsAt = input.startsAt ? new Date(input.startsAt) : now;
  const endsAt = new Date(input.endsAt);
  if (endsAt <= startsAt || endsAt <= now) {
    throw invalid('the silence would be over before it begins', [
      { path: 'endsAt', message: 'expected a time in the future, behind its beginning' },
    ]);
  }
  if (endsAt.getTime() - startsAt.getTime() > longestMs) {
    throw invalid('a silence lasts a year at most', [
      { path: 'endsAt', message: 'give an earlier end; it can be made again' },
    ]);
  }
  const id = newId('silence', now.getTime());
  const row = await tx.silence.create({
    data: {
      id,
      organisationId,
      matchers: input.matchers,
      reason: input.reason,
      createdBy: actor.email ?? actor.name,
      startsAt,
      endsAt,
    },
  });
  await changed('alert', id, 'created');
  await evaluateSoon(tx, organisationId, now, enqueue);
  return toSilence(row, now, 0);
});

export const expireSilence = implement(silenceExpire, async (context, { silenceId }) => {
  const { tx, organisationId, now, enqueue, changed } = context;
  const before = await tx.silence.findUnique({ where: { id: silenceId } });
  if (!before) throw notFound('silence', silenceId);
  if (before.endsAt <= now) throw conflict('the silence is over already');
  const row = await tx.silence.update({ where: { id: silenceId }, data: { endsAt: now } });
  await changed('alert', silenceId, 'updated');
  await evaluateSoon(tx, organisationId, now, enqueue);
  return toSilence(row, now, 0);
});
