import type { OperationContract } from '@ambit/contracts/operation';
import { AmbitError } from '@ambit/services/kernel/errors';
import { execute } from '@ambit/services/kernel/execute';
import { registry } from '@ambit/services/registry';
import { Hono, type Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Process } from '../../platform/platform.ts';
import { findCaller, type CallerOptions } from '../auth/caller.ts';
import { contracts } from '../contracts.ts';
import { answerError, type DoorEnv } from '../door.ts';
import { openApiDocument } from './openapi.ts';
import { requestInput } from './request-input.ts';

/** The REST door: one route a contract of the catalogue, and the description of them all. */
export function restApp(platform: Process, callers: CallerOptions): Hono<DoorEnv> {
  const app = new Hono<DoorEnv>();

  let openApi: string | undefined;
  app.get('/v1/openapi.json', (c) => {
    c.set('operation', 'openapi');
    openApi ??= JSON.stringify(openApiDocument(platform.publicUrl));
    return c.body(openApi, 200, { 'content-type': 'application/json' });
  });

  for (const contract of contracts) {
    const path = contract.rest.path.replaceAll(/\{(\w+)\}/g, ':$1');
    app.on(contract.rest.method, path, async (c) => {
      c.set('operation', contract.id);
      return answer(c, contract, await run(platform, callers, contract, c));
    });
  }
  return app;
}

async function run(
  platform: Process,
  callers: CallerOptions,
  contract: OperationContract,
  c: Context<DoorEnv>,
): Promise<unknown> {
  const caller = await findCaller(callers, {
    method: c.req.method,
    headers: c.req.raw.headers,
    door: c.req.header('user-agent')?.startsWith('ambit-cli') ? 'cli' : 'rest',
    requestId: c.get('requestId'),
    setCookie: (cookie) => c.header('set-cookie', cookie, { append: true }),
  });
  const implementation = registry.get(contract.id);
  if (!implementation) throw new Error(`nothing implements ${contract.id}`);
  const input = await requestInput(contract, c);
  return execute(platform, implementation, caller, input);
}

function answer(c: Context<DoorEnv>, contract: OperationContract, output: unknown): Response {
  const status = contract.rest.status ?? 200;
  if (status === 204) return c.body(null, 204);
  const version = (output as { version?: unknown } | null)?.version;
  if (typeof version === 'number') c.header('etag', `"${version}"`);
  c.header('cache-control', 'no-store');
  return c.json(output as object, status as ContentfulStatusCode);
}

/** Answers what no route of an API took: 405 where another method would do, else 404. */
export function unknownRoute(platform: Process, c: Context<DoorEnv>): Response {
  const { method, path } = c.req;
  const methods = methodsOf(path);
  if (methods.length > 0) {
    const { body } = errorOf(`${path} does not take ${method}`, `it takes ${methods.join(', ')}`);
    c.header('allow', methods.join(', '));
    return c.json({ ...body, requestId: c.get('requestId') }, 405);
  }
  return answerError(
    platform,
    c,
    new AmbitError('not_found', `there is no ${method} ${path}`, {
      fix: 'every route is described at /v1/openapi.json',
    }),
  );
}

const errorOf = (message: string, fix: string) => ({
  body: { code: 'invalid_input' as const, message, fix },
});

function methodsOf(path: string): string[] {
  const segments = path.split('/');
  const fits = contracts.filter(({ rest }) => {
    const wanted = rest.path.split('/');
    return (
      wanted.length === segments.length &&
      wanted.every((part, i) => part.startsWith('{') || part === segments[i])
    );
  });
  return [...new Set(fits.map(({ rest }) => rest.method))].sort();
}
