import { newId } from '@ambit/contracts/ids';
import type { HttpBindings } from '@hono/node-server';
import { createMiddleware } from 'hono/factory';
import { bodyLimit } from 'hono/body-limit';
import { AmbitError } from '@ambit/services/kernel/errors';
import type { Context } from 'hono';
import { describeRequestSpan, inSpan } from '../platform/tracing.ts';
import type { Process } from '../platform/platform.ts';
import { toErrorAnswer } from './errors.ts';

/** What every HTTP handler finds in its context. */
export interface DoorEnv {
  Bindings: HttpBindings;
  Variables: {
    requestId: string;
    /** Name of what is done, for metrics, logs and traces: an operation id or a door. */
    operation: string;
  };
}

export const maxBodyBytes = 4 * 1024 * 1024;

/** Gives each request an id, a span, a measured duration and a log line. */
export function observed(platform: Process) {
  return createMiddleware<DoorEnv>(async (c, next) => {
    const requestId = newId('request');
    const begin = performance.now();
    c.set('requestId', requestId);
    c.set('operation', 'other');
    const { method, path } = c.req;
    const traceparent = c.req.header('traceparent');
    await inSpan(
      `${method} ${path.split('/', 3).join('/')}`,
      { 'http.request.method': method, 'ambit.request_id': requestId },
      async () => {
        await next();
        describeRequestSpan(`${method} ${c.get('operation')}`, c.res.status);
      },
      traceparent ? { traceparent } : {},
    );
    c.header('x-request-id', c.get('requestId'));
    const seconds = (performance.now() - begin) / 1000;
    const { status } = c.res;
    const operation = c.get('operation');
    platform.metrics.httpSeconds.observe({ operation, method, status }, seconds);
    const line = {
      requestId: c.get('requestId'),
      method,
      path,
      status,
      operation,
      ms: Math.round(seconds * 1000),
    };
    if (status >= 500) platform.log.warn(line, 'request failed');
    else if (isChange(method, operation)) platform.log.info(line, 'change');
    else platform.log.debug(line, 'request');
  });
}

/** Changes are worth a line; agents report too often for that. */
const isChange = (method: string, operation: string): boolean =>
  method !== 'GET' && method !== 'HEAD' && operation !== 'agent';

/** Answers an error in the one form every door has. */
export function answerError(platform: Process, c: Context<DoorEnv>, error: unknown): Response {
  const requestId = c.get('requestId') ?? newId('request');
  const { body, status } = toErrorAnswer(error, requestId, platform.log);
  if (status === 401) c.header('www-authenticate', 'Bearer');
  // The rest of the body stays unread, so the connection cannot carry another request.
  if (status === 413) c.header('connection', 'close');
  return c.json(body, status, { 'x-request-id': requestId });
}

/** Refuses bodies above 4 MB, told or not told by content-length. */
export const limitedBody = bodyLimit({
  maxSize: maxBodyBytes,
  onError: (c) => {
    const bytes = Number(c.req.header('content-length'));
    const size = bytes > 0 ? `${bytes} bytes long` : 'longer';
    throw new AmbitError('too_large', `the body is ${size}; at most ${maxBodyBytes} are taken`, {
      fix: 'send less at once, for example one file of policies a request',
    });
  },
});
