import type { RequestContext } from '../engine.ts';
import type { Accept } from '../http/negotiate.ts';
import type { ResourceVersion } from '../kinds/registry.ts';
import { decodeObject, pushBytes } from '../object-bytes.ts';
import type { ApiError } from '../status.ts';
import type { StoredObject, StoreEvent } from '../store/store.ts';
import { toPartial, toTable } from '../table.ts';
import type { JsonObject } from '../types.ts';
import { includeObject } from './respond.ts';

type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

const heads: Record<EventType, Buffer> = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
};
const TAIL = Buffer.from('}\n');

/**
 * Lines of the latest events, which many watchers take one after the other: serialised once an
 * event, type and version. Older ones are made again when somebody resumes so far back.
 */
const latest = new Map<StoredObject, Map<string, Buffer>>();
const MAX_LATEST = 128;

function linesOf(stored: StoredObject): Map<string, Buffer> {
  let lines = latest.get(stored);
  if (lines === undefined) {
    lines = new Map();
    latest.set(stored, lines);
    if (latest.size > MAX_LATEST) latest.delete(latest.keys().next().value!);
  }
  return lines;
}

function sharedLine(stored: StoredObject, type: EventType, version: ResourceVersion): Buffer {
  const lines = linesOf(stored);
  const key = `${type} ${version.apiVersion}`;
  let line = lines.get(key);
  if (line === undefined) {
    const chunks = [heads[type]];
    pushBytes(chunks, stored.bytes, version);
    chunks.push(TAIL);
    line = Buffer.concat(chunks);
    lines.set(key, line);
  }
  return line;
}

export interface Lines {
  added(stored: StoredObject): Buffer;
  event(event: StoreEvent, type: EventType): Buffer;
  bookmark(revision: number, initialEventsEnd: boolean): Buffer;
}

/** Writes watch events in the form the client accepts. */
export function createLines(ctx: RequestContext, accept: Accept): Lines {
  const { version } = ctx.target;
  let first = true;
  const viewed = (stored: StoredObject, type: EventType): Buffer => {
    const object = decodeObject(stored, version);
    if (accept.as !== 'Table') return encode(type, toPartial(object));
    const options = { includeObject: includeObject(ctx), columns: first };
    first = false;
    const metadata = { resourceVersion: String(stored.revision) };
    return encode(type, toTable([object], version, metadata, options, ctx.engine.now()));
  };
  return {
    added: (stored) => (accept.as === '' ? sharedOnce(stored, version) : viewed(stored, 'ADDED')),
    event: (event, type) =>
      accept.as === '' ? sharedLine(event.object, type, version) : viewed(event.object, type),
    bookmark(revision, initialEventsEnd) {
      const metadata: JsonObject = {
        resourceVersion: String(revision),
        ...(initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
      };
      if (accept.as === 'Table') {
        const table = toTable(
          [],
          version,
          { resourceVersion: String(revision) },
          { includeObject: 'None', columns: first },
          ctx.engine.now(),
        );
        return encode('BOOKMARK', {
          ...table,
          rows: [
            {
              cells: [],
              object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata },
            },
          ],
        });
      }
      if (accept.as !== '') {
        return encode('BOOKMARK', {
          kind: 'PartialObjectMetadata',
          apiVersion: 'meta.k8s.io/v1',
          metadata,
        });
      }
      return encode('BOOKMARK', {
        kind: version.resource.kind,
        apiVersion: version.apiVersion,
        metadata,
      });
    },
  };
}

/** The initial state of a watch is not kept: each object is written for this watcher alone. */
function sharedOnce(stored: StoredObject, version: ResourceVersion): Buffer {
  const chunks = [heads.ADDED];
  pushBytes(chunks, stored.bytes, version);
  chunks.push(TAIL);
  return Buffer.concat(chunks);
}

const encode = (type: string, object: JsonObject): Buffer =>
  Buffer.from(`${JSON.stringify({ type, object })}\n`);

export const errorLine = (error: ApiError): Buffer => encode('ERROR', error.status);
