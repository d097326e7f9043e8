import { createServer, type Server } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { reviewSchema, type Answer, type Review } from './review.ts';

/** Both copies of a large object, and what is around them. */
const mostBytes = 8 * 1024 * 1024;

/** Longer than an API server keeps an idle connection (90 s): a write on one that closes just then passes unasked. */
const keepAliveMs = 120_000;

export interface Webhook {
  port: number;
  /** Goes on with another certificate; open connections keep theirs. */
  use(pair: { certificate: string; key: string }): void;
  close(): Promise<void>;
}

/** Serves AdmissionReviews on one path. A failure is told, and lets the write pass. */
export async function serveWebhook(input: {
  port: number;
  path: string;
  pair: { certificate: string; key: string };
  answer(review: Review): Answer;
  onError(error: unknown): void;
}): Promise<Webhook> {
  const { path, pair } = input;
  const contextOf = ({ certificate, key }: typeof pair) => ({ cert: certificate, key });
  const server = createServer(contextOf(pair), (request, response) => {
    const send = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.url?.split('?')[0] !== path || request.method !== 'POST') {
      send(404, { message: 'there is nothing here' });
      return;
    }
    readBody(request).then(
      (text) => {
        try {
          const { request: review } = reviewSchema.parse(JSON.parse(text));
          send(
            200,
            reply(
              review.uid,
              safely(() => input.answer(review), input.onError),
            ),
          );
        } catch (error) {
          input.onError(error);
          send(400, { message: 'this is no AdmissionReview of admission.k8s.io/v1' });
        }
      },
      () => send(413, { message: `a review of more than ${mostBytes} bytes is not read` }),
    );
  });
  server.keepAliveTimeout = keepAliveMs;
  server.on('tlsClientError', (error: NodeJS.ErrnoException) => {
    // A connection that only breaks off tells nothing; a refused certificate does.
    if (error.code?.includes('ALERT'))
      input.onError(new Error(`an API server refuses the certificate: ${error.code}`));
  });
  await listen(server, input.port);
  return {
    port: (server.address() as AddressInfo).port,
    use: (next) => server.setSecureContext(contextOf(next)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function safely(ask: () => Answer, onError: (error: unknown) => void): Answer {
  try {
    return ask();
  } catch (error) {
    onError(error);
    return { allowed: true, warnings: [], message: '' };
  }
}

const reply = (uid: string, { allowed, warnings, message }: Answer) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  response: {
    uid,
    allowed,
    ...(warnings.length > 0 ? { warnings } : {}),
    ...(allowed ? {} : { status: { code: 403, reason: 'Forbidden', message } }),
  },
});

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => resolve());
  });

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > mostBytes) throw new Error('too large');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
