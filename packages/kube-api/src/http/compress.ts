import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { ApiRequest, ApiResponse } from '../engine.ts';

const gzipAsync = promisify(gzip);

/** Compresses large answers for clients that accept gzip; speed counts more than size. */
export async function compress(
  response: ApiResponse,
  request: ApiRequest,
  fromBytes: number,
): Promise<ApiResponse> {
  const { body } = response;
  if (!Buffer.isBuffer(body) && !Array.isArray(body)) return response;
  if (!accepts(request.header('accept-encoding'))) return response;
  const bytes = Buffer.isBuffer(body) ? body : Buffer.concat(body);
  if (bytes.length < fromBytes) return { ...response, body: bytes };
  const packed = await gzipAsync(bytes, { level: constants.Z_BEST_SPEED });
  return {
    ...response,
    headers: { ...response.headers, 'content-encoding': 'gzip', vary: 'Accept-Encoding' },
    body: packed,
  };
}

const accepts = (header: string | undefined): boolean =>
  header !== undefined && /(?:^|[\s,])gzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/.test(header);
