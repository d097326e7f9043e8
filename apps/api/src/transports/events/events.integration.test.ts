import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ChangeEvent } from '@ambit/contracts/events';
import { memberRemove } from '@ambit/contracts/operations/access';
import { organisationUpdate, projectCreate } from '@ambit/contracts/operations/organisation';
import { makeTenant, type Tenant } from '@ambit/services/testing/tenant';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { formatCursor } from './cursor.ts';
import { keptMs, pruneEvents } from './prune.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

interface Message {
  id: string | null;
  event: string | null;
  data: string;
}

/** Reads a stream until `enough` is satisfied by its messages, then leaves. */
async function follow(
  of: Tenant,
  options: { lastEventId?: string; role?: 'owner' | 'viewer'; began?: () => Promise<unknown> },
  enough: (messages: Message[]) => boolean,
): Promise<Message[]> {
  const leave = new AbortController();
  const response = await fetch(`${server.url}/v1/events`, {
    signal: AbortSignal.any([leave.signal, AbortSignal.timeout(60_000)]),
    headers: {
      authorization: `Bearer ${await server.token(options.role ?? 'owner', of)}`,
      ...(options.lastEventId ? { 'last-event-id': options.lastEventId } : {}),
    },
  });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const messages: Message[] = [];
  let began = false;
  let text = '';
  while (!enough(messages)) {
    const { value, done } = await reader.read();
    if (done) break;
    text += value;
    const blocks = text.split('\n\n');
    text = blocks.pop()!;
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? null;
      const data = field('data');
      if (data !== null) messages.push({ id: field('id'), event: field('event'), data });
    }
    if (!began && messages.some((message) => message.event === 'ping')) {
      began = true;
      await options.began?.();
    }
  }
  leave.abort();
  return messages;
}

const changes = (messages: Message[]): ChangeEvent[] =>
  messages.filter((message) => message.event === null).map((message) => JSON.parse(message.data));

const projects = (messages: Message[]) =>
  changes(messages).filter((change) => change.topic === 'project');

const create = (of: Tenant, name: string) => of.callAs('owner', projectCreate, { name });

describe('an event stream', () => {
  it('tells what changes, to its own organisation only', async () => {
    const other = await makeTenant(server.platform, 'Other');
    const mine = await makeTenant(server.platform, 'Mine');
    let id = '';
    const messages = await follow(
      mine,
      {
        began: async () => {
          await create(other, 'theirs');
          id = (await create(mine, 'mine')).id;
        },
      },
      (all) => projects(all).length > 0,
    );
    expect(projects(messages).map((change) => change.resourceId)).toEqual([id]);
  });

  it('resumes behind the last id it told: nothing twice, nothing missed', async () => {
    const mine = await makeTenant(server.platform, 'Resuming');
    const first = await follow(
      mine,
      { began: () => create(mine, 'one') },
      (all) => projects(all).length === 1,
    );
    const lastEventId = projects(first).at(-1)!.id;
    const two = await create(mine, 'two');
    const three = await create(mine, 'three');
    let four = '';
    const second = await follow(
      mine,
      {
        lastEventId,
        began: async () => {
          four = (await create(mine, 'four')).id;
        },
      },
      (all) => projects(all).length >= 3,
    );
    expect(projects(second).map((change) => change.resourceId)).toEqual([two.id, three.id, four]);
  });

  it('never passes over a transaction that commits late', async () => {
    const mine = await makeTenant(server.platform, 'Late');
    const late = await server.platform.db.pool.connect();
    const insert = `INSERT INTO change_event (organisation_id, topic, resource_id, change, at)
      VALUES ($1, 'project', $2, 'updated', now())`;
    const messages = await follow(
      mine,
      {
        began: async () => {
          await late.query('BEGIN');
          await late.query(insert, [mine.organisationId, 'late']);
          await create(mine, 'early');
          await late.query('COMMIT');
          late.release();
        },
      },
      (all) => projects(all).length === 2,
    );
    expect(projects(messages)[0]?.resourceId).toBe('late');
    const cursors = changes(messages).map((change) => change.id.split('.').slice(0, 2).map(BigInt));
    const sorted = cursors.toSorted((a, b) => Number(a[0]! - b[0]! || a[1]! - b[1]!));
    expect(cursors).toEqual(sorted);
  });

  it('tells audit entries only to those who may read them', async () => {
    const mine = await makeTenant(server.platform, 'Quiet');
    const messages = await follow(
      mine,
      {
        role: 'viewer',
        began: async () => {
          await mine.callAs('owner', organisationUpdate, { name: 'Louder' });
          await create(mine, 'after');
        },
      },
      (all) => projects(all).length === 1,
    );
    expect(changes(messages).map((change) => change.topic)).toEqual(['organisation', 'project']);
  });

  it('ends at once for a member who is removed, and cannot be opened again', async () => {
    const mine = await makeTenant(server.platform, 'Removed');
    const messages = await follow(
      mine,
      {
        role: 'viewer',
        began: () => mine.callAs('owner', memberRemove, { memberId: mine.memberIds.viewer }),
      },
      () => false,
    );
    expect(messages.length).toBeGreaterThan(0);
    const again = await fetch(`${server.url}/v1/events`, {
      headers: { authorization: `Bearer ${await server.token('viewer', mine)}` },
    });
    expect(again.status).toBe(401);
  });

  it('with a cursor older than what is kept begins with a reset', async () => {
    const mine = await makeTenant(server.platform, 'Old');
    const lastEventId = formatCursor({ xid: 1n, id: 1n, atMs: Date.now() - keptMs });
    const messages = await follow(mine, { lastEventId }, (all) => all.length >= 2);
    expect(messages.map((message) => message.event)).toEqual(['reset', 'ping']);
  });

  it('with a cursor that is none is 400', async () => {
    const response = await server.request('owner', '/v1/events', {
      headers: { 'last-event-id': 'nonsense' },
    });
    expect(response.status).toBe(400);
  });

  it('whose reader does not read is closed and counted', async () => {
    const mine = await makeTenant(server.platform, 'Slow');
    const authorization = `Bearer ${await server.token('owner', mine)}`;
    const slow = request(`${server.url}/v1/events`, { headers: { authorization } });
    const closed = new Promise<void>((resolve) => {
      slow.on('response', (response) => {
        response.pause();
        response.on('error', () => resolve());
      });
      slow.on('error', () => resolve());
    });
    slow.end();
    const metric = async () =>
      (await server.platform.metrics.eventStreamsClosed.get()).values.find(
        ({ labels }) => labels.reason === 'slow',
      )?.value ?? 0;
    await vi.waitFor(
      async () => {
        await server.platform.db.pool.query(
          `INSERT INTO change_event (organisation_id, topic, resource_id, parent_id, change, at)
         SELECT $1, 'project', repeat('x', 1000), repeat('y', 1000), 'updated', now() FROM generate_series(1, 3000)`,
          [mine.organisationId],
        );
        expect(await metric()).toBe(1);
      },
      { timeout: 60_000, interval: 50 },
    );
    slow.destroy();
    await closed;
  });
});

it('events are removed when they are too old, and only then', async () => {
  const { pool } = server.platform.db;
  const insert = `INSERT INTO change_event (organisation_id, topic, resource_id, change, at) VALUES ('org_prune', 'mesh', 'm', 'updated', $1)`;
  await pool.query(insert, [new Date(Date.now() - keptMs - 1_000)]);
  await pool.query(insert, [new Date()]);
  expect(await pruneEvents(pool, Date.now())).toBe(1);
  const { rows } = await pool.query(
    `SELECT count(*)::int AS n FROM change_event WHERE organisation_id = 'org_prune'`,
  );
  expect(rows[0].n).toBe(1);
});
