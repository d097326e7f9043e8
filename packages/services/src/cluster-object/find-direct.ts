import type { LimitVerb } from '@ambit/contracts/limits';
import type { Context } from '../kernel/context.ts';
import { notFound } from '../kernel/errors.ts';
import { assertAllowed } from '../kernel/limits.ts';
import { readDirect, type DirectRow } from './direct-rows.ts';

/**
 * A direct object in a cluster of the mesh.
 * @param verb what the caller is about to do with it
 * @throws AmbitError not_found, forbidden beyond the caller's limits
 */
export async function findDirect(
  context: Pick<Context, 'tx' | 'limits'>,
  meshId: string,
  objectId: string,
  verb: LimitVerb,
): Promise<DirectRow> {
  const members = await context.tx.meshCluster.findMany({
    where: { meshId },
    select: { clusterId: true },
  });
  const ids = members.map(({ clusterId }) => clusterId);
  const [row] = await readDirect(context.tx, ids, { only: objectId });
  if (!row) throw notFound('object', objectId);
  const { namespace, kind, name } = row;
  assertAllowed(context, { meshId, namespace, verb, what: `${kind} ${name}` });
  return row;
}

/** Remembers what was decided about an object. */
export async function writeDecision(
  { tx, organisationId, actor, now }: Context,
  row: DirectRow,
  choice: 'leave' | 'keep' | 'take' | 'adopt',
): Promise<void> {
  const { clusterId, group, kind, namespace, name, uid, generation } = row;
  const decision = {
    choice,
    uid,
    generation: choice === 'adopt' ? generation : null,
    decidedBy: actor.email ?? actor.name,
    decidedAt: now,
  };
  await tx.objectDecision.upsert({
    where: {
      clusterId_group_kind_namespace_name: { clusterId, group, kind, namespace, name },
    },
    create: { organisationId, clusterId, group, kind, namespace, name, ...decision },
    update: decision,
  });
  if (row.policyId) {
    // It is to be handed over anew, or not at all: the sweep knows it from here should the job get lost.
    await tx.policy.update({ where: { id: row.policyId }, data: { deliveredVersion: 0 } });
  }
}
