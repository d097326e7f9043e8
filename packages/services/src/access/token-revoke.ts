import { tokenRevoke } from '@ambit/contracts/operations/access';
import { roleSchema } from '@ambit/contracts/permissions';
import { notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { assertCovers } from './role-guards.ts';
import { toToken } from './rows.ts';
import { makersOf } from './token-makers.ts';

export const revokeToken = implement(tokenRevoke, async (context, { tokenId: id }) => {
  const { tx, now, changed } = context;
  const found = await tx.apiToken.findUnique({ where: { id } });
  if (!found) throw notFound('token', id);
  assertCovers(context, roleSchema.parse(found.role), 'revoke a token with');
  const row = found.revokedAt
    ? found
    : await tx.apiToken.update({ where: { id }, data: { revokedAt: now } });
  await changed('token', id, 'updated');
  return toToken(row, await makersOf(tx, [row]));
});
