import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { AddressGuard } from './addresses.ts';

export interface Answer {
  status: number;
  /** The beginning of the body. */
  text: string;
  /** Seconds that the receiver asks to wait; null when it asks nothing. */
  retryAfterSeconds: number | null;
}

const mostAnswerBytes = 2_000;

/**
 * Posts a body to an address of a user. Connects only to addresses that the guard lets through, whatever the name says
 * at that moment; follows no redirect; reads no more than the beginning of the answer.
 * @throws Error when there is no answer within the time
 */
export async function post(
  guard: AddressGuard,
  url: string,
  body: string,
  headers: Record<string, string>,
  timeoutMs: number,
): Promise<Answer> {
  const target = new URL(url);
  // Resolved once and pinned: a name that changes between the check and the connection changes nothing.
  const addresses = await guard.resolve(target.hostname);
  const lookup: LookupFunction = (_host, options, done) => {
    if (options.all) done(null, addresses);
    else done(null, addresses[0]!.address, addresses[0]!.family);
  };
  const send = target.protocol === 'https:' ? requestHttps : requestHttp;
  const signal = AbortSignal.timeout(timeoutMs);
  return new Promise<Answer>((resolve, reject) => {
    const outgoing = send(
      target,
      {
        method: 'POST',
        lookup,
        signal,
        agent: false,
        headers: {
          'content-type': 'application/json',
          'content-length': String(Buffer.byteLength(body)),
          'user-agent': 'Ambit',
          connection: 'close',
          ...headers,
        },
      },
      (answer) => {
        const parts: Buffer[] = [];
        let size = 0;
        const retryAfter = Number(answer.headers['retry-after'] ?? Number.NaN);
        const done = () => {
          resolve({
            status: answer.statusCode ?? 0,
            text: Buffer.concat(parts).subarray(0, mostAnswerBytes).toString('utf8'),
            retryAfterSeconds: Number.isFinite(retryAfter) ? retryAfter : null,
          });
          answer.destroy();
        };
        answer.on('data', (part: Buffer) => {
          parts.push(part);
          size += part.length;
          if (size >= mostAnswerBytes) done();
        });
        answer.once('end', done);
        // The status is known, which is what counts.
        answer.once('error', done);
      },
    );
    outgoing.once('error', (error) => {
      reject(
        signal.aborted
          ? new Error(`no answer within ${timeoutMs / 1000} s`, { cause: error })
          : error,
      );
    });
    outgoing.end(body);
  });
}
