import type { FindingSeverity } from '@ambit/contracts/findings';
import { namespacesFor, type Limit } from '@ambit/contracts/limits';
import { findingList } from '@ambit/contracts/operations/finding';
import { implement } from '../kernel/implement.ts';
import { requireMesh } from '../mesh/lock.ts';
import { pageArgs, toPage } from '../kernel/page.ts';
import { Prisma } from '@ambit/db/generated/client';
import { clusterNames, toFinding } from './rows.ts';

type Where = Prisma.FindingWhereInput;

const stateOf = (state: 'open' | 'suppressed' | 'resolved' | 'all'): Where => {
  switch (state) {
    case 'open':
      return { resolvedAt: null, suppressed: { equals: Prisma.AnyNull } };
    case 'suppressed':
      return { resolvedAt: null, NOT: { suppressed: { equals: Prisma.AnyNull } } };
    case 'resolved':
      return { resolvedAt: { not: null } };
    case 'all':
      return {};
  }
};

/** `*` stands for anything; everything else for itself. */
const like = (pattern: string): Where => {
  const parts = pattern.split('*');
  if (parts.length === 1) return { resource: pattern };
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  return {
    AND: [
      ...(first ? [{ resource: { startsWith: first } }] : []),
      ...(last ? [{ resource: { endsWith: last } }] : []),
      ...parts.slice(1, -1).flatMap((part) => (part ? [{ resource: { contains: part } }] : [])),
    ],
  };
};

/** Who is limited sees findings of what he may read. */
export function readable(limits: readonly Limit[] | undefined): Where {
  if (limits === undefined) return {};
  const meshes = [...new Set(limits.map(({ meshId }) => meshId))];
  return {
    OR: meshes.map((meshId) => {
      const namespaces = namespacesFor(
        limits.filter((limit) => limit.meshId === meshId),
        meshId ?? '',
        'get',
      );
      return {
        ...(meshId === undefined ? {} : { meshId }),
        ...(namespaces === undefined ? {} : { namespace: { in: namespaces } }),
      };
    }),
  };
}

export const listFindings = implement(findingList, async ({ tx, limits }, input) => {
  if (input.meshId) await requireMesh(tx, input.meshId);
  const page = pageArgs(input, 'id');
  const rows = await tx.finding.findMany({
    ...page,
    where: {
      AND: [
        page.where,
        readable(limits),
        stateOf(input.state),
        input.resource ? like(input.resource) : {},
        {
          ...(input.meshId ? { meshId: input.meshId } : {}),
          ...(input.severity ? { severity: input.severity satisfies FindingSeverity } : {}),
          ...(input.namespace === undefined ? {} : { namespace: input.namespace }),
          ...(input.code ? { code: input.code } : {}),
          ...(input.policyId ? { policyId: input.policyId } : {}),
        },
      ],
    },
  });
  const clusters = await clusterNames(tx);
  return toPage(input, rows, (row) => toFinding(row, clusters), 'id');
});
