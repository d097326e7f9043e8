import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { AmbitError } from '../kernel/errors.ts';

const longestDownloadMs = 300_000;

export interface FetchFile {
  url: string;
  /** Hex; asked from `<url>.sha256` when missing; `unchecked` where the source publishes none (TLS alone vouches). */
  sha256?: string | 'unchecked' | undefined;
  path: string;
  /** Told about every tenth of the way; `percent` is null when the length is not known. */
  onProgress?: (bytes: number, percent: number | null) => void;
}

/**
 * Downloads a file to `path`: whole and verified, or not at all.
 * @throws AmbitError unavailable when it cannot be reached, unprocessable when its checksum is another one
 */
export async function fetchFile({ url, sha256, path, onProgress }: FetchFile): Promise<void> {
  const expected = sha256 ?? (await checksumBeside(url));
  await mkdir(dirname(path), { recursive: true });
  const part = `${path}.${randomUUID()}.part`;
  try {
    const response = await reach(url);
    if (!response.body) throw unreachable(url, 'the answer was empty');
    const length = Number(response.headers.get('content-length')) || null;
    const hash = createHash('sha256');
    let bytes = 0;
    let told = 0;
    const measure = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        bytes += chunk.length;
        const percent = length ? Math.floor((bytes / length) * 10) * 10 : null;
        if (percent !== null && percent > told) {
          told = percent;
          onProgress?.(bytes, percent);
        }
        done(null, chunk);
      },
    });
    await pipeline(
      Readable.fromWeb(response.body as ReadableStream),
      measure,
      createWriteStream(part),
    ).catch((error: unknown) => {
      throw unreachable(url, String(error), error);
    });
    const actual = hash.digest('hex');
    if (expected !== 'unchecked' && actual !== expected) {
      throw new AmbitError(
        'unprocessable',
        `${url} has the checksum ${actual}, expected was ${expected}; it is not used`,
        { fix: 'check the sha256 of the release in the catalogue, and the source it names' },
      );
    }
    await rename(part, path);
  } finally {
    await rm(part, { force: true });
  }
}

async function checksumBeside(url: string): Promise<string> {
  const text = await (await reach(`${url}.sha256`)).text();
  const match = /\b[0-9a-f]{64}\b/i.exec(text);
  if (!match) throw unreachable(`${url}.sha256`, 'it holds no sha256 checksum');
  return match[0].toLowerCase();
}

async function reach(url: string): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(longestDownloadMs) });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw unreachable(url, cause instanceof Error ? cause.message : String(cause), error);
  }
  if (!response.ok) throw unreachable(url, `it answered ${response.status}`);
  return response;
}

const unreachable = (url: string, why: string, cause?: unknown): AmbitError =>
  new AmbitError('unavailable', `${url} could not be downloaded: ${why}`, {
    cause,
    fix: 'give the platform a way to that address, or name a file on this machine in the release catalogue (AMBIT_RELEASES)',
  });
