import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createClient } from '@ambit/client/sdk';
import {
  endLaunch,
  launchPlatform,
  newHome,
  processesOf,
  readAdmin,
  type Launch,
} from '@ambit/run/testing/launcher';
import { expect, test } from '@playwright/test';
import { SignInPage } from '../pages/sign-in.ts';

// Each has a platform of its own.
test.describe.configure({ mode: 'parallel' });

let home: string;
let launches: Launch[];
const start = (env: NodeJS.ProcessEnv = {}) => {
  const launch = launchPlatform({ AMBIT_HOME: home, AMBIT_PORT: '0', ...env });
  launches.push(launch);
  return launch;
};

test.beforeEach(() => {
  home = newHome();
  launches = [];
});
test.afterEach(async () => {
  await Promise.all(launches.map(endLaunch));
  rmSync(home, { recursive: true, force: true });
});

/** Every process of the platform that the launcher noted, and Postgres. */
function processIds(): number[] {
  const noted = processesOf(home);
  const { data } = JSON.parse(readFileSync(join(home, 'postgres', 'cluster.json'), 'utf8')) as {
    data: string;
  };
  const postgres = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
  return [...noted.map(({ pid }) => pid), postgres];
}

const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`);

test('the sign-in is written for scripts, closed to others, and its token works', async () => {
  const first = start();
  await first.ready;
  const admin = readAdmin(home);
  expect(statSync(join(home, 'admin.json')).mode & 0o777).toBe(0o600);
  const me = await createClient(admin).me.get({});
  expect(me.role).toBe('owner');
  expect(me.organisation.id).toBe(admin.organisationId);
  expect(first.output()).toContain(admin.url);
  expect(first.output()).toContain(admin.password);
});

test('the first page guides a new user to join a cluster', async ({ page }) => {
  await start().ready;
  const { url, email, password } = readAdmin(home);
  await page.goto(url);
  await new SignInPage(page).submit(email, password);
  await page.getByRole('main').getByRole('link', { name: 'Join cluster' }).click();
  await expect(page.getByRole('dialog', { name: 'Join a cluster' })).toBeVisible();
});

test('a stop leaves no process and keeps the state; the second start builds nothing', async () => {
  const first = start();
  await first.ready;
  const before = readAdmin(home);
  await createClient(before).cluster.join({ name: 'kept' });
  const processes = processIds();
  expect(processes.filter(isAlive)).toHaveLength(4);
  expect(await endLaunch(first)).toBe(0);
  expect(processes.filter(isAlive)).toEqual([]);
  const second = start();
  await second.ready;
  expect(second.output()).not.toMatch(/building|bundling|generating/);
  const after = readAdmin(home);
  expect({ ...after, url: before.url }).toEqual(before);
  const { items } = await createClient(after).cluster.list({});
  expect(items.map(({ name }) => name)).toEqual(['kept']);
});

test('after kill -9 the next start ends what was left, and serves the same data', async () => {
  const first = start();
  await first.ready;
  await createClient(readAdmin(home)).cluster.join({ name: 'kept' });
  const left = processIds();
  first.child.kill('SIGKILL');
  await first.ended;
  expect(left.filter(isAlive)).toHaveLength(4);
  const second = start();
  await second.ready;
  expect(second.output()).toContain('cut off');
  expect(left.filter(isAlive)).toEqual([]);
  const { items } = await createClient(readAdmin(home)).cluster.list({});
  expect(items.map(({ name }) => name)).toEqual(['kept']);
});

test('a second start of the same state says where the first one runs', async () => {
  const first = start();
  await first.ready;
  const second = start();
  expect(await second.ended).toBe(1);
  expect(second.output()).toContain(`Ambit already runs`);
  expect(second.output()).toContain(readAdmin(home).url);
  expect(second.output()).toContain(`process ${first.child.pid}`);
});

test('a port in use is told with who has it and how to take another', async () => {
  const other = createServer();
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
  const address = other.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const launch = start({ AMBIT_PORT: String(port) });
  expect(await launch.ended).toBe(1);
  expect(launch.output()).toContain(`port ${port} is in use by process ${process.pid}`);
  expect(launch.output()).toMatch(/AMBIT_PORT=\d+ npm start/);
  other.close();
});

test('a wrong variable is told by its name', async () => {
  const launch = start({ AMBIT_PORT: 'http' });
  expect(await launch.ended).toBe(1);
  expect(launch.output()).toContain('AMBIT_PORT is "http"');
});

test('a database that cannot be reached is told with its address, not its password', async () => {
  const launch = start({ AMBIT_DATABASE_URL: 'postgresql://ambit:secret@127.0.0.1:9/ambit' });
  expect(await launch.ended).toBe(1);
  expect(launch.output()).toContain('127.0.0.1:9');
  expect(launch.output()).not.toContain('secret');
});

test('a program that crashes is started again', async () => {
  const first = start();
  await first.ready;
  const client = createClient(readAdmin(home));
  const server = processesOf(home).find(({ name }) => name === 'server');
  process.kill(server!.pid, 'SIGKILL');
  await expect.poll(() => first.output()).toContain('server was ended by SIGKILL');
  await expect
    .poll(() =>
      client.me.get({}).then(
        () => 'up',
        () => 'down',
      ),
    )
    .toBe('up');
});
