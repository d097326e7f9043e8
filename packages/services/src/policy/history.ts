import type { z } from 'zod';
import { policyHistory, type policyVersionSchema } from '@ambit/contracts/operations/policy';
import { implement } from '../kernel/implement.ts';
import { pageArgs, toPage } from '../kernel/page.ts';
import { findPolicy } from './to-policy.ts';

type PolicyVersion = z.input<typeof policyVersionSchema>;

export const listHistory = implement(policyHistory, async ({ tx }, input) => {
  await findPolicy(tx, input.meshId, input.policyId);
  const { where, orderBy, take } = pageArgs(input, 'version', 'desc');
  const rows = await tx.policyVersion.findMany({
    orderBy,
    take,
    where: { ...(where as { version?: { lt?: number } }), policyId: input.policyId },
  });
  return toPage(
    input,
    rows,
    (row): PolicyVersion => ({
      version: row.version,
      yaml: row.yaml,
      change: row.change as PolicyVersion['change'],
      author: row.author,
      door: row.door,
      at: row.at.toISOString(),
    }),
    'version',
    'desc',
  );
});
