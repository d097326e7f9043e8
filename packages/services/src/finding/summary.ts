import { findingSummary } from '@ambit/contracts/operations/finding';
import type { Tx } from '@ambit/db/database';
import { implement } from '../kernel/implement.ts';
import { Prisma } from '@ambit/db/generated/client';
import { readable } from './list.ts';

interface Counts {
  error: number;
  warning: number;
  info: number;
}
const none: Counts = { error: 0, warning: 0, info: 0 };
const moments = 48;

export const summariseFindings = implement(
  findingSummary,
  async ({ tx, now, limits }, { meshId, hours }) => {
    const where: Prisma.FindingWhereInput = {
      AND: [readable(limits), { resolvedAt: null }, meshId ? { meshId } : {}],
    };
    const groups = await tx.finding.groupBy({
      by: ['meshId', 'severity'],
      where: { AND: [where, { suppressed: { equals: Prisma.AnyNull } }] },
      _count: true,
    });
    const meshes = new Map<string, Counts>();
    for (const { meshId: id, severity, _count: n } of groups) {
      meshes.set(id, { ...(meshes.get(id) ?? none), [severity]: n });
    }
    const suppressed = await tx.finding.count({
      where: { AND: [where, { NOT: { suppressed: { equals: Prisma.AnyNull } } }] },
    });
    return {
      ...sum(meshes.values()),
      suppressed,
      meshes: [...meshes].map(([id, counts]) => ({ meshId: id, ...counts })),
      trend: limits ? [] : await trendOf(tx, meshId, hours, now),
    };
  },
);

const sum = (all: Iterable<Counts>): Counts => {
  const total = { ...none };
  for (const { error, warning, info } of all) {
    total.error += error;
    total.warning += warning;
    total.info += info;
  }
  return total;
};

/** Counts at equal moments: the last ones of each mesh before it. */
async function trendOf(tx: Tx, meshId: string | undefined, hours: number, now: Date) {
  const stepMs = (hours * 3_600_000) / moments;
  const from = new Date(now.getTime() - hours * 3_600_000);
  const one = meshId ? { meshId } : {};
  const before = await tx.findingCount.findMany({
    where: { ...one, at: { lt: from } },
    orderBy: [{ meshId: 'asc' }, { at: 'desc' }],
    distinct: ['meshId'],
  });
  const within = await tx.findingCount.findMany({
    where: { ...one, at: { gte: from } },
    orderBy: { at: 'asc' },
    take: 50_000,
  });
  const last = new Map<string, Counts>(before.map((row) => [row.meshId, row]));
  let next = 0;
  return Array.from({ length: moments }, (_, i) => {
    const at = new Date(from.getTime() + (i + 1) * stepMs);
    for (let row = within[next]; row && row.at <= at; row = within[++next])
      last.set(row.meshId, row);
    return { at: at.toISOString(), ...sum(last.values()) };
  });
}
