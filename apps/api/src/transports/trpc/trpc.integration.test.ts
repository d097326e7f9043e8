import { createTRPCClient, httpBatchLink, TRPCClientError } from '@trpc/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AppRouter, TrpcErrorData } from '@ambit/client/trpc';
import type { Role } from '@ambit/contracts/permissions';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const client = async (role: Role | null) => {
  const headers: Record<string, string> =
    role === null ? {} : { authorization: `Bearer ${await server.token(role)}` };
  return createTRPCClient<AppRouter>({
    links: [httpBatchLink({ url: `${server.url}/trpc`, headers })],
  });
};

const dataOf = async (call: Promise<unknown>): Promise<TrpcErrorData> => {
  const error: unknown = await call.then(
    () => expect.unreachable('the call was answered'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(TRPCClientError);
  return (error as TRPCClientError<AppRouter>).data as TrpcErrorData;
};

describe('the console’s door', () => {
  it('answers queries and mutations, several in one request, with the types of the catalogue', async () => {
    const trpc = await client('owner');
    const [me, projects] = await Promise.all([
      trpc.me.get.query({}),
      trpc.project.list.query({ limit: 1 }),
    ]);
    expect(me.role).toBe('owner');
    expect(projects.items[0]?.name).toBe('default');
    const made = await trpc.project.create.mutate({ name: 'by-trpc' });
    expect(made.meshes).toBe(0);
    const audit = await server.platform.db.system.auditEntry.findFirst({
      where: { target: made.id },
    });
    expect(audit?.door).toBe('console');
  });

  it('has the body of REST’s errors and the status in its errors', async () => {
    const trpc = await client('viewer');
    expect(await dataOf(trpc.project.create.mutate({ name: 'x' }))).toMatchObject({
      code: 'forbidden',
      httpStatus: 403,
      fix: expect.stringContaining('project.write'),
    });
    expect(await dataOf(trpc.mesh.get.query({ meshId: 'nonsense' }))).toMatchObject({
      code: 'invalid_input',
      details: [{ path: 'meshId' }],
      httpStatus: 400,
    });
    expect(await dataOf((await client(null)).me.get.query({}))).toMatchObject({
      code: 'unauthenticated',
      httpStatus: 401,
    });
  });

  it('answers an unknown path as not found', async () => {
    const response = await server.request('owner', '/trpc/mesh.explode');
    expect(response.status).toBe(404);
  });

  it('never shows the message of an error that nobody expected', async () => {
    const trpc = await client('owner');
    const broken = vi
      .spyOn(server.platform.db.system, '$transaction')
      .mockRejectedValueOnce(new Error('SELECT secret FROM vault'));
    const data = await dataOf(trpc.project.list.query({}));
    broken.mockRestore();
    expect(data).toMatchObject({ code: 'internal', httpStatus: 500 });
    expect(data.requestId).toMatch(/^req_/);
    expect(JSON.stringify(data)).not.toContain('vault');
  });
});
