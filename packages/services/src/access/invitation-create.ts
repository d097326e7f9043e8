import { newId } from '@ambit/contracts/ids';
import { invitationCreate } from '@ambit/contracts/operations/access';
import { conflict } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { hashSecret, newSecret } from '../kernel/keys.ts';
import { assertCovers } from './role-guards.ts';
import { toInvitation } from './rows.ts';

const validMs = 7 * 24 * 3_600_000;

export const createInvitation = implement(invitationCreate, async (context, input) => {
  const { tx, now, organisationId, actor, platform, changed } = context;
  const email = input.email.toLowerCase();
  assertCovers(context, input.role, 'give');
  if (await tx.member.findFirst({ where: { user: { email } } })) {
    throw conflict(`${email} is a member already`);
  }
  const open = { email, acceptedAt: null, revokedAt: null };
  await tx.invitation.updateMany({ where: open, data: { revokedAt: now } });
  const secret = newSecret('invite');
  const row = await tx.invitation.create({
    data: {
      id: newId('invitation'),
      organisationId,
      email,
      role: input.role,
      tokenHash: hashSecret(secret),
      createdBy: actor.id,
      expiresAt: new Date(now.getTime() + validMs),
    },
  });
  await changed('member', row.id, 'created');
  return { ...toInvitation(row, now), link: `${platform.publicUrl}/accept/${secret}` };
});
