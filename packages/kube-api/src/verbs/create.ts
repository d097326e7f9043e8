import type { RequestContext } from '../engine.ts';
import type { Managers } from '../apply/managers.ts';
import { generateName } from '../metadata-rules.ts';
import { encodeObject } from '../object-bytes.ts';
import { alreadyExists, badRequest, forbidden, invalid, notFound } from '../status.ts';
import { KeyExists, type Write } from '../store/store.ts';
import type { KubeObject } from '../types.ts';
import { intake, readBody } from './intake.ts';
import { type WriteOptions, writeOptions } from './options.ts';
import type { Outcome } from './outcome.ts';
import { settle, timestamp } from './settle.ts';

export async function create(ctx: RequestContext): Promise<Outcome> {
  const options = writeOptions(ctx);
  const object = intake(ctx, await readBody(ctx), options);
  return createObject(ctx, object, options, 'create');
}

/** Stores a new object. `applied`: ownership as server-side apply settled it. */
export async function createObject(
  ctx: RequestContext,
  object: KubeObject,
  options: WriteOptions,
  verb: 'create' | 'apply',
  applied?: Managers,
): Promise<Outcome> {
  const { version } = ctx.target;
  const { resource } = version;
  const { metadata } = object;
  if ((metadata.resourceVersion ?? '') !== '') {
    throw badRequest('resourceVersion should not be set on objects to be created');
  }
  matchNamespace(ctx, object);
  const generated = (metadata.name ?? '') === '' && (metadata.generateName ?? '') !== '';
  if (generated) metadata.name = generateName(metadata.generateName!);
  await requireNamespace(ctx, metadata.name ?? '');

  delete metadata.selfLink;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.resourceVersion;
  metadata.uid = crypto.randomUUID();
  metadata.creationTimestamp = timestamp(ctx.engine.now());
  if (version.source.status === true || resource.source.native !== true) metadata.generation = 1;
  else delete metadata.generation;
  if (version.source.status === true) delete object.status;

  await settle(ctx, undefined, object, options, applied);
  const write = writeOf(ctx, object, options, verb);
  if (options.dryRun) {
    if ((await ctx.engine.store.get(write.key)) !== undefined) {
      throw alreadyExists(resource, write.key.name);
    }
    return { code: 201, bytes: encodeObject(object) };
  }
  try {
    const stored = await ctx.engine.store.create(write);
    if (write.owners.length > 0) ctx.engine.lifecycle.owned(object, resource);
    return { code: 201, bytes: stored.bytes };
  } catch (error) {
    if (error instanceof KeyExists) throw alreadyExists(resource, write.key.name);
    throw error;
  }
}

export function writeOf(
  ctx: RequestContext,
  object: KubeObject,
  options: Pick<WriteOptions, 'fieldManager'>,
  verb: Write['context']['verb'],
): Write {
  const { version, namespace } = ctx.target;
  const { metadata } = object;
  object.apiVersion = version.resource.storage.apiVersion;
  return {
    key: { resource: version.resource.id, namespace, name: metadata.name! },
    encode: (revision) => encodeObject(object, revision),
    owners: (metadata.ownerReferences ?? []).map((owner) => owner.uid),
    context: { user: ctx.user, verb, fieldManager: options.fieldManager },
  };
}

/** The namespace of the object is that of the request. */
export function matchNamespace(ctx: RequestContext, object: KubeObject): void {
  const { namespace, version } = ctx.target;
  const { metadata } = object;
  if (!version.resource.source.namespaced) {
    delete metadata.namespace;
    return;
  }
  if (namespace === '') {
    throw invalid(version.resource, metadata.name ?? '', [
      { reason: 'FieldValueRequired', field: 'metadata.namespace', message: 'Required value' },
    ]);
  }
  if ((metadata.namespace ?? '') !== '' && metadata.namespace !== namespace) {
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
  metadata.namespace = namespace;
}

async function requireNamespace(ctx: RequestContext, name: string): Promise<void> {
  const { engine, target } = ctx;
  if (target.namespace === '' || !engine.namespacesRequired) return;
  const key = { resource: 'namespaces', namespace: '', name: target.namespace };
  const found = await engine.store.get(key);
  if (found === undefined) {
    throw notFound({ group: '', plural: 'namespaces', kind: 'Namespace' }, target.namespace);
  }
  if (found.bytes.includes('"deletionTimestamp":')) {
    throw forbidden(
      target.version.resource,
      name,
      `unable to create new content in namespace ${target.namespace} because it is being terminated`,
    );
  }
}
