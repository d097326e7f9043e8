import {
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { consoleMissingPage } from './missing-page.ts';

const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** Hands a request to the console's own server, both ways streaming. */
export function proxyToConsole(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  consoleUrl: string | null,
): void {
  if (consoleUrl === null) {
    missing(outgoing, 'AMBIT_CONSOLE_URL is not set.');
    return;
  }
  const target = new URL(consoleUrl);
  const upstream = httpRequest(
    {
      hostname: target.hostname,
      port: target.port,
      method: incoming.method,
      path: incoming.url,
      headers: forwarded(incoming.headers, incoming.socket.remoteAddress),
    },
    (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, withoutHops(answer.headers));
      // Also a page whose rest takes long begins at once.
      outgoing.flushHeaders();
      answer.pipe(outgoing);
      answer.on('error', () => outgoing.destroy());
    },
  );
  upstream.on('error', (error) => {
    if (outgoing.headersSent) outgoing.destroy();
    else missing(outgoing, `The console at ${consoleUrl} does not answer (${error.message}).`);
  });
  outgoing.on('close', () => upstream.destroy());
  incoming.pipe(upstream);
}

function withoutHops(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.includes(name)));
}

const forwarded = (headers: IncomingHttpHeaders, address = ''): IncomingHttpHeaders => ({
  ...withoutHops(headers),
  'x-forwarded-for': address,
  'x-forwarded-host': headers.host ?? '',
});

function missing(outgoing: ServerResponse, why: string): void {
  outgoing.writeHead(503, { 'content-type': 'text/html; charset=utf-8', 'retry-after': '3' });
  outgoing.end(consoleMissingPage(why));
}
