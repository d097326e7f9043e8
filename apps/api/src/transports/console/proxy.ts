import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context } from 'hono';
import type { DoorEnv } from '../door.ts';
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

/** Hands everything that is no API to the console's own server, both ways streaming. */
export function proxyToConsole(c: Context<DoorEnv>, consoleUrl: string | null): Promise<Response> {
  if (consoleUrl === null) return missing(c, 'AMBIT_CONSOLE_URL is not set.');
  const { incoming, outgoing } = c.env;
  const target = new URL(consoleUrl);
  return new Promise((resolve) => {
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
        answer.pipe(outgoing);
        answer.on('error', () => outgoing.destroy());
        resolve(RESPONSE_ALREADY_SENT);
      },
    );
    upstream.on('error', (error) => {
      if (outgoing.headersSent) {
        outgoing.destroy();
        return resolve(RESPONSE_ALREADY_SENT);
      }
      return resolve(
        missing(c, `The console at ${consoleUrl} does not answer (${error.message}).`),
      );
    });
    outgoing.on('close', () => upstream.destroy());
    incoming.pipe(upstream);
  });
}

function withoutHops(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.includes(name)));
}

const forwarded = (headers: IncomingHttpHeaders, address = ''): IncomingHttpHeaders => ({
  ...withoutHops(headers),
  'x-forwarded-for': address,
  'x-forwarded-host': headers.host ?? '',
});

async function missing(c: Context<DoorEnv>, why: string): Promise<Response> {
  return c.html(consoleMissingPage(why), 503, { 'retry-after': '3' });
}
