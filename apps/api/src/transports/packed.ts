import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { MiddlewareHandler } from 'hono';

const pack = promisify(gzip);
/** Smaller answers travel in a packet or two anyway. */
const worthItBytes = 16 * 1024;

/** Packs large JSON answers for those who take gzip; only for answers that hold no secrets, since packing tells of them by length. */
export const packed: MiddlewareHandler = async (c, next) => {
  await next();
  const takes = /\bgzip\b/.test(c.req.header('accept-encoding') ?? '');
  const isJson = c.res.headers.get('content-type')?.startsWith('application/json') ?? false;
  if (!takes || !isJson || c.res.headers.has('content-encoding')) return;
  const plain = Buffer.from(await c.res.arrayBuffer());
  const isWorthIt = plain.length >= worthItBytes;
  const body = isWorthIt ? await pack(plain, { level: constants.Z_BEST_SPEED + 2 }) : plain;
  const headers = new Headers(c.res.headers);
  headers.delete('content-length');
  headers.append('vary', 'accept-encoding');
  if (isWorthIt) headers.set('content-encoding', 'gzip');
  c.res = new Response(body, { status: c.res.status, headers });
};
