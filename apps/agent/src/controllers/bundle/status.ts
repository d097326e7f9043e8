import type { BundleStatus } from '@ambit/contracts/agent/protocol';
import type { ObjectRef } from '@ambit/contracts/common';
import { keyOf } from './applyset.ts';

type Changes = Partial<Omit<BundleStatus, 'name' | 'since'>>;

/** The status of one bundle; every change is told. */
export interface StatusCell {
  get(): BundleStatus;
  set(changes: Changes): void;
  /** Remembers a drift that was seen; the latest of an object counts. */
  drifted(entry: BundleStatus['drift'][number]): void;
  /** The object is as it is wanted: a drift that was only told is over. */
  asWanted(object: ObjectRef): void;
}

const mostEntries = 50;

export function makeStatus(
  name: string,
  changed: () => void,
  now: () => Date = () => new Date(),
): StatusCell {
  let status: BundleStatus = {
    name,
    digest: '',
    state: 'Pending',
    phase: null,
    objects: { total: 0, applied: 0, ready: 0 },
    message: '',
    errors: [],
    drift: [],
    since: now().toISOString(),
  };
  return {
    get: () => status,
    set: (changes) => {
      const before = status;
      const since =
        changes.state && changes.state !== before.state ? now().toISOString() : before.since;
      status = { ...before, ...changes, since };
      status.errors = status.errors.slice(0, mostEntries);
      if (JSON.stringify(before) !== JSON.stringify(status)) changed();
    },
    drifted: (entry) => {
      const others = status.drift.filter(({ object }) => !same(object, entry.object));
      const drift = [entry, ...others].slice(0, mostEntries);
      status = { ...status, drift };
      changed();
    },
    asWanted: (object) => {
      const drift = status.drift.filter((entry) => entry.repaired || !same(entry.object, object));
      if (drift.length === status.drift.length) return;
      status = { ...status, drift };
      changed();
    },
  };
}

const same = (a: ObjectRef, b: ObjectRef): boolean => keyOf(a) === keyOf(b);
