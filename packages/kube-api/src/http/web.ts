import type { ApiRequest, ApiResponse, ChunkSink, StreamBody } from '../engine.ts';
import { badRequest, tooLargeEntity } from '../status.ts';

/** A web-standard request as the engine sees it. */
export function toApiRequest(request: Request, basePath: string): ApiRequest {
  const { pathname, search } = new URL(request.url);
  return {
    method: request.method,
    path: below(pathname, basePath),
    query: new URLSearchParams(search),
    header: (name) => request.headers.get(name) ?? undefined,
    body: (limitBytes) => readBody(request, limitBytes),
  };
}

export const below = (path: string, basePath: string): string =>
  basePath !== '' && path.startsWith(basePath) ? path.slice(basePath.length) || '/' : path;

async function readBody(request: Request, limitBytes: number): Promise<Buffer> {
  if (Number(request.headers.get('content-length') ?? 0) > limitBytes)
    throw tooLargeEntity(limitBytes);
  if (request.body === null) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > limitBytes) break;
      chunks.push(chunk);
    }
  } catch {
    throw badRequest('the body of the request broke off');
  }
  if (bytes > limitBytes) throw tooLargeEntity(limitBytes);
  return chunks.length === 1 ? Buffer.from(chunks[0]!) : Buffer.concat(chunks);
}

export function toResponse(response: ApiResponse): Response {
  const { status, body } = response;
  if (body instanceof Response) return body;
  const headers = new Headers();
  for (const [name, value] of Object.entries(response.headers)) {
    if (typeof value === 'string') headers.set(name, value);
    else for (const item of value) headers.append(name, item);
  }
  if (body === undefined) return new Response(null, { status, headers });
  if (Array.isArray(body)) return new Response(bytesOf(Buffer.concat(body)), { status, headers });
  if (Buffer.isBuffer(body)) return new Response(bytesOf(body), { status, headers });
  return new Response(toStream(body), { status, headers });
}

const bytesOf = (buffer: Buffer): Uint8Array<ArrayBuffer> => buffer as Buffer<ArrayBuffer>;

/** How much a stream may hold for its reader before `write` answers false. */
const HIGH_WATER_BYTES = 64 * 1024;

function toStream(body: StreamBody): ReadableStream<Uint8Array> {
  let resume: (() => void) | undefined;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        let open = true;
        const sink: ChunkSink = {
          write(chunk) {
            if (!open) return true;
            controller.enqueue(chunk);
            return (controller.desiredSize ?? 0) > 0;
          },
          onDrain: (callback) => {
            resume = callback;
          },
          end() {
            if (open) controller.close();
            open = false;
          },
          destroy() {
            if (open) controller.error(new Error('the reader was too slow'));
            open = false;
          },
        };
        body.start(sink);
      },
      pull() {
        const callback = resume;
        resume = undefined;
        callback?.();
      },
      cancel: () => body.cancel(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: HIGH_WATER_BYTES }),
  );
}
