import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Context } from 'hono';
import type { z } from 'zod';
import { AmbitError, invalid } from '@ambit/services/kernel/errors';

const unzip = promisify(gunzip);
const unzippedMaxBytes = 64 * 1024 * 1024;

/**
 * Reads a JSON body of at most `maxBytes` as sent (gzip allowed) by its schema.
 * @throws AmbitError too_large, invalid_input
 */
export async function readBody<S extends z.ZodType>(
  c: Context,
  schema: S,
  maxBytes: number,
): Promise<z.output<S>> {
  const sent = await readCapped(c.req.raw, maxBytes);
  const bytes = c.req.header('content-encoding') === 'gzip' ? await unzipped(sent) : sent;
  const parsed = schema.safeParse(parse(bytes));
  if (parsed.success) return parsed.data;
  throw invalid(
    'the body is not what this address takes',
    parsed.error.issues
      .slice(0, 20)
      .map(({ path, message }) => ({ path: path.join('.'), message })),
  );
}

/** The bytes of a body as they were sent. @throws AmbitError too_large */
export async function readCapped(request: Request, maxBytes: number): Promise<Buffer> {
  const tooLarge = () =>
    new AmbitError('too_large', `the body is larger than ${maxBytes / 1024} KB`);
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function unzipped(bytes: Buffer): Promise<Buffer> {
  try {
    return await unzip(bytes, { maxOutputLength: unzippedMaxBytes });
  } catch {
    throw invalid('the body is not valid gzip, or too large when unpacked');
  }
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw invalid('the body is not valid JSON');
  }
}
