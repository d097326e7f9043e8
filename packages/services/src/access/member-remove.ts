import { memberRemove } from '@ambit/contracts/operations/access';
import { roleSchema } from '@ambit/contracts/permissions';
import { notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { revokeTokensOf } from './revoke-tokens-of.ts';
import { assertCovers, assertNotLastOwner } from './role-guards.ts';
import { toMember } from './rows.ts';

export const removeMember = implement(memberRemove, async (context, { memberId }) => {
  const { tx, changed } = context;
  const row = await tx.member.findUnique({ where: { id: memberId }, include: { user: true } });
  if (!row) throw notFound('member', memberId);
  assertCovers(context, roleSchema.parse(row.role), 'remove');
  if (row.role === 'owner') await assertNotLastOwner(context, memberId);
  await tx.member.delete({ where: { id: memberId } });
  await revokeTokensOf(context, row.userId, null);
  await changed('member', memberId, 'deleted');
  return toMember(row);
});
