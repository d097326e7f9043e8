import type { Bundle } from '@ambit/contracts/agent/bundle';
import type { KubeObject } from '@ambit/contracts/common';
import { applyObject, readObject } from '../../kube/objects.ts';
import { inParallel } from '../../wait.ts';
import { isOurs, keepForeign, ownerOf, withUid } from './apply.ts';
import { asMember, isShared, keyOf, refOf } from './applyset.ts';
import { driftOf, type Drift } from './drift.ts';
import { setIdOf, type BundleContext } from './pass.ts';
import { ignoredPaths, keepLive } from './pointers.ts';
import { nameOf, problemOf, Problems, type Problem } from './problems.ts';

export type DriftMode = 'repair' | 'warn' | 'ignore';

/**
 * Compares objects of a bundle with what is in the cluster, by a dry run of the server; repairs or tells.
 * @param only keys to look at; all when missing
 * @throws Problems for objects that could not be repaired
 */
export async function compareBundle(
  context: BundleContext,
  bundle: Bundle,
  mode: DriftMode,
  signal: AbortSignal,
  only?: Set<string>,
): Promise<void> {
  if (mode === 'ignore') return;
  const problems: Problem[] = [];
  const objects = bundle.phases
    .flatMap((phase) => phase.objects)
    .filter((object) => !only || only.has(keyOf(refOf(object))));
  await inParallel(objects, 4, async (object) => {
    try {
      await compareOne(context, bundle, object, mode, signal);
    } catch (error) {
      signal.throwIfAborted();
      problems.push(problemOf(refOf(object), error));
    }
  });
  if (problems.length > 0) throw new Problems(problems);
}

async function compareOne(
  context: BundleContext,
  bundle: Bundle,
  object: KubeObject,
  mode: DriftMode,
  signal: AbortSignal,
): Promise<void> {
  const { cluster, status, seen, flapping, log } = context;
  const ref = refOf(object);
  const shared = isShared(bundle, ref);
  const owner = ownerOf(bundle, setIdOf(context, bundle.name));
  const live = await readObject(cluster, ref, signal);
  if (!live && shared) return;
  const ignored = ignoredPaths(bundle, object.kind);
  const wanted = shared ? object : keepLive(asMember(object, owner.id, bundle.name), live, ignored);
  let drift: Drift | null;
  if (!live) {
    drift = { fields: [''], manager: '' };
  } else {
    if (!shared && !isOurs(live, owner.id)) {
      keepForeign(ref, object, live);
      return;
    }
    if (!shared) seen.remember(live);
    const dry = { manager: owner.manager, force: true, dryRun: true };
    drift = driftOf(live, await applyObject(cluster, wanted, dry, signal), ignored);
  }
  if (!drift) return status.asWanted(ref);
  // Fields that are set on objects of others alone: what Ambit itself owns is always repaired.
  const isFought = shared && flapping.isFought(keyOf(ref));
  const repairs = mode === 'repair' && !isFought;
  if (repairs) {
    if (shared) flapping.repaired(keyOf(ref));
    const exact = live ? withUid(wanted, live) : wanted;
    await applyObject(cluster, exact, { manager: owner.manager, force: !shared }, signal);
  }
  status.drifted({
    object: ref,
    fields: drift.fields,
    manager: drift.manager,
    at: new Date().toISOString(),
    repaired: repairs,
  });
  const what = live
    ? `${drift.fields.join(', ')} changed by ${drift.manager || 'somebody'}`
    : 'it was deleted';
  const fate = repairs
    ? 'repaired'
    : isFought
      ? 'left as it is: it was changed back again and again'
      : 'left as it is';
  log('warning', `${nameOf(ref)}: ${what}; ${fate}`);
}
