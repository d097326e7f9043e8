import { contractFields } from './fields.ts';
import type { OperationContract } from '@ambit/contracts/operation';
import { AmbitError, invalid } from '@ambit/services/kernel/errors';
import type { Context } from 'hono';

/** Methods whose input comes as query parameters; all others have a JSON body. */
export const takesQuery = (method: string): boolean => method === 'GET' || method === 'DELETE';

/**
 * The input of a verb from path, query or body, and If-Match.
 * @throws AmbitError invalid_input, precondition_required
 */
export async function requestInput(
  contract: OperationContract,
  c: Context,
): Promise<Record<string, unknown>> {
  const { method } = contract.rest;
  const given = takesQuery(method) ? c.req.query() : await jsonBody(c);
  const { unknown } = contractFields(contract, Object.keys(given));
  if (unknown.length > 0) {
    throw invalid(
      'the request has fields that this operation does not know',
      unknown.map((path) => ({ path, message: 'not a field of this operation' })),
      'the fields are listed at /v1/openapi.json',
    );
  }
  return {
    ...given,
    ...c.req.param(),
    ...(contract.versioned ? { version: expectedVersion(c) } : {}),
  };
}

export async function jsonBody(c: Context): Promise<Record<string, unknown>> {
  const text = await c.req.text();
  if (text.trim() === '') return {};
  const type = c.req.header('content-type') ?? '';
  if (!/^application\/([a-z.+-]+\+)?json\b/i.test(type)) {
    throw invalid(
      type ? `the body is sent as ${type}` : 'the body has no content-type',
      [],
      'send JSON with content-type: application/json',
    );
  }
  const body = parseJson(text);
  if (body !== null && typeof body === 'object' && !Array.isArray(body)) {
    return body as Record<string, unknown>;
  }
  throw invalid('the body must be a JSON object');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const line = /line (\d+)/.exec(why)?.[1];
    throw new AmbitError('invalid_input', 'the body is not valid JSON', {
      details: [{ path: '', message: why, ...(line ? { line: Number(line) } : {}) }],
    });
  }
}

function expectedVersion(c: Context): number {
  const header = c.req.header('if-match');
  if (header === undefined) {
    throw new AmbitError('precondition_required', 'this change needs the version it is based on', {
      fix: 'read the resource, then send its ETag back as If-Match: "<version>"',
    });
  }
  const version = /^(?:W\/)?"?(\d{1,15})"?$/.exec(header.trim())?.[1];
  if (version !== undefined) return Number(version);
  throw invalid(
    `If-Match is ${header}, which is no version of ours`,
    [{ path: 'If-Match', message: 'expected one version such as "3"' }],
    'send the ETag of the resource as it was answered',
  );
}
