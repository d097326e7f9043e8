import { invitationRevoke } from '@ambit/contracts/operations/access';
import { conflict, notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { invitationState, toInvitation } from './rows.ts';

export const revokeInvitation = implement(
  invitationRevoke,
  async ({ tx, now, changed }, { invitationId: id }) => {
    const found = await tx.invitation.findUnique({ where: { id } });
    if (!found) throw notFound('invitation', id);
    const state = invitationState(found, now);
    if (state === 'revoked') return toInvitation(found, now);
    if (state !== 'open') throw conflict(`the invitation is ${state} already`);
    const row = await tx.invitation.update({ where: { id }, data: { revokedAt: now } });
    await changed('member', id, 'updated');
    return toInvitation(row, now);
  },
);
