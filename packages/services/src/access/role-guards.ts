import { roleCovers, type Role } from '@ambit/contracts/permissions';
import type { Context } from '../kernel/context.ts';
import { AmbitError, conflict } from '../kernel/errors.ts';

/**
 * Nobody gives, changes or takes away more than their own role.
 * @throws AmbitError forbidden
 */
export function assertCovers(context: Pick<Context, 'role'>, other: Role, doing: string): void {
  if (roleCovers(context.role, other)) return;
  throw new AmbitError(
    'forbidden',
    `your role ${context.role} may not ${doing} the role ${other}`,
    {
      fix: `ask someone with the role ${other}`,
    },
  );
}

/**
 * Holds the organisation's owners still until the transaction ends, so that two owners cannot remove each other.
 * @throws AmbitError conflict when `memberId` is the only owner
 */
export async function assertNotLastOwner(
  { tx, organisationId }: Pick<Context, 'tx' | 'organisationId'>,
  memberId: string,
): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtext(${`owners/${organisationId}`}))) AS lock`;
  const others = await tx.member.count({ where: { role: 'owner', id: { not: memberId } } });
  if (others > 0) return;
  throw conflict(
    'an organisation needs an owner, and this is the last one',
    'make another member owner first',
  );
}
