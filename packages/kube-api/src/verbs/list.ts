import type { RequestContext } from '../engine.ts';
import { selection } from '../match.ts';
import { pushBytes } from '../object-bytes.ts';
import { ApiError, badRequest, gone } from '../status.ts';
import { Compacted, FutureRevision, type ListResult, type StoredObject } from '../store/store.ts';
import { integerParameter, parseRevision } from './options.ts';

export interface ListOutcome {
  items: StoredObject[];
  revision: number;
  continue: string;
  remaining: number | undefined;
}

interface Continue {
  /** Revision of the first page. */
  v: number;
  n: string;
  m: string;
}

/** The objects a list request asks for: selectors, resourceVersion, limit and continue obeyed. */
export async function selectItems(ctx: RequestContext): Promise<ListOutcome> {
  const { engine, request, target } = ctx;
  const { query } = request;
  const chosen = selection(query, target.version);
  const from = readContinue(query.get('continue') ?? '');
  const wanted = wantedRevision(ctx);
  const revision = from?.v ?? (wanted?.exact === true ? wanted.revision : undefined);
  if (wanted !== undefined) await requireReached(ctx, wanted.revision);
  const asked = integerParameter(ctx, 'limit') ?? 0;
  const limit = asked === 0 ? engine.limits.listPage : asked;
  const namespace = target.namespace === '' ? chosen.namespace : target.namespace;

  const fetch = async (after: ListOutcome['items'][number]['key'] | undefined, count?: number) => {
    try {
      return await engine.store.list({
        resource: target.version.resource.id,
        namespace,
        revision,
        after,
        limit: count,
      });
    } catch (error) {
      throw listError(error, from !== undefined);
    }
  };

  if (revision === undefined && chosen.name !== undefined && namespace !== undefined) {
    return single(ctx, namespace, chosen.name, chosen.matches);
  }
  const start = from === undefined ? undefined : { namespace: from.n, name: from.m, resource: '' };
  if (chosen.matches === undefined) {
    const page = await fetch(start, limit === 0 ? undefined : limit);
    return finish(page, page.items, limit, page.remaining);
  }
  const page = await fetch(start);
  const matching = page.items.filter(chosen.matches);
  if (limit === 0 || matching.length <= limit) return finish(page, matching, 0, 0);
  return finish(page, matching.slice(0, limit), limit, matching.length - limit, true);
}

async function single(
  ctx: RequestContext,
  namespace: string,
  name: string,
  matches: ((stored: StoredObject) => boolean) | undefined,
): Promise<ListOutcome> {
  const revision = await ctx.engine.store.revision();
  const found = await ctx.engine.store.get({
    resource: ctx.target.version.resource.id,
    namespace,
    name,
  });
  const items = found !== undefined && matches?.(found) !== false ? [found] : [];
  return {
    items,
    revision: Math.max(revision, found?.revision ?? 0),
    continue: '',
    remaining: undefined,
  };
}

function finish(
  page: ListResult,
  items: StoredObject[],
  limit: number,
  remaining: number,
  hideCount = false,
): ListOutcome {
  const last = items.at(-1);
  const more = limit > 0 && remaining > 0 && last !== undefined;
  return {
    items,
    revision: page.revision,
    continue: more
      ? writeContinue({ v: page.revision, n: last.key.namespace, m: last.key.name })
      : '',
    remaining: more && !hideCount ? remaining : undefined,
  };
}

/** The revision to show exactly, or at least; undefined: now. */
function wantedRevision(ctx: RequestContext): { revision: number; exact: boolean } | undefined {
  const { query } = ctx.request;
  const version = query.get('resourceVersion') ?? '';
  const match = query.get('resourceVersionMatch') ?? '';
  if (match !== '' && match !== 'Exact' && match !== 'NotOlderThan') {
    throw badRequest(
      `resourceVersionMatch: Unsupported value: ${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan", ""`,
    );
  }
  if (match !== '' && version === '') {
    throw badRequest(
      'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    );
  }
  if (match === 'Exact' && version === '0') {
    throw badRequest(
      'resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    );
  }
  if (version === '') return undefined;
  const revision = parseRevision(version);
  const limited = (query.get('limit') ?? '0') !== '0';
  const exact = match === 'Exact' || (match === '' && limited && revision > 0);
  return { revision, exact };
}

async function requireReached(ctx: RequestContext, wanted: number): Promise<void> {
  const current = await ctx.engine.store.revision();
  if (wanted > current) throw tooLargeVersion(wanted, current);
}

export const tooLargeVersion = (wanted: number, current: number): ApiError =>
  new ApiError(
    504,
    'Timeout',
    `Too large resource version: ${wanted}, current: ${current}`,
    {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
    { 'retry-after': '1' },
  );

function listError(error: unknown, continued: boolean): unknown {
  if (error instanceof Compacted) {
    return gone(
      continued
        ? 'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.'
        : `The resourceVersion for the provided list is too old.`,
    );
  }
  if (error instanceof FutureRevision) return tooLargeVersion(0, error.current);
  return error;
}

const writeContinue = (state: Continue): string =>
  Buffer.from(JSON.stringify(state)).toString('base64url');

function readContinue(token: string): Continue | undefined {
  if (token === '') return undefined;
  try {
    const state = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as Continue;
    if (Number.isInteger(state.v) && typeof state.n === 'string' && typeof state.m === 'string') {
      return state;
    }
  } catch {
    // Falls through to the refusal.
  }
  throw badRequest('continue key is not valid: it was not given by this server');
}

/** The list as JSON, its items taken over as they are stored. */
export function listBytes(ctx: RequestContext, list: ListOutcome): Buffer[] {
  const { version } = ctx.target;
  const head = `{"kind":${JSON.stringify(version.resource.listKind)},"apiVersion":${JSON.stringify(version.apiVersion)},"metadata":${JSON.stringify(listMeta(list))},"items":[`;
  const chunks: Buffer[] = [Buffer.from(head)];
  list.items.forEach((stored, index) => {
    if (index > 0) chunks.push(COMMA);
    pushBytes(chunks, stored.bytes, version);
  });
  chunks.push(END);
  return chunks;
}

const COMMA = Buffer.from(',');
const END = Buffer.from(']}\n');

export function listMeta(list: ListOutcome): { [key: string]: string | number } {
  return {
    resourceVersion: String(list.revision),
    ...(list.continue === '' ? {} : { continue: list.continue }),
    ...(list.remaining === undefined ? {} : { remainingItemCount: list.remaining }),
  };
}
