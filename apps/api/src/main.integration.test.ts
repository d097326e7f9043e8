import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { freePort } from '@ambit/db/free-port';
import { testDatabase } from '@ambit/db/testing/test-database';
import { exitCodes } from './platform/start.ts';
import { cuttableProxy } from './testing/cuttable-proxy.ts';
import { runProgram, type Program } from './testing/program.ts';

let db: Awaited<ReturnType<typeof testDatabase>>;
let owner: { email: string; password: string; token: string };
beforeAll(async () => {
  db = await testDatabase();
  const setup = runProgram('setup.ts', { AMBIT_DATABASE_URL: db.url });
  expect(await setup.ended).toBe(0);
  owner = JSON.parse(setup.output());
});
afterAll(() => db.drop());

const running: Program[] = [];
afterEach(async () => {
  for (const program of running) program.kill('SIGKILL');
  await Promise.all(running.splice(0).map((program) => program.ended));
});

const run = (name: string, env: Record<string, string>): Program => {
  const program = runProgram(name, env);
  running.push(program);
  return program;
};

const withUrl = (change: (url: URL) => void): string => {
  const url = new URL(db.url);
  change(url);
  return url.href;
};

const waitFor = <T>(check: () => Promise<T> | T) =>
  vi.waitFor(check, { timeout: 100_000, interval: 50 });

describe('a start that cannot succeed ends with one sentence that says what to do', () => {
  const fails = async (env: Record<string, string>, code: number, name = 'main.ts') => {
    const program = run(name, env);
    expect(await program.ended).toBe(code);
    expect(program.output()).not.toMatch(/\n\s+at /);
    return program.output();
  };

  it('when no database is named', async () => {
    expect(await fails({}, exitCodes.config)).toContain('AMBIT_DATABASE_URL is not set');
  });

  it('when variables are wrong, all of them, without passwords', async () => {
    const text = await fails(
      { AMBIT_DATABASE_URL: 'mysql://me:hush@db/x', AMBIT_PORT: '99999', AMBIT_LOG_LEVEL: 'loud' },
      exitCodes.config,
    );
    expect(text.trim().split('\n')).toHaveLength(3);
    expect(text).toContain('AMBIT_PORT is "99999"');
    expect(text).toContain('AMBIT_LOG_LEVEL is "loud": expected one of');
    expect(text).not.toContain('hush');
  });

  it.each(['main.ts', 'setup.ts'])('when the database does not exist (%s)', async (name) => {
    const AMBIT_DATABASE_URL = withUrl((url) => (url.pathname = '/missing'));
    const text = await fails({ AMBIT_DATABASE_URL }, exitCodes.database, name);
    expect(text).toContain('AMBIT_DATABASE_URL');
    expect(text).toContain('there is no database "missing"');
    expect(text).toContain('CREATE DATABASE missing');
    expect(text).not.toContain(':ambit@');
  });

  it('when the password is wrong', async () => {
    const AMBIT_DATABASE_URL = withUrl((url) => (url.password = 'wrong-password'));
    const text = await fails({ AMBIT_DATABASE_URL }, exitCodes.database);
    expect(text).toContain('refuses the user "ambit"');
    expect(text).not.toContain('wrong-password');
  });

  it('when the host is not known', async () => {
    const AMBIT_DATABASE_URL = withUrl((url) => (url.hostname = 'db.invalid'));
    expect(await fails({ AMBIT_DATABASE_URL }, exitCodes.database)).toContain('is not known');
  });

  it('when the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    const text = await fails(
      { AMBIT_DATABASE_URL: db.url, AMBIT_PORT: String(port) },
      exitCodes.portInUse,
    );
    expect(text).toContain(`127.0.0.1:${port} is in use`);
    expect(text).toContain('AMBIT_PORT');
    other.close();
  });

  it('when the release catalogue is not one', async () => {
    const text = await fails(
      { AMBIT_DATABASE_URL: db.url, AMBIT_RELEASES: '/nowhere/releases.json' },
      exitCodes.config,
    );
    expect(text).toContain('AMBIT_RELEASES names /nowhere/releases.json');
  });
});

describe('a server', () => {
  const start = async (env: Record<string, string>) => {
    const port = await freePort();
    const program = run('main.ts', { AMBIT_PORT: String(port), ...env });
    const url = `http://127.0.0.1:${port}`;
    const ready = async () => (await fetch(`${url}/readyz`)).status;
    await waitFor(async () => expect(await ready()).toBe(200));
    return { program, url, ready };
  };

  it('answers 503 while its database is away, and serves again without a restart', async () => {
    const target = new URL(inject('databaseUrl'));
    const proxy = await cuttableProxy({ host: target.hostname, port: Number(target.port) });
    const AMBIT_DATABASE_URL = withUrl((url) => (url.port = String(proxy.port)));
    const { program, url, ready } = await start({ AMBIT_DATABASE_URL });
    const me = () => fetch(`${url}/v1/me`, { headers: { authorization: 'Bearer ambit_unknown' } });
    expect((await me()).status).toBe(401);
    const cookie = await signedIn(url);
    const byCookie = () => fetch(`${url}/v1/me`, { headers: { cookie } });
    expect((await byCookie()).status).toBe(200);
    proxy.cut();
    await waitFor(async () => expect(await ready()).toBe(503));
    const response = await me();
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ code: 'unavailable' });
    expect((await byCookie()).status).toBe(503);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const signIn = await fetch(`${url}/auth/sign-in/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: url },
      body: JSON.stringify({ email: 'a@example.com', password: 'some password' }),
    });
    expect(signIn.status).toBe(503);
    proxy.mend();
    await waitFor(async () => expect(await ready()).toBe(200));
    expect((await byCookie()).status).toBe(200);
    await waitFor(() => expect(program.output()).toContain('connecting again'));
    program.kill('SIGTERM');
    expect(await program.ended).toBe(0);
    await proxy.close();
  });

  it('does not start on a database that was never migrated', async () => {
    await db.pool.query('CREATE DATABASE never_migrated');
    const AMBIT_DATABASE_URL = withUrl((url) => (url.pathname = '/never_migrated'));
    const program = run('main.ts', { AMBIT_DATABASE_URL, AMBIT_PORT: String(await freePort()) });
    expect(await program.ended).toBe(exitCodes.database);
    expect(program.output()).toContain('setup.ts');
    await db.pool.query('DROP DATABASE never_migrated');
  });

  it('stops at SIGTERM with open event streams, and tells them', async () => {
    const { program, url } = await start({ AMBIT_DATABASE_URL: db.url });
    const stream = await fetch(`${url}/v1/events`, {
      headers: { authorization: `Bearer ${owner.token}` },
    });
    const reader = stream.body!.getReader();
    await reader.read();
    program.kill('SIGTERM');
    expect(await program.ended).toBe(0);
    for (;;) if ((await reader.read()).done) break;
    expect(program.output()).toContain('"msg":"stopped"');
  });

  it('answers people a page that says what is missing when there is no console', async () => {
    const { url } = await start({
      AMBIT_DATABASE_URL: db.url,
      AMBIT_CONSOLE_URL: `http://127.0.0.1:${await freePort()}`,
    });
    const page = await fetch(`${url}/meshes`);
    expect(page.status).toBe(503);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).toContain('does not answer');
  });
});

async function signedIn(url: string): Promise<string> {
  const response = await fetch(`${url}/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ email: owner.email, password: owner.password }),
  });
  expect(response.status).toBe(200);
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';', 1)[0])
    .join('; ');
}

describe('the first run', () => {
  it('makes one owner, also when two run at once, and nothing the next time', async () => {
    await db.pool.query('CREATE DATABASE first_run');
    const AMBIT_DATABASE_URL = withUrl((url) => (url.pathname = '/first_run'));
    const both = [run('setup.ts', { AMBIT_DATABASE_URL }), run('setup.ts', { AMBIT_DATABASE_URL })];
    expect(await Promise.all(both.map((program) => program.ended))).toEqual([0, 0]);
    const results = both.map(
      (program) => JSON.parse(program.output()) as Record<string, string | boolean | null>,
    );
    expect(results.map((result) => result.created).sort()).toEqual([false, true]);
    const made = results.find((result) => result.created);
    expect(made).toMatchObject({
      email: 'admin@ambit.local',
      organisationId: expect.stringMatching(/^org_/),
      token: expect.stringMatching(/^ambit_/),
      password: expect.stringMatching(/^[a-z0-9]{5}(-[a-z0-9]{5}){3}$/),
    });
    await db.pool.query('DROP DATABASE first_run');
  });
});
