import { catalogue } from '@ambit/contracts/catalogue';
import { errorCodes, type ErrorBody, type ErrorCode } from '@ambit/contracts/errors';
import type { OperationContract } from '@ambit/contracts/operation';
import type { Caller } from '@ambit/services/kernel/context';
import { AmbitError } from '@ambit/services/kernel/errors';
import { execute } from '@ambit/services/kernel/execute';
import { registry } from '@ambit/services/registry';
import { initTRPC, TRPCError, type TRPC_ERROR_CODE_KEY } from '@trpc/server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { Hono } from 'hono';
import type { Process } from '../../platform/platform.ts';
import { findCaller, type CallerOptions } from '../auth/caller.ts';
import type { DoorEnv } from '../door.ts';
import { knownError, toErrorAnswer } from '../errors.ts';

interface TrpcContext {
  requestId: string;
  /** Found once an HTTP request, however many calls it carries. */
  caller: () => Promise<Caller>;
}

const trpcCodes: Record<ErrorCode, TRPC_ERROR_CODE_KEY> = {
  invalid_input: 'BAD_REQUEST',
  unauthenticated: 'UNAUTHORIZED',
  forbidden: 'FORBIDDEN',
  not_found: 'NOT_FOUND',
  conflict: 'CONFLICT',
  precondition_failed: 'PRECONDITION_FAILED',
  too_large: 'PAYLOAD_TOO_LARGE',
  unprocessable: 'UNPROCESSABLE_CONTENT',
  precondition_required: 'PRECONDITION_REQUIRED',
  rate_limited: 'TOO_MANY_REQUESTS',
  internal: 'INTERNAL_SERVER_ERROR',
  unavailable: 'SERVICE_UNAVAILABLE',
};

/** The console's door: `domain.verb` of the catalogue, a query or a mutation by its kind. */
export function trpcApp(platform: Process, callers: CallerOptions): Hono<DoorEnv> {
  const router = makeRouter(platform);
  const app = new Hono<DoorEnv>();
  app.all('/trpc/*', (c) => {
    const requestId = c.get('requestId');
    c.set('operation', `trpc:${c.req.path.slice('/trpc/'.length).split(',', 1)[0] ?? ''}`);
    let found: Promise<Caller> | undefined;
    const headers = new Headers({ 'cache-control': 'no-store' });
    return fetchRequestHandler({
      endpoint: '/trpc',
      req: c.req.raw,
      router,
      allowMethodOverride: true,
      createContext: (): TrpcContext => ({
        requestId,
        caller: () =>
          (found ??= findCaller(callers, {
            method: c.req.method,
            headers: c.req.raw.headers,
            door: 'console',
            requestId,
            setCookie: (cookie) => headers.append('set-cookie', cookie),
          })),
      }),
      responseMeta: () => ({ headers }),
    });
  });
  return app;
}

function makeRouter(platform: Process) {
  const t = initTRPC.context<TrpcContext>().create({
    errorFormatter: ({ error, shape, ctx }) => {
      const { body, status } = toErrorAnswer(causeOf(error), ctx?.requestId ?? '', platform.log);
      const data: ErrorBody & { httpStatus: number } = { ...body, httpStatus: status };
      return { ...shape, message: body.message, data };
    },
  });

  const procedure = (contract: OperationContract) => {
    const base = t.procedure.input((raw: unknown) => raw);
    const resolve = async ({ ctx, input }: { ctx: TrpcContext; input: unknown }) => {
      try {
        const implementation = registry.get(contract.id);
        if (!implementation) throw new Error(`nothing implements ${contract.id}`);
        return await execute(platform, implementation, await ctx.caller(), input ?? {});
      } catch (error) {
        const cause = knownError(error, ctx.requestId, platform.log);
        throw new TRPCError({ code: trpcCodes[cause.code], message: cause.message, cause });
      }
    };
    return contract.kind === 'query' ? base.query(resolve) : base.mutation(resolve);
  };

  return t.router(
    Object.fromEntries(
      Object.entries(catalogue).map(([domain, verbs]) => [
        domain,
        Object.fromEntries(
          Object.entries(verbs).map(([verb, contract]) => [
            verb,
            procedure(contract as OperationContract),
          ]),
        ),
      ]),
    ),
  );
}

/** Errors of tRPC itself (no such path, unreadable input) have no cause of ours. */
function causeOf(error: TRPCError): unknown {
  if (error.cause instanceof AmbitError) return error.cause;
  const own = errorCodes.find((code) => trpcCodes[code] === error.code);
  if (own === undefined && error.code === 'METHOD_NOT_SUPPORTED') {
    return new AmbitError('invalid_input', error.message);
  }
  const told = own === 'not_found' || own === 'invalid_input' || own === 'too_large';
  return told ? new AmbitError(own, error.message) : (error.cause ?? error);
}
