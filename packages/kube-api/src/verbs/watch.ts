import type { ApiResponse, RequestContext } from '../engine.ts';
import type { Accept } from '../http/negotiate.ts';
import { type Matcher, selection } from '../match.ts';
import { type ApiError, gone, invalid, tooManyRequests, tooOldResourceVersion } from '../status.ts';
import { Compacted, FutureRevision, type StoreEvent, type StoreWatch } from '../store/store.ts';
import { createWatchStream } from '../watch-stream.ts';
import { createLines, errorLine } from './watch-lines.ts';
import { tooLargeVersion } from './list.ts';
import { integerParameter, isTrue, parseRevision } from './options.ts';

interface WatchRequest {
  /** Revision to resume after; undefined: begin with the present state. */
  after: number | undefined;
  bookmarks: boolean;
  /** The client asked for the initial state explicitly and wants to know where it ends. */
  initialEvents: boolean;
  timeoutMs: number;
}

/** GET with watch=true: a stream of events that never holds up a writer. */
export async function watch(ctx: RequestContext, accept: Accept): Promise<ApiResponse> {
  const { engine, target } = ctx;
  const request = readRequest(ctx);
  const chosen = selection(ctx.request.query, target.version);
  if (engine.watches.size >= engine.limits.watches) {
    throw tooManyRequests(`too many watches: this API serves ${engine.limits.watches} at a time`);
  }
  const lines = createLines(ctx, accept);
  const { version } = target;
  const namespace = target.namespace === '' ? chosen.namespace : target.namespace;
  const query = { resource: version.resource.id, namespace };

  const timers: NodeJS.Timeout[] = [];
  let source: StoreWatch | undefined;
  const stream = createWatchStream(
    engine.limits,
    () => errorLine(gone('the watcher reads too slowly and was closed; list again and resume')),
    () => {
      engine.watches.delete(stream);
      source?.close();
      timers.forEach(clearTimeout);
    },
  );

  engine.watches.set(stream, version.resource.id);

  try {
    let after = request.after;
    if (after === undefined) {
      const list = await engine.store.list(query);
      after = list.revision;
      const present = chosen.matches === undefined ? list.items : list.items.filter(chosen.matches);
      stream.pushLazy(present.map((stored) => () => lines.added(stored)));
      if (request.initialEvents) stream.push(lines.bookmark(after, true));
    }
    source = await engine.store.watch(
      { ...query, after },
      {
        events: (batch) => {
          for (const event of batch) {
            const line = lineFor(event, chosen.matches, lines);
            if (line !== undefined && !stream.push(line)) return;
          }
        },
        expired: () => stream.finish(errorLine(gone('the event history was compacted'))),
      },
    );
  } catch (error) {
    if (error instanceof Compacted) {
      const stale = tooOldResourceVersion(request.after ?? 0, error.oldest);
      stream.finish(errorLine(stale));
      return response(accept, stream);
    }
    stream.cancel();
    if (error instanceof FutureRevision) throw tooLargeVersion(request.after ?? 0, error.current);
    throw error;
  }
  if (stream.closed()) source.close();

  if (request.bookmarks) {
    const timer = setInterval(() => {
      if (source !== undefined) stream.push(lines.bookmark(source.revision(), false));
    }, engine.limits.bookmarkMs);
    timers.push(timer.unref());
  }
  timers.push(setTimeout(() => stream.finish(), request.timeoutMs).unref());
  return response(accept, stream);
}

const response = (accept: Accept, body: ApiResponse['body']): ApiResponse => ({
  status: 200,
  headers: {
    'content-type':
      accept.as === '' ? 'application/json' : `application/json;as=${accept.as};g=meta.k8s.io;v=v1`,
    'cache-control': 'no-cache, private',
  },
  body,
});

/** An object that begins or stops to match a selector is added or deleted for this watcher. */
function lineFor(
  event: StoreEvent,
  matches: Matcher | undefined,
  lines: ReturnType<typeof createLines>,
): Buffer | undefined {
  if (matches === undefined) return lines.event(event, event.type);
  const now = event.type !== 'DELETED' && matches(event.object);
  const before = event.previous !== undefined && matches(event.previous);
  if (now) return lines.event(event, before ? 'MODIFIED' : 'ADDED');
  return before ? lines.event(event, 'DELETED') : undefined;
}

function readRequest(ctx: RequestContext): WatchRequest {
  const { query } = ctx.request;
  const { limits } = ctx.engine;
  const bookmarks = isTrue(query.get('allowWatchBookmarks'));
  const version = query.get('resourceVersion') ?? '';
  const match = query.get('resourceVersionMatch') ?? '';
  const sendInitial = query.get('sendInitialEvents');
  const refuse = (field: string, message: string): ApiError =>
    invalid({ group: 'meta.k8s.io', plural: 'listoptions', kind: 'ListOptions' }, '', [
      { reason: 'FieldValueForbidden', field, message: `Forbidden: ${message}` },
    ]);
  if (sendInitial !== null) {
    if (match !== 'NotOlderThan') {
      throw refuse(
        'resourceVersionMatch',
        'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
      );
    }
    if (isTrue(sendInitial) && !bookmarks) {
      throw refuse('sendInitialEvents', 'sendInitialEvents requires allowWatchBookmarks');
    }
  } else if (match !== '') {
    throw refuse(
      'resourceVersionMatch',
      'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    );
  }
  const revision = version === '' ? undefined : parseRevision(version);
  const initial =
    sendInitial === null ? revision === undefined || revision === 0 : isTrue(sendInitial);
  const seconds = integerParameter(ctx, 'timeoutSeconds');
  return {
    after: initial ? undefined : revision,
    bookmarks,
    initialEvents: sendInitial !== null && isTrue(sendInitial),
    timeoutMs:
      seconds === undefined || seconds === 0
        ? limits.watchTimeoutMs * (1 + Math.random())
        : Math.min(seconds * 1000, 24 * 3_600_000),
  };
}
