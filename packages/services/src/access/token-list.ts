import { tokenList } from '@ambit/contracts/operations/access';
import { implement } from '../kernel/implement.ts';
import { pageArgs, toPage } from '../kernel/page.ts';
import { toToken } from './rows.ts';
import { makersOf } from './token-makers.ts';

export const listTokens = implement(tokenList, async ({ tx }, input) => {
  const rows = await tx.apiToken.findMany(pageArgs(input, 'id', 'desc'));
  const makers = await makersOf(tx, rows);
  return toPage(input, rows, (row) => toToken(row, makers), 'id', 'desc');
});
