import { invitationList } from '@ambit/contracts/operations/access';
import { implement } from '../kernel/implement.ts';
import { pageArgs, toPage } from '../kernel/page.ts';
import { toInvitation } from './rows.ts';

export const listInvitations = implement(invitationList, async ({ tx, now }, input) => {
  const rows = await tx.invitation.findMany(pageArgs(input, 'id', 'desc'));
  return toPage(input, rows, (row) => toInvitation(row, now), 'id', 'desc');
});
