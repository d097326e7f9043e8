import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { rootCertificates } from 'node:tls';
import { createGunzip } from 'node:zlib';

export interface HttpRequest {
  method: 'GET' | 'POST';
  url: URL;
  headers: Record<string, string>;
  /** Of a POST: a form. */
  body: string;
  signal: AbortSignal;
}

export interface HttpAnswer {
  status: number;
  /** Unpacked; leaving it early ends the request. */
  chunks: AsyncIterable<Buffer>;
}

/** How requests reach a server: from here, or through somebody inside its network. */
export interface Transport {
  /** Redirects are not followed: what was signed for one server is not sent to another. Throws as node:http does. */
  send(request: HttpRequest): Promise<HttpAnswer>;
  close(): void;
}

export interface DirectSettings {
  /** Connections at once. */
  concurrency?: number;
  /** Certificates to be trusted beside the usual ones. */
  caPem?: string;
  insecureSkipVerify?: boolean;
  /** Finds the addresses of a host; the usual way when absent. */
  lookup?: LookupFunction;
}

export function createDirectTransport(settings: DirectSettings = {}): Transport {
  const { concurrency = 4, caPem = '', insecureSkipVerify = false, lookup } = settings;
  const options = { keepAlive: true, maxSockets: concurrency, ...(lookup ? { lookup } : {}) };
  const http = new HttpAgent(options);
  const https = new HttpsAgent({
    ...options,
    rejectUnauthorized: !insecureSkipVerify,
    ...(caPem === '' ? {} : { ca: [...rootCertificates, caPem] }),
  });
  return {
    send: async ({ method, url, headers, body, signal }) => {
      const isTls = url.protocol === 'https:';
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        const length = method === 'POST' ? { 'content-length': Buffer.byteLength(body) } : {};
        const sent = (isTls ? httpsRequest : httpRequest)(
          url,
          { method, agent: isTls ? https : http, headers: { ...headers, ...length }, signal },
          resolve,
        );
        sent.on('error', reject).end(method === 'POST' ? body : undefined);
      });
      const isPacked = response.headers['content-encoding'] === 'gzip';
      const chunks = isPacked
        ? response.pipe(createGunzip()).on('error', () => response.destroy())
        : response;
      return { status: response.statusCode ?? 0, chunks };
    },
    close: () => {
      http.destroy();
      https.destroy();
    },
  };
}
