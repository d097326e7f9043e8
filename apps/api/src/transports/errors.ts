import { errorStatus, type ErrorBody } from '@ambit/contracts/errors';
import { isDatabaseDown } from '@ambit/services/kernel/database-errors';
import { AmbitError } from '@ambit/services/kernel/errors';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Log } from '../platform/log.ts';

export interface ErrorAnswer {
  body: ErrorBody;
  status: ContentfulStatusCode;
}

/** The error itself when it may be shown; else it is logged, and one without its message takes its place. */
export const knownError = (error: unknown, requestId: string, log: Log): AmbitError =>
  error instanceof AmbitError ? error : unexpected(error, requestId, log);

/** What a person or program is told of an error. */
export function toErrorAnswer(error: unknown, requestId: string, log: Log): ErrorAnswer {
  const { code, message, fix, details } = knownError(error, requestId, log);
  return {
    status: errorStatus[code],
    body: {
      code,
      message,
      ...(fix ? { fix } : {}),
      ...(details && details.length > 0 ? { details } : {}),
      requestId,
    },
  };
}

function unexpected(error: unknown, requestId: string, log: Log): AmbitError {
  if (isDatabaseDown(error)) {
    log.warn({ err: error, requestId }, 'the database does not answer');
    return new AmbitError('unavailable', 'the database of the platform does not answer', {
      fix: 'try again in a moment; meshes keep working meanwhile',
    });
  }
  log.error({ err: error, requestId }, 'unexpected error');
  return new AmbitError('internal', 'something went wrong inside the platform', {
    fix: `the log has the cause under the request id ${requestId}`,
  });
}
