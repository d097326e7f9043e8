import { counted } from '@ambit/contracts/words';
import type { Bundle } from '@ambit/contracts/agent/bundle';
import type { KubeObject, ObjectRef } from '@ambit/contracts/common';
import {
  deleteObject,
  findLabelled,
  mergePatch,
  readObject,
  type Found,
} from '../../kube/objects.ts';
import { pathOf } from '../../kube/resources.ts';
import { listAll, metadataOnly, type Listed } from '../../kube/watch.ts';
import { inParallel, sleep } from '../../wait.ts';
import { bundleLabel, emptyParent, keyOf, ownPrefix, parentName, partOfLabel } from './applyset.ts';
import { fieldManager } from './drift.ts';
import { removeLeftovers } from './leftovers.ts';
import { findMembers, loadParent, releaseShared, setIdOf, type BundleContext } from './pass.ts';
import { parentAfter, removalOrder } from './plan.ts';
import { nameOf, Problems } from './problems.ts';

type Kept = { object: ObjectRef; reason: string; message: string };

/**
 * Takes a bundle out of the cluster until nothing of it is left: members in reverse order of their phases, what
 * istiod left behind, then the definitions; fields on objects of others are given up. Never deleted: Namespaces, and
 * definitions (CRDs) that still hold objects of others; those lose our labels and are told.
 * @param bundle null when its content is not to be had any more; the kinds are then those its parent names
 * @returns what was kept, and why
 */
export async function removeBundle(
  context: BundleContext,
  name: string,
  bundle: Bundle | null,
  signal: AbortSignal,
): Promise<Kept[]> {
  const { status, log } = context;
  const before = (await loadParent(context, name, signal)) ?? emptyParent;
  const fromBundle = bundle ? parentAfter(bundle, '') : emptyParent;
  const groupKinds = [...new Set([...before.groupKinds, ...fromBundle.groupKinds])];
  const members = await findMembers(context, name, groupKinds, signal);
  const byKey = new Map(members.map((one) => [keyOf(one.ref), one]));
  const total = members.length + before.shared.length;
  let gone = 0;
  status.set({ state: 'Removing', objects: { total, applied: total, ready: 0 }, errors: [] });
  const groups = removalOrder(
    bundle,
    members.map(({ ref }) => ref),
  );
  const definitions: Found[] = [];
  const namespaces = new Set<string>();
  for (const [index, group] of groups.entries()) {
    const found = group.map((ref) => byKey.get(keyOf(ref))!);
    definitions.push(...found.filter(({ ref }) => ref.kind === 'CustomResourceDefinition'));
    const plain = found.filter(({ ref }) => ref.kind !== 'CustomResourceDefinition');
    if (plain.length === 0) continue;
    const kinds = [...new Set(plain.map(({ ref }) => ref.kind))].join(', ');
    status.set({
      message: `removing ${kinds}`,
      phase: { name: kinds, index: index + 1, count: groups.length },
    });
    const workloads = await readWorkloads(context, plain, signal);
    for (const { metadata } of workloads) namespaces.add(metadata.namespace ?? 'default');
    await inParallel(plain, 8, (one) => deleteObject(context.cluster, one, signal));
    await untilGone(context, name, plain, signal);
    await untilPodsGone(context, workloads, signal);
    gone += plain.length;
    status.set({ objects: { total, applied: total - gone, ready: 0 } });
    log('info', `removed ${counted(plain.length, 'object')} (${kinds})`);
  }
  if (definitions.some(({ ref }) => ref.name.endsWith('.istio.io'))) {
    const left = await removeLeftovers(
      context.cluster,
      [...namespaces, 'istio-system'].filter((one, at, all) => all.indexOf(one) === at),
      setIdOf(context, name),
      signal,
    );
    if (left > 0) log('info', `removed ${left} objects that istiod had made`);
  }
  const kept = await removeDefinitions(context, definitions, signal);
  await untilGone(
    context,
    name,
    definitions.filter(({ ref }) => !kept.some(({ object }) => object.name === ref.name)),
    signal,
  );
  const ownership = bundle?.ownership ?? (members.length > 0 ? 'full' : 'fields');
  for (const one of ownership === 'full' ? (['full', 'fields'] as const) : (['fields'] as const)) {
    await releaseShared(context, { name, ownership: one }, before.shared, signal);
  }
  await assertNothingLeft(context, name, groupKinds, signal);
  await removeParent(context, name, signal);
  return kept;
}

/** Removed is only said when the API server itself lists no member any more. */
async function assertNothingLeft(
  context: BundleContext,
  name: string,
  groupKinds: string[],
  signal: AbortSignal,
): Promise<void> {
  const left = await findMembers(context, name, groupKinds, signal);
  const [first] = left;
  if (!first) return;
  throw new Problems([
    {
      object: first.ref,
      reason: 'StillThere',
      message: `${left.length} objects came back while they were removed, ${nameOf(first.ref)} among them; removing them again`,
      transient: true,
    },
  ]);
}

async function removeParent(
  { cluster, namespace }: BundleContext,
  name: string,
  signal: AbortSignal,
) {
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: parentName(name) };
  const live = await readObject(cluster, ref, signal);
  if (live) await deleteObject(cluster, { ref, metadata: live.metadata as never }, signal);
}

async function readWorkloads(
  { cluster }: BundleContext,
  found: Found[],
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const refs = found
    .map(({ ref }) => ref)
    .filter(({ kind }) => /^(Deployment|DaemonSet|StatefulSet)$/.test(kind));
  const live = await Promise.all(refs.map((ref) => readObject(cluster, ref, signal)));
  return live.filter((one) => one !== null);
}

/** Objects are gone when the API server no longer lists them: finalizers of others may hold them for a while. */
async function untilGone(
  context: BundleContext,
  name: string,
  deleted: Found[],
  signal: AbortSignal,
): Promise<void> {
  const kinds = [...new Map(deleted.map(({ ref }) => [ref.kind, ref])).values()].map(
    ({ apiVersion, kind }) => ({
      group: apiVersion.includes('/') ? apiVersion.split('/')[0]! : '',
      kind,
    }),
  );
  const uids = new Set(deleted.map(({ metadata }) => metadata.uid));
  for (;;) {
    const selector = `${partOfLabel}=${setIdOf(context, name)}`;
    const left = (await findLabelled(context.cluster, kinds, selector, signal)).filter(
      ({ metadata }) => uids.has(metadata.uid),
    );
    if (left.length === 0) return;
    context.status.set({
      message: `waiting for ${left.length} objects to be gone: ${left
        .slice(0, 3)
        .map(({ ref }) => nameOf(ref))
        .join(', ')}`,
    });
    await sleep(context.pollMs, signal);
  }
}

/** istiod writes until its last pod is gone; only then is it clear what it left behind. */
async function untilPodsGone(
  { cluster, status, pollMs }: BundleContext,
  workloads: KubeObject[],
  signal: AbortSignal,
): Promise<void> {
  for (const workload of workloads) {
    const { spec } = workload as { spec?: { selector?: { matchLabels?: Record<string, string> } } };
    const labels = Object.entries(spec?.selector?.matchLabels ?? {});
    if (labels.length === 0) continue;
    const labelSelector = labels.map(([key, value]) => `${key}=${value}`).join(',');
    const path = `/api/v1/namespaces/${workload.metadata.namespace}/pods`;
    for (;;) {
      const { items } = await listAll<Listed>(cluster.client, path, {
        query: { labelSelector },
        accept: metadataOnly,
        signal,
      });
      if (items.length === 0) break;
      status.set({
        message: `waiting for ${items.length} pods of ${workload.metadata.name} to end`,
      });
      await sleep(pollMs, signal);
    }
  }
}

async function removeDefinitions(
  context: BundleContext,
  definitions: Found[],
  signal: AbortSignal,
): Promise<Kept[]> {
  const { cluster, log, status } = context;
  const kept: Kept[] = [];
  if (definitions.length > 0) status.set({ message: 'removing CustomResourceDefinition' });
  await inParallel(definitions, 4, async (definition) => {
    const foreign = await foreignObjects(context, definition, signal);
    if (foreign === 0) {
      await deleteObject(cluster, definition, signal);
      return;
    }
    const { labels = {} } = definition.metadata;
    const ours = Object.keys(labels).filter(
      (key) => key.startsWith(ownPrefix) || key === partOfLabel,
    );
    await mergePatch(
      cluster,
      definition.ref,
      { metadata: { labels: Object.fromEntries(ours.map((key) => [key, null])) } },
      fieldManager,
      signal,
    );
    const message = `kept: ${foreign} objects of it were not made by Ambit and would be lost with it`;
    kept.push({
      object: definition.ref,
      reason: 'Kept',
      message: `${nameOf(definition.ref)}: ${message}`,
    });
    log('warning', `${definition.ref.name} ${message}`);
  });
  return kept;
}

interface Definition {
  spec: {
    group: string;
    names: { plural: string; kind: string };
    versions: { name: string; served: boolean }[];
  };
}

/** Objects of a definition that carry no mark of ours; -1 would be a guess, so an error is thrown instead. */
async function foreignObjects(
  { cluster }: BundleContext,
  { ref }: Found,
  signal: AbortSignal,
): Promise<number> {
  const live = (await readObject(cluster, ref, signal)) as (KubeObject & Definition) | null;
  const version = live?.spec.versions.find(({ served }) => served)?.name;
  if (!live || !version) return 0;
  const { group, names } = live.spec;
  const path = pathOf({
    apiVersion: `${group}/${version}`,
    kind: names.kind,
    plural: names.plural,
    namespaced: false,
  });
  const { items } = await listAll<Listed>(cluster.client, path, { accept: metadataOnly, signal });
  return items.filter(({ metadata }) => !metadata.labels?.[bundleLabel]).length;
}
