import type { Tx } from '@ambit/db/database';
import { decodeManagers, encodeManagers } from '@ambit/kube-api/apply/managers';
import { trackUpdate } from '@ambit/kube-api/apply/track';
import type { Resource } from '@ambit/kube-api/kinds/registry';
import { applyDefaults } from '@ambit/kube-api/schema/default';
import { compileRoot } from '@ambit/kube-api/schema/compile';
import type { KubeObject } from '@ambit/kube-api/types';
import { canonicalJson } from '@ambit/contracts/canonical';
import { controlPlaneDigest, kindsOfBundle } from './kinds.ts';
import { lastApplied } from './wish.ts';

const open = compileRoot({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true });

/** The kind as the mesh's release defines it; undefined before the first render. */
export async function resourceOfMesh(
  tx: Tx,
  organisationId: string,
  meshId: string,
  group: string,
  kind: string,
): Promise<Resource | undefined> {
  const digest = await controlPlaneDigest(tx, meshId);
  if (digest === undefined) return undefined;
  return (await kindsOfBundle(tx, organisationId, digest))?.byKind(group, kind);
}

/**
 * The object of the Kubernetes API after another door replaced what is wanted: identity, status, finalizers and
 * owners stay, the door's manager owns what it changed.
 * @param live undefined when the object is made anew
 */
export function nextObject(
  live: KubeObject | undefined,
  wish: KubeObject,
  resource: Resource | undefined,
  manager: string,
  now: Date,
): KubeObject {
  const schema = resource?.storage.schema() ?? open;
  const time = `${now.toISOString().slice(0, 19)}Z`;
  const apiVersion = resource?.storage.apiVersion ?? wish.apiVersion;
  const next = structuredClone({ ...wish, apiVersion }) as KubeObject;
  const before = live?.metadata;
  const kept = {
    uid: before?.uid ?? crypto.randomUUID(),
    creationTimestamp: before?.creationTimestamp ?? time,
    generation: before?.generation ?? 1,
    ...(before?.deletionTimestamp
      ? { deletionTimestamp: before.deletionTimestamp, deletionGracePeriodSeconds: 0 }
      : {}),
    ...(before?.finalizers ? { finalizers: before.finalizers } : {}),
    ...(before?.ownerReferences ? { ownerReferences: before.ownerReferences } : {}),
  };
  next.metadata = { ...next.metadata, ...kept };
  const applied = before?.annotations?.[lastApplied];
  if (applied !== undefined) {
    next.metadata.annotations = { ...next.metadata.annotations, [lastApplied]: applied };
  }
  if (live?.status !== undefined) next.status = live.status;
  applyDefaults(next, schema);
  if (live !== undefined && canonicalJson(live.spec ?? {}) !== canonicalJson(next.spec ?? {})) {
    next.metadata.generation = kept.generation + 1;
  }
  const managers = trackUpdate(
    live,
    next,
    schema,
    decodeManagers(before?.managedFields) ?? new Map(),
    { name: manager, apiVersion, subresource: '', time },
  );
  const entries = encodeManagers(managers);
  if (entries !== undefined) next.metadata.managedFields = entries;
  return next;
}
