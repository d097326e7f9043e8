import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { openDatabase, type Database } from '../database.ts';

/**
 * A database of its own for one suite, cloned from the migrated template; `drop` removes it.
 * Only inside the vitest project `integration`.
 */
export async function testDatabase(): Promise<Database & { drop(): Promise<void> }> {
  const server = inject('databaseUrl');
  const name = `ambit_test_${randomBytes(6).toString('hex')}`;
  await onServer(server, `CREATE DATABASE ${name} TEMPLATE ambit_template`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const db = openDatabase(url.href, { max: 8 });
  return {
    ...db,
    drop: async () => {
      await db.close();
      await onServer(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        await client.query(sql);
        return;
      } catch (error) {
        // 55006: another suite is cloning the template at this moment.
        if ((error as { code?: string }).code !== '55006' || attempt >= 50) throw error;
        await client.query('SELECT pg_sleep(0.05)');
      }
    }
  } finally {
    await client.end();
  }
}
