import { AmbitError, invalid } from '@ambit/services/kernel/errors';
import type { ChangeEvent } from '@ambit/contracts/events';
import { rolePermissions } from '@ambit/contracts/permissions';
import { Hono } from 'hono';
import type { Process } from '../../platform/platform.ts';
import { findCaller, type CallerOptions } from '../auth/caller.ts';
import type { DoorEnv } from '../door.ts';
import { formatCursor, parseCursor, type EventCursor } from './cursor.ts';
import { lookAgainMs, type EventHub } from './hub.ts';
import { isTooOld } from './prune.ts';
import { openStream } from './stream.ts';

/** How often a stream makes sure that its reader may still read; changes of members and tokens are seen at once. */
const checkEveryMs = 60_000;

/** `GET /v1/events`: what changes in the organisation, as server-sent events. */
export function eventsApp(platform: Process, callers: CallerOptions, hub: EventHub): Hono<DoorEnv> {
  const app = new Hono<DoorEnv>();
  app.get('/v1/events', async (c) => {
    c.set('operation', 'events');
    const find = () =>
      findCaller(callers, {
        method: 'GET',
        headers: c.req.raw.headers,
        door: 'rest',
        requestId: c.get('requestId'),
      });
    let caller = await find();
    const mayRead = ({ topic }: ChangeEvent) =>
      topic !== 'audit' || rolePermissions[caller.role].includes('audit.read');
    const asked = c.req.header('last-event-id') ?? c.req.query('cursor');
    const cursor = readCursor(asked);
    const reset = cursor !== null && isTooOld(cursor, Date.now());
    const stream = openStream({
      stopping: platform.stopping,
      onOpen: () => platform.metrics.eventStreams.inc(),
      onClose: (reason) => {
        platform.metrics.eventStreams.dec();
        platform.metrics.eventStreamsClosed.inc({ reason });
        clearInterval(checking);
        stop?.();
      },
    });
    /** A session, token or membership may have ended since the stream began. */
    const check = () => {
      find().then(
        (found) => {
          caller = found;
        },
        (error: unknown) => {
          if (error instanceof AmbitError && error.code !== 'unavailable') stream.close('refused');
        },
      );
    };
    const checking = setInterval(check, checkEveryMs);
    let stop: (() => void) | undefined;
    let pingedAtMs = 0;
    if (reset) stream.send('reset', {});
    stop = await hub
      .follow(caller.organisationId, reset ? null : cursor, {
        event: (event) => {
          if (event.topic === 'member' || event.topic === 'token') check();
          if (mayRead(event)) stream.send(null, event, event.id);
        },
        reached: (at) => {
          if (Date.now() - pingedAtMs < lookAgainMs.quiet / 2) return;
          pingedAtMs = Date.now();
          stream.send('ping', {}, formatCursor(at));
        },
      })
      .catch((error: unknown) => {
        stream.close('error');
        throw error;
      });
    if (stream.closed()) stop();
    return c.body(stream.body, 200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    });
  });
  return app;
}

function readCursor(text: string | undefined): EventCursor | null {
  if (text === undefined || text === '') return null;
  const cursor = parseCursor(text);
  if (cursor) return cursor;
  throw invalid('Last-Event-ID is not a cursor of this stream', [
    { path: 'Last-Event-ID', message: 'expected the id of a message received before' },
  ]);
}
