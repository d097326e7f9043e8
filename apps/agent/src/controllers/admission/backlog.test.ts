import type { Change, Delta, Incremental } from '@ambit/analysis/incremental';
import { readObject } from '@ambit/analysis/read-object';
import type { Resource } from '@ambit/analysis/resource';
import { expect, test, vi } from 'vitest';
import { makeBacklog } from './backlog.ts';

function service(name: string, port: number, metadata: object = {}): Resource {
  const read = readObject({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop', ...metadata },
    spec: { ports: [{ port }] },
  });
  if (!('resource' in read)) throw new Error('not read');
  return read.resource;
}

const nothing: Delta = { introduced: [], resolved: [], ended: [], checks: 0 };

/** Keeps resources and analyses nothing: what is applied, and in which portions, is all that counts here. */
function keeper(): { engine: Incremental; applied: string[][] } {
  const kept = new Map<string, Resource>();
  const applied: string[][] = [];
  const apply = (changes: Iterable<Change>): Delta => {
    const list = [...changes];
    for (const change of list) {
      if ('put' in change) kept.set(change.put.id, change.put);
      else kept.delete(change.remove);
    }
    applied.push(list.map((change) => ('put' in change ? change.put.name : change.remove)));
    return nothing;
  };
  const engine: Incremental = {
    findings: () => [],
    apply,
    preview: () => nothing,
    setNow: () => nothing,
    facts: () => [],
    resource: (id) => kept.get(id),
    size: () => kept.size,
  };
  return { engine, applied };
}

function following(): ReturnType<typeof keeper> & { backlog: ReturnType<typeof makeBacklog> } {
  const backlog = makeBacklog();
  const kept = keeper();
  backlog.follow(kept.engine);
  return { ...kept, backlog };
}

test('a storm is worked off in small portions, and nothing of it is lost', async () => {
  const { backlog, applied } = following();
  for (let at = 0; at < 2_000; at += 1) backlog.add({ put: service(`s${at}`, 80) }, false);
  expect(applied).toEqual([]);
  await vi.waitFor(() => expect(backlog.size()).toBe(0), { timeout: 20_000 });
  expect(Math.max(...applied.map(({ length }) => length))).toBeLessThanOrEqual(10);
  expect(new Set(applied.flat()).size).toBe(2_000);
});

test('what was foreseen is there at once, ahead of everything that waits', () => {
  const { backlog, engine, applied } = following();
  for (let at = 0; at < 500; at += 1) backlog.add({ put: service(`s${at}`, 80) }, false);
  backlog.add({ put: service('mine', 80) }, true);
  backlog.catchUp(0);
  expect(applied).toEqual([['mine']]);
  expect(engine.resource(service('mine', 80).id)).toBeDefined();
  expect(backlog.size()).toBe(500);
});

test('of an object that changes again and again its last state counts, also over a foreseen one', () => {
  const { backlog, engine, applied } = following();
  for (const port of [1, 2, 3]) backlog.add({ put: service('web', port) }, false);
  backlog.add({ put: service('web', 4) }, true);
  backlog.add({ put: service('web', 5) }, false);
  backlog.catchUp(1_000);
  expect(applied).toEqual([['web']]);
  expect(engine.resource(service('web', 5).id)?.object).toMatchObject({
    spec: { ports: [{ port: 5 }] },
  });
});

test('heartbeats are not analysed, changes and departures are', () => {
  const { backlog, engine, applied } = following();
  const add = (change: Change): void => {
    backlog.add(change, false);
    backlog.catchUp(1_000);
  };
  add({ put: service('web', 80, { generation: 1, labels: { app: 'web' } }) });
  add({ put: service('web', 80, { generation: 2, labels: { app: 'web' } }) });
  expect(applied).toHaveLength(1);
  add({ put: service('web', 80, { generation: 2, labels: { app: 'other' } }) });
  add({ put: service('web', 81, { generation: 3, labels: { app: 'other' } }) });
  expect(applied).toHaveLength(3);
  const { id } = service('web', 81);
  add({ remove: id });
  add({ remove: id });
  expect(applied).toHaveLength(4);
  expect(engine.resource(id)).toBeUndefined();
});

test('what waited for another analysis is forgotten', () => {
  const { backlog, applied } = following();
  backlog.add({ put: service('web', 80) }, false);
  const next = keeper();
  backlog.follow(next.engine);
  backlog.catchUp(1_000);
  expect([applied, next.applied]).toEqual([[], []]);
});
