import type { AnalyzeOptions } from './analyze.ts';
import { defaultCertificateDays } from './certificate-days.ts';
import { createView } from './engine/create-view.ts';
import { createCheck, rulesByKind } from './engine/engine.ts';
import type { Found } from './engine/found.ts';
import { tellAll } from './engine/found.ts';
import type { Cell, Reader } from './engine/graph.ts';
import { createReader, createTracker, detach, hasChanged, markStale } from './engine/graph.ts';
import { createStore } from './engine/store.ts';
import type { Finding } from './finding.ts';
import { isIgnored } from './istio/ignored-namespaces.ts';
import type { Resource } from './resource.ts';
import type { Rule } from './rule.ts';
import { defaultIstioNamespace, resourcesOf } from './snapshot.ts';
import type { Snapshot } from './snapshot.ts';

/** One change of the snapshot: a resource that is new or different, or the id of one that is gone. */
export type Change = { put: Resource } | { remove: string };

/** What a batch of changes did: findings that were not there before, and those that are no more. */
export type Delta = {
  introduced: Finding[];
  resolved: Finding[];
  /** Facts that held before and do not any more. */
  ended: Fact[];
  /** How many checks ran again. */
  checks: number;
};

/** What a rule of facts reported of a resource. */
export type Fact = { subject: Resource; key: string; message: string };

export type Incremental = {
  /** All findings now, as `analyze` would give them. */
  findings: () => Finding[];
  /** Applies changes and runs again only what depends on them. */
  apply: (changes: Iterable<Change>) => Delta;
  /** As `apply`, then puts everything back: what the changes would do. */
  preview: (changes: Iterable<Change>) => Delta;
  /** Moves the clock: what expires is looked at again. */
  setNow: (now: number) => Delta;
  /** What rules of facts report now. */
  facts: () => Fact[];
  resource: (id: string) => Resource | undefined;
  size: () => number;
};

type Task = { rule: Rule; subject: Resource; reader: Reader; found: readonly Found[] };

/** Analyses the snapshot, and then follows its changes. */
export function createIncremental(snapshot: Snapshot, options: AnalyzeOptions): Incremental {
  const parity = options.parity ?? false;
  const store = createStore(resourcesOf(snapshot), true);
  const tracker = createTracker();
  const clock: Cell & { now: number } = { version: 0, readers: undefined, now: options.now };
  const istioNamespace = snapshot.istioNamespace ?? defaultIstioNamespace;
  const certificateDays = options.certificateDays ?? defaultCertificateDays;
  const view = createView(store, { parity, istioNamespace, certificateDays }, clock, tracker);
  const rules = rulesByKind(options.rules, parity);
  const check = createCheck(view);
  /** Checks that can give another answer later, or have found something; by the id of their subject. */
  const tasks = new Map<string, Task[]>();
  const taskOf = new Map<Reader, Task>();
  let all: Finding[] | undefined;

  const start = (subject: Resource): number => {
    const kept: Task[] = [];
    const own = isIgnored(subject) ? [] : (rules.get(subject.kind) ?? []);
    for (const rule of own) {
      const reader = createReader();
      const found = tracker.run(reader, () => check(rule, subject));
      if (found.length === 0 && reader.cells.length === 0) continue;
      const task = { rule, subject, reader, found };
      kept.push(task);
      taskOf.set(reader, task);
    }
    if (kept.length > 0) tasks.set(subject.id, kept);
    return own.length;
  };

  const stop = (id: string): void => {
    for (const { reader } of tasks.get(id) ?? []) {
      taskOf.delete(reader);
      const { cells } = reader;
      reader.cells = [];
      detach(reader, cells);
    }
    tasks.delete(id);
  };

  const reported = (ids: Iterable<string>, areFacts: boolean): Found[] => {
    const list: Found[] = [];
    for (const id of ids) {
      for (const { rule, found } of tasks.get(id) ?? []) {
        if ((rule.isFact ?? false) === areFacts) for (const one of found) list.push(one);
      }
    }
    return list;
  };
  const foundOn = (ids: Iterable<string>): Finding[] => tellAll(reported(ids, false), parity);
  const heldOn = (ids: Iterable<string>): Map<string, Fact> =>
    new Map(reported(ids, true).map((one) => [`${one.subject.id}\n${one.draft.key}`, factOf(one)]));

  /** @param isTold whether anybody wants to know what it did */
  const settle = (
    touched: Iterable<Cell>,
    changed: Map<string, Resource | undefined>,
    isTold: boolean,
  ): Delta => {
    const stale = markStale(touched).flatMap((reader) => taskOf.get(reader) ?? []);
    const again = stale.filter(({ reader, subject }) => {
      if (changed.has(subject.id)) return false;
      if (hasChanged(reader)) return true;
      reader.isStale = false;
      return false;
    });
    // Findings of one subject are merged with each other, so all of them are compared.
    const subjects = isTold
      ? new Set([...changed.keys(), ...again.map(({ subject }) => subject.id)])
      : [];
    const before = foundOn(subjects);
    const held = heldOn(subjects);
    let checks = again.length;
    for (const task of again) {
      task.found = tracker.run(task.reader, () => check(task.rule, task.subject));
    }
    for (const [id, subject] of changed) {
      stop(id);
      if (subject) checks += start(subject);
    }
    all = undefined;
    const holds = heldOn(subjects);
    const ended = [...held].flatMap(([key, fact]) => (holds.has(key) ? [] : [fact]));
    return { ...difference(before, foundOn(subjects)), ended, checks };
  };

  const write = (changes: Iterable<Change>, isTold: boolean): Delta => {
    const touched = new Set<Cell>();
    const changed = new Map<string, Resource | undefined>();
    for (const change of changes) {
      const resource = 'put' in change ? change.put : undefined;
      const id = 'put' in change ? change.put.id : change.remove;
      for (const cell of store.replace(id, resource)) touched.add(cell);
      changed.set(id, resource);
    }
    return settle(touched, changed, isTold);
  };

  for (const resource of store.all()) start(resource);

  return {
    findings: () => {
      all ??= foundOn(tasks.keys());
      return all;
    },
    apply: (changes) => write(changes, true),
    preview: (changes) => {
      const list = [...changes];
      const ids = new Set(list.map((change) => ('put' in change ? change.put.id : change.remove)));
      const back = [...ids].map((id): Change => {
        const resource = store.byId(id);
        return resource ? { put: resource } : { remove: id };
      });
      const delta = write(list, true);
      write(back, false);
      return delta;
    },
    setNow: (now) => {
      clock.now = now;
      clock.version += 1;
      return settle([clock], new Map(), true);
    },
    facts: () => reported(tasks.keys(), true).map(factOf),
    resource: store.byId,
    size: store.size,
  };
}

const factOf = ({ subject, draft: { key = '', message } }: Found): Fact => ({
  subject,
  key,
  message,
});

function difference(before: Finding[], after: Finding[]): Pick<Delta, 'introduced' | 'resolved'> {
  const were = new Map(before.map((finding) => [finding.id, finding]));
  const are = new Map(after.map((finding) => [finding.id, finding]));
  return {
    introduced: after.filter(({ id, message }) => were.get(id)?.message !== message),
    resolved: before.filter(({ id }) => !are.has(id)),
  };
}
