import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isAlive } from './processes.ts';
import { startEmbeddedPostgres } from './start.ts';

let folder: string;
let said: string[];
const start = () =>
  startEmbeddedPostgres({ folder, say: (line) => said.push(line), temporary: true });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ambit-embedded-'));
  said = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('what was committed is there after a stop and a second start, on the same port', async () => {
  const first = await start();
  await first.ensureDatabase('ambit');
  await ask(first.url('ambit'), 'CREATE TABLE kept AS SELECT 7 AS n');
  await first.stop();
  const second = await start();
  await second.ensureDatabase('ambit');
  expect(await ask(second.url('ambit'), 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
  expect(second.port).toBe(first.port);
  await second.stop();
});

test('an initdb that was cut short is done again', async () => {
  mkdirSync(join(folder, 'data', 'base'), { recursive: true });
  writeFileSync(join(folder, 'data', 'PG_VERSION'), '18\n');
  const postgres = await start();
  expect(said.join()).toContain('cut short');
  expect(await ask(postgres.url('postgres'), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await postgres.stop();
});

test('a server left running by an earlier start is ended, and its data serves on', async () => {
  const left = await start();
  await left.ensureDatabase('ambit');
  const next = await start();
  expect(said.join()).toContain(`process ${left.process.pid}`);
  expect(isAlive(left.process.pid!)).toBe(false);
  await next.ensureDatabase('ambit');
  await next.stop();
});

test('a lock file that names a living stranger does not keep Postgres from starting', async () => {
  await (await start()).stop();
  const { data } = JSON.parse(readFileSync(join(folder, 'cluster.json'), 'utf8')) as {
    data: string;
  };
  const stranger = spawn('sleep', ['60']);
  writeFileSync(join(data, 'postmaster.pid'), `${stranger.pid}\n${data}\n`);
  const postgres = await start();
  expect(isAlive(stranger.pid!)).toBe(true);
  stranger.kill();
  await postgres.stop();
});

test('after kill -9 the next start recovers what was committed', async () => {
  const first = await start();
  await first.ensureDatabase('ambit');
  await ask(first.url('ambit'), 'CREATE TABLE kept AS SELECT 7 AS n');
  first.process.kill('SIGKILL');
  const second = await start();
  expect(await ask(second.url('ambit'), 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
  await second.stop();
});
