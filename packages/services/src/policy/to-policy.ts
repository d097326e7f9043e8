import type { z } from 'zod';
import type { KubeObject } from '@ambit/contracts/common';
import type { policySchema } from '@ambit/contracts/operations/policy';
import type { LimitVerb } from '@ambit/contracts/limits';
import type { Context } from '../kernel/context.ts';
import { assertAllowed } from '../kernel/limits.ts';
import { notFound } from '../kernel/errors.ts';
import type { ClusterView } from '../lifecycle/view.ts';
import { policyConditions, type PolicyFacts } from './conditions.ts';

export type Policy = z.input<typeof policySchema>;

export interface PolicyRow extends PolicyFacts {
  id: string;
  meshId: string;
  apiVersion: string;
  object: unknown;
  yaml: string;
  finalizers: unknown;
  author: string;
  door: string;
  manager: string;
  createdAt: Date;
}

export function toPolicy(row: PolicyRow, clusters: ClusterView[]): Policy {
  return {
    id: row.id,
    meshId: row.meshId,
    apiVersion: row.apiVersion,
    kind: row.kind,
    namespace: row.namespace,
    name: row.name,
    object: row.object as KubeObject,
    yaml: row.yaml,
    version: row.version,
    conditions: policyConditions(row, clusters),
    finalizers: row.finalizers as string[] | null,
    author: row.author,
    door: row.door,
    manager: row.manager,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

/**
 * @param verb what the caller is about to do with it
 * @throws AmbitError not_found, also for a policy of another mesh; forbidden beyond the caller's limits
 */
export async function findPolicy(
  context: Pick<Context, 'tx' | 'limits'>,
  meshId: string,
  policyId: string,
  verb: LimitVerb,
): Promise<PolicyRow> {
  const where = { id: policyId, meshId, auxiliary: false };
  const row = await context.tx.policy.findFirst({ where });
  if (!row) throw notFound('policy', policyId);
  const { namespace, kind, name } = row;
  assertAllowed(context, { meshId, namespace, verb, what: `${kind} ${name}` });
  return row;
}
