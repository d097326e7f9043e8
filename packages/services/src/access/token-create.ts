import { newId } from '@ambit/contracts/ids';
import { tokenCreate } from '@ambit/contracts/operations/access';
import { implement } from '../kernel/implement.ts';
import { assertLimitable } from '../kernel/limits.ts';
import { hashSecret, newSecret } from '../kernel/keys.ts';
import { assertCovers } from './role-guards.ts';
import { toToken } from './rows.ts';

const dayMs = 24 * 3_600_000;
const hintLength = 12;

export const createToken = implement(tokenCreate, async (context, input) => {
  const { tx, now, organisationId, actor, changed } = context;
  assertCovers(context, input.role, 'give');
  const limits = input.limits ?? null;
  await assertLimitable(context, input.role, limits);
  const secret = newSecret('ambit');
  const row = await tx.apiToken.create({
    data: {
      id: newId('token'),
      organisationId,
      name: input.name,
      role: input.role,
      ...(limits === null ? {} : { limits }),
      hint: secret.slice(0, hintLength),
      secretHash: hashSecret(secret),
      createdBy: actor.id,
      expiresAt: new Date(now.getTime() + input.expiresInDays * dayMs),
    },
  });
  await changed('token', row.id, 'created');
  return { ...toToken(row, new Map([[actor.id, actor.name]])), secret };
});
