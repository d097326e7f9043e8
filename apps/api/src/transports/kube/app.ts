import type { RequestListener } from 'node:http';
import { errorStatus } from '@ambit/contracts/errors';
import { newId } from '@ambit/contracts/ids';
import type { KubeApi } from '@ambit/kube-api/api';
import type { ApiRequest, ApiResponse } from '@ambit/kube-api/engine';
import { nodeListener } from '@ambit/kube-api/http/node';
import { ApiError, unauthorized } from '@ambit/kube-api/status';
import { valueResponse } from '@ambit/kube-api/verbs/respond';
import { isDatabaseDown } from '@ambit/services/kernel/database-errors';
import { AmbitError } from '@ambit/services/kernel/errors';
import type { MeshApis } from '@ambit/services/mesh-api/mesh-apis';
import type { Process } from '../../platform/platform.ts';
import { describeRequestSpan, inSpan } from '../../platform/tracing.ts';
import { findCaller, organisationHeader, type CallerOptions } from '../auth/caller.ts';
import { rememberCallers } from './remember-callers.ts';

const place = /^\/k8s\/([^/?]+)/;

export const isKubePath = (url: string): boolean => place.test(url);

/**
 * The Kubernetes API of each mesh below /k8s/{meshId}, for kubectl and all that speaks its language. It stands
 * beside the other doors' application, since watches write to the connection themselves.
 */
export function kubeListener(
  platform: Process,
  callers: CallerOptions,
  apis: MeshApis,
): RequestListener {
  const recall = rememberCallers();
  return (incoming, outgoing) => {
    const meshId = place.exec(incoming.url ?? '')?.[1] ?? '';
    const requestId = newId('request');
    const begin = performance.now();
    outgoing.setHeader('x-request-id', requestId);
    const respond = (request: ApiRequest): Promise<ApiResponse> => {
      const traceparent = request.header('traceparent');
      return inSpan(
        `${request.method} /k8s`,
        {
          'http.request.method': request.method,
          'ambit.request_id': requestId,
          'ambit.mesh': meshId,
        },
        async () => {
          const answer = await answerOf(request).catch((error: unknown) =>
            errorResponse(toApiError(error, platform, requestId)),
          );
          describeRequestSpan(`${request.method} kube`, answer.status);
          observe(request.method, answer.status);
          return answer;
        },
        traceparent ? { traceparent } : {},
      );
    };

    async function answerOf(request: ApiRequest): Promise<ApiResponse> {
      const headers = toHeaders(incoming.headersDistinct);
      const find = () =>
        findCaller(callers, { method: request.method, headers, door: 'kubectl', requestId });
      // Only a token says the same whatever else the request holds.
      const authorization = headers.get('authorization');
      const isPlain = authorization !== null && !headers.has(organisationHeader);
      const caller = await (isPlain ? recall(authorization, find) : find());
      return apis.respond({ ...caller, requestId }, meshId, request);
    }

    function observe(method: string, status: number): void {
      const seconds = (performance.now() - begin) / 1000;
      platform.metrics.httpSeconds.observe({ operation: 'kube', method, status }, seconds);
      const path = (incoming.url ?? '').split('?', 1)[0];
      const line = { requestId, method, path, status, ms: Math.round(seconds * 1000) };
      if (status >= 500) platform.log.warn(line, 'request failed');
      else if (method === 'GET') platform.log.debug(line, 'request');
      else platform.log.info(line, 'change');
    }

    // The listener uses no more of an API than these two.
    const api = { respond, basePath: `/k8s/${meshId}` } as KubeApi;
    nodeListener(() => api)(incoming, outgoing);
  };
}

function toHeaders(distinct: NodeJS.Dict<string[]>): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(distinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const basic = /^basic\s+(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1];
  if (basic !== undefined) headers.set('authorization', `Bearer ${passwordOf(basic)}`);
  return headers;
}

/** Without TLS kubectl sends no bearer token, but what stands in the server's address. */
const passwordOf = (basic: string): string =>
  Buffer.from(basic, 'base64')
    .toString('utf8')
    .replace(/^[^:]*:/, '');

function toApiError(error: unknown, { log }: Process, requestId: string): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof AmbitError) {
    const { code, message } = error;
    if (code === 'unauthenticated') return unauthorized(message);
    if (code === 'unavailable') return unavailable(message);
    const reason = { forbidden: 'Forbidden', not_found: 'NotFound' }[code as string];
    return new ApiError(errorStatus[code], reason ?? 'BadRequest', message);
  }
  if (isDatabaseDown(error)) return unavailable('the database of the platform does not answer');
  log.error({ err: error, requestId }, 'unexpected error');
  return new ApiError(
    500,
    'InternalError',
    `something went wrong inside the platform; the log has the cause under the request id ${requestId}`,
  );
}

const unavailable = (message: string): ApiError =>
  new ApiError(
    503,
    'ServiceUnavailable',
    message,
    { retryAfterSeconds: 2 },
    { 'retry-after': '2' },
  );

function errorResponse({ code, status, headers }: ApiError): ApiResponse {
  const answer = valueResponse(code, status);
  return { ...answer, headers: { ...answer.headers, ...headers } };
}
