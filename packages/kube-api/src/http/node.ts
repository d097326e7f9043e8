import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeStream } from 'node:stream/web';
import type { KubeApi } from '../api.ts';
import type { ApiRequest, ApiResponse } from '../engine.ts';
import { badRequest, tooLargeEntity } from '../status.ts';
import { below } from './web.ts';

/**
 * A listener for node:http that serves one API, or the one `choose` picks by the request (404
 * when none). Faster than going through web-standard requests.
 */
export function nodeListener(
  choose: (request: IncomingMessage) => KubeApi | undefined,
): RequestListener {
  return (incoming, outgoing) => {
    const api = choose(incoming);
    if (api === undefined) {
      outgoing.writeHead(404).end();
      return;
    }
    void api.respond(toApiRequest(incoming, api.basePath)).then(
      (response) => send(response, incoming, outgoing),
      () => outgoing.destroy(),
    );
  };
}

/** A server for TLS that speaks HTTP/2 with clients that offer it (kubectl and client-go do), else HTTP/1.1. */
export function createTlsServer(
  tls: { key: string | Buffer; cert: string | Buffer },
  listener: RequestListener,
): Http2SecureServer {
  // Requests and answers of HTTP/2 have the shape of those of HTTP/1.1, but for their sockets.
  return createSecureServer({ ...tls, allowHTTP1: true }, listener as never);
}

const isHttp2 = ({ httpVersionMajor }: IncomingMessage): boolean => httpVersionMajor === 2;

function toApiRequest(incoming: IncomingMessage, basePath: string): ApiRequest {
  const url = incoming.url ?? '/';
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  return {
    method: incoming.method ?? 'GET',
    path: below(path, basePath),
    query: new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)),
    header: (name) => {
      const value = incoming.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    body: (limitBytes) => readBody(incoming, limitBytes),
  };
}

function readBody(incoming: IncomingMessage, limitBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (Number(incoming.headers['content-length'] ?? 0) > limitBytes) {
      incoming.resume();
      reject(tooLargeEntity(limitBytes));
      return;
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= limitBytes) chunks.push(chunk);
      else reject(tooLargeEntity(limitBytes));
    });
    incoming.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    incoming.on('error', () => reject(badRequest('the body of the request broke off')));
    incoming.on('aborted', () => reject(badRequest('the body of the request broke off')));
  });
}

function send(response: ApiResponse, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { status, headers, body } = response;
  if (body instanceof Response) {
    outgoing.writeHead(body.status, Object.fromEntries(body.headers));
    if (body.body === null) outgoing.end();
    else Readable.fromWeb(body.body as NodeStream).pipe(outgoing);
    return;
  }
  if (body === undefined || Buffer.isBuffer(body) || Array.isArray(body)) {
    const bytes = Array.isArray(body) ? Buffer.concat(body) : body;
    if (status === 413 && !incoming.complete && !isHttp2(incoming)) headers.connection = 'close';
    if (bytes !== undefined) headers['content-length'] = String(bytes.length);
    outgoing.writeHead(status, headers);
    outgoing.end(incoming.method === 'HEAD' ? undefined : bytes);
    return;
  }
  outgoing.writeHead(status, headers);
  outgoing.flushHeaders();
  if (!isHttp2(incoming)) outgoing.socket?.setNoDelay(true);
  outgoing.on('close', () => body.cancel());
  if (outgoing.destroyed) body.cancel();
  const direct = incoming.httpVersion === '1.1' ? (outgoing.socket ?? undefined) : undefined;
  body.start({
    write: (chunk) => (direct === undefined ? outgoing.write(chunk) : direct.write(framed(chunk))),
    onDrain: (resume) => (direct ?? outgoing).once('drain', resume),
    end: () => outgoing.end(),
    destroy: () => outgoing.destroy(),
  });
}

/** Chunks of the chunked encoding: made once for all watchers that get the same line. */
const frames = new WeakMap<Buffer, Buffer>();
const CRLF = Buffer.from('\r\n');

/** Written past node's own framing, which makes each anew: a quarter of the cost of a delivery. */
function framed(chunk: Buffer): Buffer {
  let frame = frames.get(chunk);
  if (frame === undefined) {
    frame = Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, CRLF]);
    frames.set(chunk, frame);
  }
  return frame;
}
