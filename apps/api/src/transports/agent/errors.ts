import type { Context } from 'hono';
import { errorStatus, type ErrorBody } from '@ambit/contracts/errors';
import { AmbitError } from '@ambit/services/kernel/errors';
import type { Log } from '../../platform/log.ts';

/** Answers an error of the agent link; one that nobody threw on purpose is logged and never shown. */
export function answerError(c: Context, error: unknown, requestId: string, log: Log): Response {
  const known =
    error instanceof AmbitError
      ? error
      : new AmbitError('internal', 'something went wrong in the platform; the agent tries again');
  if (known !== error) log.error({ err: error, requestId, path: c.req.path }, 'agent link failed');
  const body: ErrorBody = {
    code: known.code,
    message: known.message,
    ...(known.fix ? { fix: known.fix } : {}),
    ...(known.details ? { details: known.details } : {}),
    requestId,
  };
  return c.json(body, errorStatus[known.code]);
}
