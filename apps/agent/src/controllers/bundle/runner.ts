import { counted } from '@ambit/contracts/words';
import type { Bundle } from '@ambit/contracts/agent/bundle';
import type { BundleStatus, DesiredState } from '@ambit/contracts/agent/protocol';
import { backoffMs } from '../../link/backoff.ts';
import { makeBell, sleep } from '../../wait.ts';
import { compareBundle } from './compare.ts';
import { isWhole, unchangedPolicies } from './plan.ts';
import { applyBundle, loadParent, lookAt, watchedForHealth, type BundleContext } from './pass.ts';
import { problemOf, Problems } from './problems.ts';
import { removeBundle } from './remove.ts';
import { watchMembers } from './watches.ts';

export type WantedBundle = DesiredState['bundles'][number];

export interface Runner {
  want(wanted: WantedBundle): void;
  /** Look again: something that the bundle waits for may have changed. */
  poke(): void;
  status(): BundleStatus;
  /** It was applied as a whole at least once (in this life of the agent or before). */
  applied(): boolean;
  stop(): Promise<void>;
}

export interface RunnerInput {
  context: BundleContext;
  name: string;
  /** @throws when the bundle cannot be had; the runner tries again */
  load(digest: string, signal: AbortSignal): Promise<Bundle>;
  /** Why the bundle may not begin yet; null when it may. */
  blockedBy(wanted: WantedBundle): string | null;
  /** Something others may wait for changed: applied, or removed. */
  settled(): void;
  compareEveryMs?: number;
  healthEveryMs?: number;
  firstRetryMs?: number;
}

const compareEvery = 600_000;
const healthEvery = 20_000;
const debounceMs = 500;

/**
 * Keeps one bundle true: level-triggered, one thing at a time. A newer wish interrupts what is being done; an error is
 * tried again with growing pauses; a bundle that is Ready is watched and compared.
 */
export function startRunner(input: RunnerInput): Runner {
  const { context, name } = input;
  const { status, log } = context;
  const bell = makeBell();
  const stopped = new AbortController();
  let wanted: WantedBundle | null = null;
  let interrupt = new AbortController();
  let applied = false;
  let last: { digest: string; bundle: Bundle } | null = null;
  const suspects = new Set<string>();

  const loop = async () => {
    let failures = 0;
    while (!stopped.signal.aborted) {
      interrupt = new AbortController();
      const signal = AbortSignal.any([stopped.signal, interrupt.signal]);
      const now = wanted;
      try {
        if (!now) await bell.heard(2 ** 30, signal);
        else if (now.mode === 'absent') await beAbsent(now, signal);
        else await bePresent(now, signal);
        failures = 0;
      } catch (error) {
        if (stopped.signal.aborted) return;
        if (signal.aborted) {
          failures = 0;
          continue;
        }
        report(error);
        const pause = backoffMs(failures++, Math.random(), { firstMs: input.firstRetryMs ?? 1000 });
        await bell.heard(pause, signal).catch(() => {});
      }
    }
  };

  const report = (error: unknown) => {
    const problems = error instanceof Problems ? error.problems : [problemOf(null, error)];
    const lasting = problems.find((problem) => !problem.transient);
    const { state } = status.get();
    const first = lasting ?? problems[0]!;
    status.set({
      state: lasting ? 'Failed' : state === 'Ready' ? 'Degraded' : state,
      message:
        problems.length > 1 ? `${first.message} (and ${problems.length - 1} more)` : first.message,
      errors: problems.map(({ transient: _transient, ...problem }) => problem),
    });
    log(lasting ? 'error' : 'warning', first.message);
  };

  const unblocked = async (now: WantedBundle, signal: AbortSignal) => {
    for (let why = input.blockedBy(now); why; why = input.blockedBy(now)) {
      status.set({ digest: now.digest, state: 'Pending', message: why, errors: [], phase: null });
      await bell.heard(30_000, signal);
    }
  };

  const beAbsent = async (now: WantedBundle, signal: AbortSignal) => {
    await unblocked(now, signal);
    if (status.get().state === 'Removed' && status.get().digest === now.digest) {
      await bell.heard(2 ** 30, signal);
      return;
    }
    status.set({
      digest: now.digest,
      state: 'Removing',
      message: 'removing',
      errors: [],
      phase: null,
    });
    const bundle = await input.load(now.digest, signal).catch(() => null);
    const kept = await removeBundle(context, name, bundle, signal);
    applied = false;
    last = null;
    context.seen.clear();
    suspects.clear();
    status.set({
      state: 'Removed',
      phase: null,
      objects: { total: kept.length, applied: 0, ready: 0 },
      message:
        kept.length > 0
          ? `removed; ${kept.length} definitions kept for objects of others`
          : 'removed',
      errors: kept,
      drift: [],
    });
    log('info', 'removed');
    input.settled();
  };

  const bePresent = async (now: WantedBundle, signal: AbortSignal) => {
    await unblocked(now, signal);
    const parent = await loadParent(context, name, signal);
    if (parent?.digest) applied = true;
    const bundle = await input.load(now.digest, signal);
    const total = bundle.phases.reduce((sum, { objects }) => sum + objects.length, 0);
    const whole = isWhole(bundle, now.digest, parent);
    // Phases that an earlier life of the agent applied are passed over: what became of them since is not known.
    const goesOn = last === null && parent?.progress?.digest === now.digest;
    if (whole) {
      status.set({
        digest: now.digest,
        state: 'Applying',
        objects: { total, applied: total, ready: 0 },
      });
    } else {
      const unchanged = unchangedPolicies(
        bundle,
        last && isWhole(last.bundle, last.digest, parent) ? last : null,
      );
      for (const key of suspects) unchanged.delete(key);
      await applyBundle(context, bundle, now.digest, signal, unchanged);
      log('info', `applied as a whole (${counted(total, 'object')})`);
    }
    applied = true;
    last = { digest: now.digest, bundle };
    input.settled();
    await hold(now, bundle, total, whole || goesOn, signal);
  };

  /** Ready, or not quite: watches members, repairs drift, and looks at the health of the workloads. */
  const hold = async (
    now: WantedBundle,
    bundle: Bundle,
    total: number,
    compareFirst: boolean,
    signal: AbortSignal,
  ) => {
    const watching = new AbortController();
    const both = AbortSignal.any([signal, watching.signal]);
    const watches = watchMembers(
      context,
      bundle,
      { suspect: (key) => (suspects.add(key), bell.ring()), moved: () => bell.ring() },
      both,
    ).catch((error: unknown) => {
      if (!both.aborted) log('warning', `cannot watch: ${String(error)}`);
    });
    const health = watchedForHealth(bundle);
    const every = input.compareEveryMs ?? compareEvery;
    let compareAt = compareFirst ? 0 : performance.now() + every;
    let wasReady = false;
    try {
      for (;;) {
        const { unready, message } = await lookAt(context, health, signal);
        const ready = unready.length === 0;
        const drifted = status.get().drift.some(({ repaired }) => !repaired);
        status.set({
          state: ready && !drifted ? 'Ready' : wasReady || drifted ? 'Degraded' : 'Waiting',
          phase: null,
          objects: { total, applied: total, ready: total - unready.length },
          message: ready ? (drifted ? 'objects were changed by others' : '') : message,
          errors: [],
        });
        if (ready && !wasReady) log('info', 'ready');
        wasReady ||= ready;
        if (performance.now() >= compareAt) {
          await compareBundle(context, bundle, now.drift, signal);
          compareAt = performance.now() + every;
          if (now.drift === 'warn') continue;
        }
        await bell.heard(ready ? (input.healthEveryMs ?? healthEvery) : context.pollMs, signal);
        if (suspects.size > 0) {
          await sleep(debounceMs, signal);
          const only = new Set(suspects);
          suspects.clear();
          try {
            await compareBundle(context, bundle, now.drift, signal, only);
          } catch (error) {
            for (const key of only) suspects.add(key);
            throw error;
          }
        }
      }
    } finally {
      watching.abort();
      await watches;
    }
  };

  const done = loop();
  return {
    want: (next) => {
      const same = JSON.stringify(next) === JSON.stringify(wanted);
      wanted = next;
      if (same) return;
      interrupt.abort();
      bell.ring();
    },
    poke: () => bell.ring(),
    status: status.get,
    applied: () => applied,
    stop: async () => {
      stopped.abort();
      await done;
    },
  };
}
