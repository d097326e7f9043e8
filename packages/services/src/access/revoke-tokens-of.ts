import { canonicalJson } from '@ambit/contracts/canonical';
import type { Limit } from '@ambit/contracts/limits';
import { roleCovers, roleSchema, type Role } from '@ambit/contracts/permissions';
import type { Context } from '../kernel/context.ts';

/**
 * Revokes the tokens that a person made, and those made with them, as far as they hold more than `role` allows; of
 * who is limited, those without the same limits.
 * @param role null: the person left, all of them
 */
export async function revokeTokensOf(
  { tx, now, changed }: Pick<Context, 'tx' | 'now' | 'changed'>,
  userId: string,
  role: Role | null,
  limits: readonly Limit[] | null = null,
): Promise<void> {
  let makers = [userId];
  while (makers.length > 0) {
    const made = await tx.apiToken.findMany({
      where: { createdBy: { in: makers }, revokedAt: null },
      select: { id: true, role: true, limits: true },
    });
    const tooMuch = made.filter(
      (token) =>
        role === null ||
        !roleCovers(role, roleSchema.parse(token.role)) ||
        (limits !== null && canonicalJson(token.limits) !== canonicalJson(limits)),
    );
    for (const { id } of tooMuch) {
      await tx.apiToken.update({ where: { id }, data: { revokedAt: now } });
      await changed('token', id, 'updated');
    }
    makers = tooMuch.map(({ id }) => id);
  }
}
