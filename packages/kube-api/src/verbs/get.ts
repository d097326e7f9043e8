import type { RequestContext } from '../engine.ts';
import { notFound } from '../status.ts';
import { tooLargeVersion } from './list.ts';
import { keyOf } from './modify.ts';
import { parseRevision } from './options.ts';
import type { Outcome } from './outcome.ts';

export async function get(ctx: RequestContext): Promise<Outcome> {
  const asked = ctx.request.query.get('resourceVersion') ?? '';
  if (asked !== '') {
    const current = await ctx.engine.store.revision();
    const wanted = parseRevision(asked);
    if (wanted > current) throw tooLargeVersion(wanted, current);
  }
  const stored = await ctx.engine.store.get(keyOf(ctx));
  if (stored === undefined) throw notFound(ctx.target.version.resource, ctx.target.name);
  return { code: 200, bytes: stored.bytes };
}
