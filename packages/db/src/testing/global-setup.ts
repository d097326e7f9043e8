import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../embedded/start.ts';
import { migrate } from '../migrate.ts';

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
  const postgres = await startEmbeddedPostgres({
    folder,
    temporary: true,
    settings: ['fsync=off', 'synchronous_commit=off', 'max_connections=300'],
  });
  return prepare(project, postgres.url('postgres'), async () => {
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
