import { lookup } from 'node:dns/promises';
import http from 'node:http';
import https from 'node:https';
import { BlockList, isIP } from 'node:net';
import { rootCertificates } from 'node:tls';
import type { Read } from '@ambit/contracts/agent/reads';
import { ReadError, type ReadSink } from '../../link/reads.ts';

type HttpRead = Extract<Read, { kind: 'http' }>;

/** What takes a POST that only reads: the query addresses of Prometheus' HTTP API, wherever it is mounted. */
const queries = /\/api\/v1\/(query|query_range|query_exemplars|series|labels|format_query)$/;

/** The pod's own device, the node's, and what clouds tell instances of themselves (credentials among it). */
const never = new BlockList();
never.addSubnet('127.0.0.0', 8, 'ipv4');
never.addSubnet('0.0.0.0', 8, 'ipv4');
never.addSubnet('169.254.0.0', 16, 'ipv4');
never.addAddress('::', 'ipv6');
never.addAddress('::1', 'ipv6');
never.addSubnet('fe80::', 10, 'ipv6');
never.addAddress('fd00:ec2::254', 'ipv6');

export interface HttpReadOptions {
  /** The API server: the agent's rights there are not for reads. */
  apiServer: URL;
  /** For an agent on a person's machine, whose servers are on loopback. */
  allowLoopback: boolean;
}

/** Asks a server as the platform wants it, and gives status and body on as they come. Redirects are not followed. */
export async function readHttp(
  read: HttpRead,
  { apiServer, allowLoopback }: HttpReadOptions,
  sink: ReadSink,
  signal: AbortSignal,
): Promise<void> {
  const url = new URL(read.url);
  if (url.host === apiServer.host) {
    throw new ReadError('refused', 'the API server of the cluster is not asked in this way');
  }
  if (read.method === 'POST' && !queries.test(url.pathname)) {
    throw new ReadError(
      'refused',
      `a POST to ${url.pathname} may change something; only queries are sent`,
    );
  }
  const address = await resolve(url.hostname.replace(/^\[|\]$/g, ''), allowLoopback);
  const answer = await send(read, url, address, signal);
  sink.status(answer.statusCode ?? 0);
  for await (const chunk of answer) await sink.write(chunk as Buffer);
}

async function resolve(host: string, allowLoopback: boolean): Promise<string> {
  const addresses = isIP(host)
    ? [host]
    : await lookup(host, { all: true }).then(
        (found) => found.map(({ address }) => address),
        () => {
          throw new ReadError('unreachable', `no address is known for ${host} in the cluster`);
        },
      );
  const isBad = (address: string) => {
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
    const isLoopback = plain === '::1' || plain.startsWith('127.');
    return (
      never.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4') && !(isLoopback && allowLoopback)
    );
  };
  const bad = addresses.find(isBad);
  if (bad !== undefined) {
    throw new ReadError('refused', `${host} is ${bad}, which is the agent's own or its node's`);
  }
  return addresses[0]!;
}

/** The connection is the agent's own; answers come unpacked, since nobody tells the reader how they were packed. */
const ownHeaders = new Set([
  'host',
  'connection',
  'upgrade',
  'content-length',
  'content-type',
  'transfer-encoding',
  'accept-encoding',
  'user-agent',
]);

const wantedHeaders = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => !ownHeaders.has(name.toLowerCase())),
  );

function send(
  read: HttpRead,
  url: URL,
  address: string,
  signal: AbortSignal,
): Promise<http.IncomingMessage> {
  const secure = url.protocol === 'https:';
  const isForm = read.method === 'POST';
  const options: https.RequestOptions = {
    method: read.method,
    signal,
    agent: false,
    headers: {
      ...wantedHeaders(read.headers),
      host: url.host,
      'user-agent': 'ambit-agent',
      ...(isForm
        ? {
            'content-type': 'application/x-www-form-urlencoded',
            'content-length': Buffer.byteLength(read.body),
          }
        : {}),
    },
    // The address that was looked at is the one that is asked: a name cannot change in between.
    lookup: (_host, { all }, done) => {
      const family = isIP(address);
      if (all) (done as unknown as (e: null, a: object[]) => void)(null, [{ address, family }]);
      else done(null, address, family);
    },
    ...(secure && read.ca ? { ca: [...rootCertificates, read.ca] } : {}),
  };
  return new Promise((taken, failed) => {
    const request = (secure ? https : http).request(url, options, taken);
    request.on('error', (error: NodeJS.ErrnoException) =>
      failed(
        signal.aborted
          ? error
          : new ReadError(
              'unreachable',
              `${url.origin} cannot be reached from the cluster: ${error.message}`,
            ),
      ),
    );
    request.end(isForm ? read.body : undefined);
  });
}
