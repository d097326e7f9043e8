import type { ObjectKey, StoredObject, Write } from '@ambit/kube-api/store/store';
import { isLostToAnother } from '../kernel/database-errors.ts';
import { MeshMoved } from './write-batch.ts';

export interface Pending {
  type: 'create' | 'update' | 'delete';
  write: Write;
  expected: number;
  resolve: (stored: StoredObject) => void;
  reject: (error: unknown) => void;
}

/** What the queue needs of its store. */
export interface Writer<Prepared> {
  /** Writes as if nobody else did, behind `ahead` writes that are under way. @throws MeshMoved when somebody did */
  begin(pendings: Pending[], ahead: number): { writes: number; done: Promise<Prepared> };
  /** Takes its turn among the writers of all processes. */
  beginLocked(pendings: Pending[]): Promise<Prepared>;
  /** Tells each writer its outcome; called in the order of the revisions. */
  settle(prepared: Prepared): Promise<void>;
  catchUp(): Promise<void>;
}

export interface WriteQueue {
  push(pending: Pending): void;
  /** Settles when what is under way now is settled. */
  settled(): Promise<unknown>;
}

const mostInOne = 128;
const mostUnderWay = 2;
/** A second transaction is begun behind the first when so many writes wait. */
const worthASecond = 6;
const mostAttempts = 3;

/** Data exception, integrity constraint violation, program limit exceeded (Postgres, appendix A). */
const isOfTheData = (error: unknown): boolean =>
  /^(?:22|23|54)/.test(String((error as { code?: unknown } | null)?.code ?? ''));

export const idOf = (key: ObjectKey): string => `${key.resource}/${key.namespace}/${key.name}`;

/**
 * Gathers writes of one mesh into transactions. Those that come while one is under way share the next; it is sent
 * before the first is answered, counting on its success, which the database checks. Writes of one object go one by one.
 */
export function createWriteQueue<Prepared>(writer: Writer<Prepared>): WriteQueue {
  let waiting: Pending[] = [];
  let scheduled = false;
  let underWay = 0;
  let ahead = 0;
  let last: Promise<void> = Promise.resolve();
  const busy = new Set<string>();
  const attempts = new WeakMap<Pending, number>();

  function pump(): void {
    scheduled = false;
    while (underWay === 0 || (underWay < mostUnderWay && waiting.length >= worthASecond)) {
      const pendings = take();
      if (pendings.length === 0) return;
      send(pendings);
    }
  }

  function take(): Pending[] {
    const taken: Pending[] = [];
    const left: Pending[] = [];
    const passed = new Set<string>();
    for (const pending of waiting) {
      const id = idOf(pending.write.key);
      if (taken.length < mostInOne && !busy.has(id) && !passed.has(id)) taken.push(pending);
      else left.push(pending);
      passed.add(id);
    }
    waiting = left;
    return taken;
  }

  function send(pendings: Pending[]): void {
    const keys = pendings.map(({ write }) => idOf(write.key));
    for (const key of keys) busy.add(key);
    underWay++;
    const { writes, done } = writer.begin(pendings, ahead);
    ahead += writes;
    const before = last;
    last = (async () => {
      const outcome = await done.then(
        (prepared) => ({ prepared }),
        (error: unknown) => ({ error }),
      );
      await before;
      ahead -= writes;
      try {
        await finish(pendings, outcome);
      } catch (error) {
        for (const { reject } of pendings) reject(error);
      }
      underWay--;
      for (const key of keys) busy.delete(key);
      pump();
    })();
  }

  async function finish(
    pendings: Pending[],
    outcome: { prepared: Prepared } | { error: unknown },
  ): Promise<void> {
    if ('prepared' in outcome) return writer.settle(outcome.prepared);
    const { error } = outcome;
    if (pendings.length > 1 && isOfTheData(error)) return alone(pendings);
    if (!(error instanceof MeshMoved) && !isLostToAnother(error)) throw error;
    const attempt = Math.max(...pendings.map((pending) => attempts.get(pending) ?? 0)) + 1;
    if (attempt >= mostAttempts) return writer.settle(await writer.beginLocked(pendings));
    for (const pending of pendings) attempts.set(pending, attempt);
    waiting.unshift(...pendings);
    await writer.catchUp();
  }

  /** One write that the database cannot take is no reason to refuse those that shared its transaction. */
  async function alone(pendings: Pending[]): Promise<void> {
    for (const pending of pendings) {
      try {
        await writer.settle(await writer.beginLocked([pending]));
      } catch (error) {
        pending.reject(error);
      }
    }
  }

  return {
    push(pending) {
      waiting.push(pending);
      if (scheduled) return;
      scheduled = true;
      // What is read from other connections in the same turn comes along.
      setImmediate(pump);
    },
    settled: () => last,
  };
}
