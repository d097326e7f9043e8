import { isIP, type LookupFunction } from 'node:net';
import { createDirectTransport, type Transport } from '@ambit/telemetry/http/transport';
import { SourceError, type ProblemKind } from '@ambit/telemetry/source';
import { addressGuard } from '../alert/send/addresses.ts';
import { openRead } from '../agent-reads/ask.ts';
import type { Platform } from '../kernel/context.ts';
import { AmbitError } from '../kernel/errors.ts';
import type { OpenIntegration } from './settings.ts';

/** What reaching a server needs of the platform. */
export type Reacher = Pick<Platform, 'db' | 'now' | 'notifications' | 'alertAllow'>;

/** Longest answer that is taken of a server, in bytes. */
export const longestAnswer = 128 * 1024 * 1024;

/** How requests reach the server of an integration: from here, guarded, or through the agent of its cluster. */
export function transportOf(
  platform: Reacher,
  integration: OpenIntegration,
  concurrency = 4,
): Transport {
  return integration.settings.reach === 'agent'
    ? throughAgent(platform, integration)
    : guarded(platform, integration, concurrency);
}

/** Connects only to addresses that may be called, whatever a name says at that moment. */
function guarded(platform: Reacher, { settings }: OpenIntegration, concurrency: number): Transport {
  const guard = addressGuard(platform.alertAllow ?? []);
  const { caPem, insecureSkipVerify } = settings;
  const lookup: LookupFunction = (host, options, done) => {
    guard.resolve(host).then(
      (addresses) => {
        if (options.all) done(null, addresses);
        else done(null, addresses[0]!.address, addresses[0]!.family);
      },
      (error: unknown) => done(faultOf(error), ''),
    );
  };
  const direct = createDirectTransport({ concurrency, caPem, insecureSkipVerify, lookup });
  return {
    ...direct,
    send: async (request) => {
      const host = request.url.hostname.replace(/^\[(.*)\]$/, '$1');
      // An address needs no lookup, so it is looked at here.
      if (isIP(host) > 0) await guard.resolve(host).catch((error: unknown) => fail(error));
      return direct.send(request);
    },
  };
}

function throughAgent(platform: Reacher, integration: OpenIntegration): Transport {
  const { organisationId, clusterId, url: base, settings } = integration;
  return {
    send: async ({ method, url, headers, body, signal }) => {
      if (clusterId === null) throw new SourceError('unreachable', 'It belongs to no cluster.');
      const ca = settings.caPem === '' ? {} : { ca: settings.caPem };
      const { status, chunks } = await openRead(
        { platform, organisationId },
        clusterId,
        { kind: 'http', method, url: url.href, headers, body, ...ca },
        { timeoutMs: settings.timeoutMs, signal, maxBytes: longestAnswer, through: base },
      ).catch((error: unknown) => fail(error));
      return { status: status ?? 0, chunks: told(chunks) };
    },
    close: () => {},
  };
}

async function* told(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, void> {
  try {
    for await (const chunk of chunks) yield chunk;
  } catch (error) {
    fail(error);
  }
}

const kinds: Partial<Record<string, ProblemKind>> = {
  too_large: 'tooLarge',
  unavailable: 'unreachable',
  forbidden: 'refused',
  unprocessable: 'refused',
};

function fail(error: unknown): never {
  throw faultOf(error);
}

function faultOf(error: unknown): Error {
  if (error instanceof AmbitError) {
    const fix = error.fix === undefined ? '' : `: ${error.fix}`;
    return new SourceError(kinds[error.code] ?? 'unreachable', `${capital(error.message)}${fix}.`);
  }
  const cause = error instanceof Error ? (error.cause as NodeJS.ErrnoException | undefined) : null;
  if (cause?.code !== undefined) return cause;
  return error instanceof Error ? error : new Error(String(error));
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
