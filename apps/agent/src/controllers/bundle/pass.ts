import { counted } from '@ambit/contracts/words';
import type { Bundle } from '@ambit/contracts/agent/bundle';
import type { ObjectRef } from '@ambit/contracts/common';
import {
  applyObject,
  deleteObject,
  findLabelled,
  readObject,
  type Cluster,
} from '../../kube/objects.ts';
import { groupOf } from '../../kube/resources.ts';
import { inParallel, sleep } from '../../wait.ts';
import { applyOne, ownerOf, withUid } from './apply.ts';
import {
  applySetId,
  emptyParent,
  groupKind,
  isShared,
  keyOf,
  parentName,
  parentObject,
  parseGroupKind,
  partOfLabel,
  readParent,
  refOf,
  type ParentState,
} from './applyset.ts';
import { fieldManager } from './drift.ts';
import type { Flapping } from './flapping.ts';
import { leftBehind, mayPrune, parentAfter, parentBefore, partsOf, resumeAt } from './plan.ts';
import { nameOf, problemOf, Problems, type Problem } from './problems.ts';
import { isWaitedFor, readiness } from './ready.ts';
import type { Seen } from './seen.ts';
import type { StatusCell } from './status.ts';
import { podTrouble } from './trouble.ts';

export type LogLevel = 'info' | 'warning' | 'error';

export interface BundleContext {
  cluster: Cluster;
  /** Namespace of the agent: parents stand there. */
  namespace: string;
  status: StatusCell;
  seen: Seen;
  flapping: Flapping;
  log(level: LogLevel, text: string): void;
  pruneCapPercent: number;
  /** How long between two looks at something that is waited for. */
  pollMs: number;
}

const width = 8;

export async function loadParent(
  { cluster, namespace }: BundleContext,
  bundle: string,
  signal: AbortSignal,
): Promise<ParentState | null> {
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: parentName(bundle) };
  const object = await readObject(cluster, ref, signal);
  return object ? readParent(object) : null;
}

async function saveParent(
  { cluster, namespace }: BundleContext,
  bundle: string,
  state: ParentState,
  signal: AbortSignal,
): Promise<void> {
  const object = parentObject(bundle, namespace, state);
  await applyObject(cluster, object, { manager: fieldManager, force: true }, signal);
}

export const setIdOf = ({ namespace }: Pick<BundleContext, 'namespace'>, bundle: string): string =>
  applySetId(parentName(bundle), namespace);

export const findMembers = (
  context: BundleContext,
  bundle: string,
  groupKinds: string[],
  signal: AbortSignal,
) =>
  findLabelled(
    context.cluster,
    groupKinds.map(parseGroupKind),
    `${partOfLabel}=${setIdOf(context, bundle)}`,
    signal,
  );

/**
 * Makes a bundle true in the cluster: phase by phase with its waits, then prunes what left it. Goes on where an
 * earlier pass over the same digest stopped.
 * @param unchanged keys of members that are known to be as wanted, and are left out
 * @throws Problems when something stands in the way; the caller tries again later
 */
export async function applyBundle(
  context: BundleContext,
  bundle: Bundle,
  digest: string,
  signal: AbortSignal,
  unchanged: ReadonlySet<string> = new Set(),
): Promise<void> {
  const { status, log } = context;
  const before = (await loadParent(context, bundle.name, signal)) ?? emptyParent;
  let parent = parentBefore(bundle, digest, before);
  const total = bundle.phases.reduce((sum, { objects }) => sum + objects.length, 0);
  const first = resumeAt(bundle, digest, parent);
  const done = bundle.phases.slice(0, first).reduce((sum, { objects }) => sum + objects.length, 0);
  status.set({ digest, state: 'Applying', objects: { total, applied: done, ready: done } });
  if (first === 0 || before.digest !== digest)
    await saveParent(context, bundle.name, parent, signal);
  if (first > 0 && first < bundle.phases.length) {
    log('info', `going on with phase ${bundle.phases[first]!.name}`);
  }
  const known = new Set(
    (await findMembers(context, bundle.name, parent.groupKinds, signal)).map(({ ref }) =>
      keyOf(ref),
    ),
  );
  const held: Problem[] = [];
  const unestablished: number[] = [];
  const establish = async () => {
    for (const index of unestablished.splice(0)) await waitForPhase(context, bundle, index, signal);
  };
  for (let index = first; index < bundle.phases.length; index++) {
    const phase = bundle.phases[index]!;
    if (needsDefinitions(phase.objects)) await establish();
    try {
      await applyPhase(context, bundle, index, { known, unchanged }, signal);
    } catch (error) {
      if (!(error instanceof Problems) || !isIndependent(bundle, phase.name)) throw error;
      held.push(...error.problems);
      continue;
    }
    if (phase.wait === 'established') unestablished.push(index);
    if (phase.wait === 'rollout') await waitForPhase(context, bundle, index, signal);
    if (held.length > 0) continue;
    parent = { ...parent, progress: { digest, phases: index + 1 } };
    if (bundle.phases.length > 1) await saveParent(context, bundle.name, parent, signal);
  }
  await establish();
  const staying = await prune(context, bundle, parent, signal);
  if (held.length > 0) throw new Problems(held);
  const after = parentAfter(bundle, digest);
  const groupKinds = [...new Set([...after.groupKinds, ...staying])];
  await saveParent(context, bundle.name, { ...after, groupKinds }, signal);
}

/** Objects that nothing else waits for: one that is refused does not keep another from coming or going. */
const isIndependent = (bundle: Bundle, phase: Bundle['phases'][number]['name']): boolean =>
  phase === 'policies' || bundle.ownership === 'fields';

/**
 * Definitions take seconds to be established; only objects of their kinds have to wait for that. Groups of Kubernetes
 * itself have no dot, or end in k8s.io, as no definition outside of the project may.
 */
const needsDefinitions = (objects: Bundle['phases'][number]['objects']): boolean =>
  objects.some(({ apiVersion }) => {
    const group = groupOf(apiVersion);
    return group.includes('.') && (!group.endsWith('.k8s.io') || group.startsWith('gateway.'));
  });

async function applyPhase(
  context: BundleContext,
  bundle: Bundle,
  index: number,
  { known, unchanged }: { known: ReadonlySet<string>; unchanged: ReadonlySet<string> },
  signal: AbortSignal,
): Promise<void> {
  const { cluster, status, seen, log } = context;
  const phase = bundle.phases[index]!;
  const owner = ownerOf(bundle, setIdOf(context, bundle.name));
  const { applied, total } = status.get().objects;
  status.set({
    state: 'Applying',
    phase: { name: phase.name, index: index + 1, count: bundle.phases.length },
    message: `applying ${counted(phase.objects.length, 'object')} of ${phase.name}`,
  });
  const problems: Problem[] = [];
  const kept: string[] = [];
  const objects = phase.objects.filter((object) => {
    const key = keyOf(refOf(object));
    return !(known.has(key) && unchanged.has(key));
  });
  let count = phase.objects.length - objects.length;
  await inParallel(objects, width, async (object) => {
    const ref = refOf(object);
    try {
      const { outcome, member } = await applyOne(
        cluster,
        owner,
        object,
        known.has(keyOf(ref)),
        signal,
      );
      if (outcome === 'kept') kept.push(nameOf(ref));
      if (member) seen.remember(member);
    } catch (error) {
      signal.throwIfAborted();
      problems.push(problemOf(ref, error));
    }
    count += 1;
    status.set({
      objects: {
        total,
        applied: applied + count - problems.length,
        ready: status.get().objects.ready,
      },
    });
  });
  if (problems.length > 0) throw new Problems(problems);
  if (objects.length > 0)
    log('info', `${phase.name}: applied ${counted(objects.length, 'object')}`);
  if (kept.length > 0) {
    log(
      'info',
      `${phase.name}: ${kept.length} were installed by others and serve as they are: ${kept.slice(0, 3).join(', ')}`,
    );
  }
}

/** Waits until everything of a phase is ready. It has no end of its own: the platform decides when it took too long. */
async function waitForPhase(
  context: BundleContext,
  bundle: Bundle,
  index: number,
  signal: AbortSignal,
): Promise<void> {
  const { status, log, pollMs } = context;
  const phase = bundle.phases[index]!;
  const waited = phase.objects.map(refOf).filter(isWaitedFor);
  let unready = waited;
  let said = '';
  for (let pauseMs = pollMs / 8; ; pauseMs = Math.min(pollMs, pauseMs * 1.5)) {
    const found = await lookAt(context, unready, signal);
    // What is ready is not looked at again: a definition of Istio is large.
    unready = found.unready;
    if (unready.length === 0) break;
    const ready = readyBefore(bundle, index) + phase.objects.length - unready.length;
    status.set({
      state: 'Waiting',
      message: found.message,
      objects: { ...status.get().objects, ready },
    });
    if (found.message !== said) log('info', `${phase.name}: waiting for ${found.message}`);
    said = found.message;
    await sleep(pauseMs, signal);
  }
  status.set({ objects: { ...status.get().objects, ready: readyBefore(bundle, index + 1) } });
  if (waited.length > 0) log('info', `${phase.name}: ready`);
}

const readyBefore = (bundle: Bundle, index: number): number =>
  bundle.phases.slice(0, index).reduce((sum, { objects }) => sum + objects.length, 0);

/** Which of some objects are not ready, and one of them in words. */
export async function lookAt(
  { cluster }: BundleContext,
  refs: ObjectRef[],
  signal: AbortSignal,
): Promise<{ unready: ObjectRef[]; message: string }> {
  const unready: ObjectRef[] = [];
  let message = '';
  await inParallel(refs, width, async (ref) => {
    const live = await readObject(cluster, ref, signal);
    const found = live ? readiness(live) : { ready: false, message: 'it is not there' };
    if (found.ready) return;
    unready.push(ref);
    if (message) return;
    message = `${nameOf(ref)}: ${found.message}`;
    const trouble = live ? await podTrouble(cluster, live, signal) : '';
    if (trouble) message += `; ${trouble}`;
  });
  return { unready, message };
}

/** Objects of a bundle that can be more or less ready while nothing is applied. */
export const watchedForHealth = (bundle: Bundle): ObjectRef[] =>
  bundle.phases
    .flatMap(({ objects }) => objects.map(refOf))
    .filter((ref) => isWaitedFor(ref) && ref.kind !== 'CustomResourceDefinition');

/** @returns kinds of members that stay: definitions that left the bundle are still of the set, and go with it */
async function prune(
  context: BundleContext,
  bundle: Bundle,
  parent: ParentState,
  signal: AbortSignal,
): Promise<string[]> {
  const { cluster, log, pruneCapPercent } = context;
  const found = await findMembers(context, bundle.name, parent.groupKinds, signal);
  const left = new Set(
    leftBehind(
      bundle,
      found.map(({ ref }) => ref),
    ).map(keyOf),
  );
  const surplus = found.filter(({ ref }) => left.has(keyOf(ref)));
  if (!mayPrune(bundle, surplus.length, found.length, pruneCapPercent)) {
    throw new Problems([
      {
        object: null,
        reason: 'PruneCapped',
        message: `${surplus.length} of ${found.length} objects would be deleted at once, more than ${pruneCapPercent} %. Nothing was deleted; look at the bundle, or remove it as a whole.`,
        transient: false,
      },
    ]);
  }
  await inParallel(surplus, width, (one) => deleteObject(cluster, one, signal));
  if (surplus.length > 0)
    log('info', `pruned ${counted(surplus.length, 'object')} no longer wanted`);
  const wanted = new Set(partsOf(bundle).shared.map(keyOf));
  await releaseShared(
    context,
    bundle,
    parent.shared.filter((ref) => !wanted.has(keyOf(ref))),
    signal,
  );
  return found.filter(({ ref }) => !left.has(keyOf(ref))).map(({ ref }) => groupKind(ref));
}

/** Gives up the fields that were set on objects of others: applying nothing under the same manager. */
export async function releaseShared(
  { cluster }: BundleContext,
  bundle: Pick<Bundle, 'name' | 'ownership'>,
  refs: ObjectRef[],
  signal: AbortSignal,
): Promise<void> {
  const manager = bundle.ownership === 'fields' ? `${fieldManager}-${bundle.name}` : fieldManager;
  for (const ref of refs) {
    if (!isShared(bundle, ref)) continue;
    const live = await readObject(cluster, ref, signal);
    if (!live || live.metadata['deletionTimestamp']) continue;
    const { apiVersion, kind, namespace, name } = ref;
    const bare = { apiVersion, kind, metadata: { name, ...(namespace ? { namespace } : {}) } };
    await applyObject(cluster, withUid(bare, live), { manager, force: false }, signal);
  }
}
