import { canonicalJson } from '@ambit/contracts/canonical';
import { newId } from '@ambit/contracts/ids';
import type { KubeObject } from '@ambit/kube-api/types';
import type { Context } from '../kernel/context.ts';
import { notFound } from '../kernel/errors.ts';
import { nextObject, resourceOfMesh } from '../mesh-api/next-object.ts';
import { awaitedBy, lockMesh, record, type Entry } from '../mesh-api/record.ts';
import { kubeText, objectOfRow, resourceOf } from '../mesh-api/wish.ts';
import type { ParsedPolicy } from './parse.ts';
import type { PolicyRow } from './to-policy.ts';

/** What storing needs of a verb's context: a job has no caller. */
export type StoreContext = Pick<
  Context,
  'tx' | 'organisationId' | 'now' | 'actor' | 'door' | 'enqueue'
>;

export type Change = 'created' | 'updated' | 'unchanged';

const authorOf = ({ actor }: StoreContext): string => actor.email ?? actor.name;

/** What storing an object would change. */
export async function changeOf(
  { tx }: StoreContext,
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

/**
 * Writes an object as the newest version of its policy: row, history and log of the mesh's Kubernetes API.
 * @param manager of an adopted one: the cluster and the tool it came from
 */
export async function storePolicy(
  context: StoreContext,
  meshId: string,
  parsed: ParsedPolicy,
  before: PolicyRow | null,
  change: 'created' | 'updated' | 'restored' | 'adopted',
  manager = '',
): Promise<PolicyRow> {
  const { tx, organisationId, now, door } = context;
  const { object, group, namespace, yaml } = parsed;
  const { kind } = object;
  const live = before && !before.deletedAt ? await liveObject(context, before.id) : undefined;
  const resource = await resourceOfMesh(tx, organisationId, meshId, group, kind);
  const next = nextObject(live, object as KubeObject, resource, `ambit-${door}`, now);
  return write(context, meshId, next, {
    apiVersion: object.apiVersion,
    group,
    kind,
    namespace,
    name: object.metadata.name,
    object,
    yaml,
    change,
    manager,
  });
}

/**
 * Deletes a policy as Kubernetes does: one with finalizers is marked and stays until they are gone. The row of a
 * deleted one and its history stay.
 */
export async function markDeleted(context: StoreContext, row: PolicyRow): Promise<PolicyRow> {
  const { apiVersion, group, kind, namespace, name, object, yaml } = row;
  const content = { apiVersion, group, kind, namespace, name, object: object as object, yaml };
  const live = await liveObject(context, row.id);
  const { metadata } = live;
  if ((metadata.finalizers ?? []).length === 0) {
    return write(context, row.meshId, live, { ...content, change: 'deleted' });
  }
  if (metadata.deletionTimestamp !== undefined) return row;
  metadata.deletionTimestamp = `${context.now.toISOString().slice(0, 19)}Z`;
  metadata.deletionGracePeriodSeconds = 0;
  metadata.generation = (metadata.generation ?? 0) + 1;
  return write(context, row.meshId, live, { ...content, change: 'deleting' });
}

async function write(
  context: StoreContext,
  meshId: string,
  kube: KubeObject,
  content: Pick<
    Entry,
    'apiVersion' | 'group' | 'kind' | 'namespace' | 'name' | 'object' | 'yaml' | 'change'
  > & { manager?: string },
): Promise<PolicyRow> {
  const { tx, organisationId, now, door } = context;
  const revision = (await lockMesh(tx, meshId)) + 1;
  const entry: Entry = {
    ...content,
    id: newId('policy', now.getTime()),
    resource: resourceOf(content.group, content.kind) ?? '',
    auxiliary: false,
    revision,
    kube: kubeText(kube, revision),
    finalizers: content.change === 'deleted' ? null : awaitedBy(kube),
    author: authorOf(context),
    door,
    manager: content.manager ?? '',
  };
  const [id] = await record(tx, organisationId, meshId, now, [entry]);
  return tx.policy.findUniqueOrThrow({ where: { id } });
}

/** The object as the Kubernetes API shows it. */
async function liveObject({ tx }: StoreContext, policyId: string): Promise<KubeObject> {
  const [row] = await tx.$queryRaw<
    {
      id: string;
      kube: string | null;
      object: unknown;
      version: number;
      revision: bigint;
      createdAt: Date;
    }[]
  >`SELECT id, kube, object, version, revision, created_at AS "createdAt" FROM policy WHERE id = ${policyId}`;
  if (!row) throw notFound('policy', policyId);
  return row.kube === null
    ? objectOfRow({ ...row, revision: Number(row.revision) })
    : (JSON.parse(row.kube) as KubeObject);
}

/** Queues the delivery to every cluster of the mesh. */
export const deliverLater = (context: StoreContext, meshId: string): Promise<void> =>
  context.enqueue('policies.deliver', { organisationId: context.organisationId, meshId });
