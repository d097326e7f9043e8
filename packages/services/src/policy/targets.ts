import { policyTargets } from '@ambit/contracts/operations/policy';
import { implement } from '../kernel/implement.ts';
import { listedNamespaces } from '../kernel/limits.ts';
import { pageArgs, toPage } from '../kernel/page.ts';
import { requireMesh } from '../mesh/lock.ts';
import { targetsOf, type Scope } from './targets-of.ts';

interface Row extends Scope {
  id: string;
  kind: string;
  namespace: string;
  name: string;
}

/** Reads only the parts of policies that say what they act on: the rest of them stays in the database. */
export const listTargets = implement(policyTargets, async (context, input) => {
  const { tx } = context;
  const { meshId } = input;
  await requireMesh(tx, meshId);
  const namespaces = listedNamespaces(context, meshId, undefined) ?? null;
  const { where, take } = pageArgs(input, 'id');
  const after = where.id?.gt ?? '';
  const rows = await tx.$queryRaw<Row[]>`
    SELECT id, kind, namespace, name, spec->'hosts' AS hosts, spec->'host' AS host,
      spec->'parentRefs' AS "parentRefs", spec->'targetRefs' AS "targetRefs",
      spec->'targetRef' AS "targetRef", spec->'selector' AS selector,
      spec->'workloadSelector' AS "workloadSelector"
    FROM (SELECT *, object->'spec' AS spec FROM policy) AS policy
    WHERE mesh_id = ${meshId} AND NOT auxiliary AND deleted_at IS NULL AND id > ${after}
      AND (${namespaces}::text[] IS NULL OR namespace = ANY(${namespaces}::text[]))
    ORDER BY id LIMIT ${take}`;
  return toPage(
    input,
    rows,
    (row) => ({
      id: row.id,
      kind: row.kind,
      namespace: row.namespace,
      name: row.name,
      ...targetsOf(row, row),
    }),
    'id',
  );
});
