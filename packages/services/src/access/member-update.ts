import { memberUpdate } from '@ambit/contracts/operations/access';
import { roleSchema } from '@ambit/contracts/permissions';
import { notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { revokeTokensOf } from './revoke-tokens-of.ts';
import { assertCovers, assertNotLastOwner } from './role-guards.ts';
import { toMember } from './rows.ts';

export const updateMember = implement(memberUpdate, async (context, { memberId, role }) => {
  const { tx, changed } = context;
  const before = await tx.member.findUnique({ where: { id: memberId }, include: { user: true } });
  if (!before) throw notFound('member', memberId);
  assertCovers(context, roleSchema.parse(before.role), 'change');
  assertCovers(context, role, 'give');
  if (before.role === 'owner' && role !== 'owner') await assertNotLastOwner(context, memberId);
  const row = await tx.member.update({
    where: { id: memberId },
    data: { role },
    include: { user: true },
  });
  await revokeTokensOf(context, before.userId, role);
  await changed('member', memberId, 'updated');
  return toMember(row);
});
