import { memberUpdate } from '@ambit/contracts/operations/access';
import { roleSchema } from '@ambit/contracts/permissions';
import { Prisma } from '@ambit/db/generated/client';
import type { Limit } from '@ambit/contracts/limits';
import { notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { assertLimitable } from '../kernel/limits.ts';
import { revokeTokensOf } from './revoke-tokens-of.ts';
import { assertCovers, assertNotLastOwner } from './role-guards.ts';
import { toMember } from './rows.ts';

export const updateMember = implement(memberUpdate, async (context, input) => {
  const { memberId, role } = input;
  const { tx, changed } = context;
  const before = await tx.member.findUnique({ where: { id: memberId }, include: { user: true } });
  if (!before) throw notFound('member', memberId);
  assertCovers(context, roleSchema.parse(before.role), 'change');
  assertCovers(context, role, 'give');
  const limits = input.limits === undefined ? readLimits(before.limits) : input.limits;
  await assertLimitable(context, role, limits);
  if (before.role === 'owner' && role !== 'owner') await assertNotLastOwner(context, memberId);
  const row = await tx.member.update({
    where: { id: memberId },
    data: { role, limits: limits === null ? Prisma.DbNull : (limits as object[]) },
    include: { user: true },
  });
  await revokeTokensOf(context, before.userId, role, limits);
  await changed('member', memberId, 'updated');
  return toMember(row);
});

const readLimits = (stored: unknown): Limit[] | null => (stored ?? null) as Limit[] | null;
