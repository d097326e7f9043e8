import { memberList } from '@ambit/contracts/operations/access';
import { implement } from '../kernel/implement.ts';
import { pageArgs, toPage } from '../kernel/page.ts';
import { toMember } from './rows.ts';

export const listMembers = implement(memberList, async ({ tx }, input) => {
  const rows = await tx.member.findMany({ ...pageArgs(input, 'id'), include: { user: true } });
  return toPage(input, rows, toMember, 'id');
});
