import type { Tx } from '@ambit/db/database';

/** Names of the people and tokens that made tokens, by id. */
export async function makersOf(
  tx: Tx,
  rows: { createdBy: string }[],
): Promise<Map<string, string>> {
  const ids = [...new Set(rows.map((row) => row.createdBy))];
  const where = { id: { in: ids } };
  const select = { id: true, name: true };
  const found = [
    ...(await tx.user.findMany({ where, select })),
    ...(await tx.apiToken.findMany({ where, select })),
  ];
  return new Map(found.map(({ id, name }) => [id, name]));
}
