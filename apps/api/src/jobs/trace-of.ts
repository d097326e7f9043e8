import type { Database } from '@ambit/db/database';

/**
 * The trace that a job continues: that of the request which began its operation.
 * @returns headers for inSpan; none for jobs without an operation, and for operations begun untraced
 */
export async function traceOf(
  db: Pick<Database, 'system'>,
  data: unknown,
): Promise<Record<string, string>> {
  const { operationId } = data as { operationId?: string };
  if (!operationId) return {};
  const row = await db.system.operation.findUnique({
    where: { id: operationId },
    select: { traceparent: true },
  });
  return row?.traceparent ? { traceparent: row.traceparent } : {};
}
