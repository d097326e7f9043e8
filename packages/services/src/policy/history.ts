import type { z } from 'zod';
import { policyHistory, type policyVersionSchema } from '@ambit/contracts/operations/policy';
import { implement } from '../kernel/implement.ts';
import { pageArgs, toPage } from '../kernel/page.ts';
import { fieldChanges } from './field-changes.ts';
import { findPolicy } from './to-policy.ts';

type PolicyVersion = z.input<typeof policyVersionSchema>;

export const listHistory = implement(policyHistory, async (context, input) => {
  const { tx } = context;
  await findPolicy(context, input.meshId, input.policyId, 'get');
  const { where, orderBy, take } = pageArgs(input, 'version', 'desc');
  const rows = await tx.policyVersion.findMany({
    orderBy,
    take,
    where: {
      ...(where as { version?: { lt?: number } }),
      policyId: input.policyId,
      change: { not: 'status' },
    },
  });
  // The row that is read beyond the page is what its last one is compared with.
  const changesOf = new Map(
    rows.map((row, index) => {
      const before = rows[index + 1];
      return [row.version, before ? fieldChanges(wishIn(before), wishIn(row)) : []];
    }),
  );
  return toPage(
    input,
    rows,
    (row): PolicyVersion => ({
      version: row.version,
      yaml: row.yaml,
      change: row.change as PolicyVersion['change'],
      author: row.author,
      door: row.door,
      manager: row.manager,
      at: row.at.toISOString(),
      changes: changesOf.get(row.version) ?? [],
    }),
    'version',
    'desc',
  );
});

/** A deleted policy wants nothing, so that bringing it back adds its text as a whole. */
const wishIn = (row: { change: string; object: unknown }): unknown =>
  row.change === 'deleted' ? {} : row.object;
