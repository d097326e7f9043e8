import { canonicalJson } from '@ambit/contracts/canonical';
import { newId } from '@ambit/contracts/ids';
import type { Context } from '../kernel/context.ts';
import { conflict, notFound } from '../kernel/errors.ts';
import type { ParsedPolicy } from './parse.ts';
import type { PolicyRow } from './to-policy.ts';

export type Change = 'created' | 'updated' | 'unchanged';

const authorOf = ({ actor }: Context): string => actor.email ?? actor.name;

/**
 * Refuses policies for a mesh that is not there or is being deleted, and makes writers of one mesh take turns.
 * @throws AmbitError not_found, conflict
 */
export async function requireWritableMesh(context: Context, meshId: string): Promise<void> {
  const { tx } = context;
  const mesh = await tx.mesh.findUnique({ where: { id: meshId }, select: { name: true } });
  if (!mesh) throw notFound('mesh', meshId);
  const deleting = await tx.operation.findFirst({
    where: { targetId: meshId, finishedAt: null, type: 'mesh.delete' },
    select: { id: true },
  });
  if (deleting) throw conflict(`${mesh.name} is being deleted (${deleting.id})`);
  await tx.$queryRaw`SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtext(${`policies/${meshId}`}))) AS lock`;
}

/** What storing an object would change. */
export async function changeOf(
  { tx }: Context,
  meshId: string,
  parsed: ParsedPolicy,
): Promise<{ change: Change; row: PolicyRow | null }> {
  const row = await tx.policy.findUnique({
    where: {
      meshId_group_kind_namespace_name: {
        meshId,
        group: parsed.group,
        kind: parsed.object.kind,
        namespace: parsed.namespace,
        name: parsed.object.metadata.name,
      },
    },
  });
  if (!row || row.deletedAt) return { change: 'created', row };
  const same =
    row.yaml === parsed.yaml && canonicalJson(row.object) === canonicalJson(parsed.object);
  return { change: same ? 'unchanged' : 'updated', row };
}

/** Writes an object as the newest version of its policy, with its place in the history. */
export async function storePolicy(
  context: Context,
  meshId: string,
  parsed: ParsedPolicy,
  before: PolicyRow | null,
  change: 'created' | 'updated' | 'restored',
): Promise<PolicyRow> {
  const { tx, organisationId, now, door } = context;
  const content = {
    apiVersion: parsed.object.apiVersion,
    object: parsed.object as object,
    yaml: parsed.yaml,
    author: authorOf(context),
    door,
    updatedAt: now,
    deletedAt: null,
  };
  const row = before
    ? await tx.policy.update({
        where: { id: before.id },
        data: { ...content, version: { increment: 1 } },
      })
    : await tx.policy.create({
        data: {
          id: newId('policy', now.getTime()),
          organisationId,
          meshId,
          group: parsed.group,
          kind: parsed.object.kind,
          namespace: parsed.namespace,
          name: parsed.object.metadata.name,
          createdAt: now,
          ...content,
        },
      });
  await remember(context, row, change);
  return row;
}

/** Marks a policy as deleted; the row and its history stay. */
export async function markDeleted(context: Context, row: PolicyRow): Promise<PolicyRow> {
  const deleted = await context.tx.policy.update({
    where: { id: row.id },
    data: {
      version: { increment: 1 },
      deletedAt: context.now,
      updatedAt: context.now,
      author: authorOf(context),
      door: context.door,
    },
  });
  await remember(context, deleted, 'deleted');
  return deleted;
}

async function remember(
  context: Context,
  row: PolicyRow,
  change: 'created' | 'updated' | 'restored' | 'deleted',
): Promise<void> {
  await context.tx.policyVersion.create({
    data: {
      policyId: row.id,
      version: row.version,
      organisationId: context.organisationId,
      yaml: row.yaml,
      object: row.object as object,
      change,
      author: row.author,
      door: row.door,
      at: context.now,
    },
  });
  const event = { created: 'created', deleted: 'deleted' } as const;
  await context.changed(
    'policy',
    row.id,
    change in event ? event[change as keyof typeof event] : 'updated',
    row.meshId,
  );
}

/** Queues the delivery to every cluster of the mesh. */
export const deliverLater = (context: Context, meshId: string): Promise<void> =>
  context.enqueue('policies.deliver', { organisationId: context.organisationId, meshId });
