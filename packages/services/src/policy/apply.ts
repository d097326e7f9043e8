import { policyApply } from '@ambit/contracts/operations/policy';
import { askDiagnosis, refuseDenied, toIssue } from '../diagnosis/admit-policies.ts';
import { placesIn } from '../finding/place.ts';
import { toDiagnosed } from '../finding/rows.ts';
import { assertAllowed } from '../kernel/limits.ts';
import { implement } from '../kernel/implement.ts';
import { loadClusters } from '../lifecycle/load-view.ts';
import { newId } from '@ambit/contracts/ids';
import type { Context } from '../kernel/context.ts';
import type { ParsedPolicy } from './parse.ts';
import { readPolicies } from './read.ts';
import { lockMesh } from '../mesh-api/record.ts';
import { changeOf, deliverLater, storePolicy, type Change } from './store.ts';
import { toPolicy, type PolicyRow } from './to-policy.ts';

export const applyPolicies = implement(
  policyApply,
  async (context, { meshId, yaml, dryRun }) => {
    await lockMesh(context.tx, meshId);
    const { policies, warnings } = readPolicies(yaml);
    const clusters = await loadClusters(context.tx, meshId, context.now, false);
    const verdict = await askDiagnosis(context, meshId, policies, dryRun);
    if (!dryRun) refuseDenied(verdict);
    const items: { change: Change; policy: ReturnType<typeof toPolicy> }[] = [];
    for (const policy of policies) {
      const { change, row } = await changeOf(context, meshId, policy);
      const { kind, metadata } = policy.object;
      assertAllowed(context, {
        meshId,
        namespace: policy.namespace,
        verb: change === 'created' ? 'create' : 'update',
        what: `${kind} ${metadata.name}`,
      });
      const after =
        change === 'unchanged' && row
          ? row
          : dryRun
            ? preview(context, meshId, policy, row)
            : await storePolicy(
                context,
                meshId,
                policy,
                row,
                change === 'created' ? 'created' : 'updated',
              );
      items.push({ change, policy: toPolicy(after, clusters) });
    }
    if (!dryRun && items.some(({ change }) => change !== 'unchanged')) {
      await deliverLater(context, meshId);
    }
    const place = dryRun ? placesIn(yaml) : undefined;
    const denied = new Set(verdict.denied.map(({ id }) => id));
    return {
      items,
      warnings: [...warnings, ...verdict.warned.map(toIssue)],
      findings: dryRun
        ? verdict.findings.map(({ finding, introduced }) => ({
            ...toDiagnosed(finding),
            introduced,
            denied: denied.has(finding.id),
            ...(place?.(finding) ?? { line: null, fixed: null }),
          }))
        : [],
      dryRun,
    };
  },
  ({ meshId }) => meshId,
);

/** What a dry run shows: the row as it would be, never stored. */
function preview(
  { now, actor, door }: Context,
  meshId: string,
  parsed: ParsedPolicy,
  before: PolicyRow | null,
): PolicyRow {
  return {
    id: before?.id ?? newId('policy', now.getTime()),
    meshId,
    apiVersion: parsed.object.apiVersion,
    group: parsed.group,
    kind: parsed.object.kind,
    namespace: parsed.namespace,
    name: parsed.object.metadata.name,
    object: parsed.object,
    yaml: parsed.yaml,
    version: (before?.version ?? 0) + 1,
    deliveredVersion: before?.deliveredVersion ?? 0,
    finalizers: before?.finalizers ?? null,
    author: actor.email ?? actor.name,
    door,
    manager: '',
    createdAt: before?.createdAt ?? now,
    updatedAt: now,
    deletedAt: null,
  };
}
