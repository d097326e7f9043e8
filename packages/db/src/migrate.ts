import { createHash, randomUUID } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';

const migrationsFolder = new URL('../../../prisma/migrations/', import.meta.url).pathname;

export class MigrationError extends Error {}

/**
 * Applies the SQL migrations that are missing, each in its own transaction, under an advisory lock, and records them
 * in `_prisma_migrations` as `prisma migrate deploy` does, so that either can go on where the other stopped.
 * @returns names applied now
 * @throws MigrationError when an applied migration was edited since, or the database is of a newer Ambit
 */
export async function migrate(url: string, folder: string = migrationsFolder): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`SELECT pg_advisory_lock(hashtext('ambit-migrate'))`);
    await client.query(`CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
      "id" VARCHAR(36) PRIMARY KEY NOT NULL, "checksum" VARCHAR(64) NOT NULL, "finished_at" TIMESTAMPTZ,
      "migration_name" VARCHAR(255) NOT NULL, "logs" TEXT, "rolled_back_at" TIMESTAMPTZ,
      "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(), "applied_steps_count" INTEGER NOT NULL DEFAULT 0)`);
    const { rows } = await client.query<{ migration_name: string; checksum: string }>(
      `SELECT migration_name, checksum FROM "_prisma_migrations" WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`,
    );
    const known = new Map(rows.map((row) => [row.migration_name, row.checksum]));
    const names = await migrationNames(folder);
    const newer = [...known.keys()].filter((name) => !names.includes(name));
    if (newer.length > 0) {
      throw new MigrationError(
        `the database was migrated by a newer Ambit (${newer.join(', ')}); start that version, or use another database`,
      );
    }
    const applied: string[] = [];
    for (const name of names) {
      const sql = await readFile(join(folder, name, 'migration.sql'), 'utf8');
      const checksum = createHash('sha256').update(sql).digest('hex');
      const before = known.get(name);
      if (before === checksum) continue;
      if (before !== undefined) {
        throw new MigrationError(
          `migration ${name} was changed after it had been applied; add a new one instead`,
        );
      }
      await client.query('BEGIN');
      try {
        await client.query(sql);
        await client.query(
          `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, finished_at, applied_steps_count) VALUES ($1, $2, $3, now(), 1)`,
          [randomUUID(), checksum, name],
        );
        await client.query('COMMIT');
      } catch (error) {
        await client.query('ROLLBACK');
        throw new MigrationError(`migration ${name} failed and was rolled back: ${String(error)}`, {
          cause: error,
        });
      }
      applied.push(name);
    }
    return applied;
  } finally {
    await client.end();
  }
}

/** Names of migrations that the database (a pool or client of it) still lacks; all when it has none at all. */
export async function pendingMigrations(
  client: Pick<pg.Pool, 'query'>,
  folder: string = migrationsFolder,
): Promise<string[]> {
  const names = await migrationNames(folder);
  const table = await client.query(`SELECT to_regclass('"_prisma_migrations"') AS found`);
  if (table.rows[0]?.found === null) return names;
  const { rows } = await client.query<{ migration_name: string }>(
    `SELECT migration_name FROM "_prisma_migrations" WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`,
  );
  const applied = new Set(rows.map((row) => row.migration_name));
  return names.filter((name) => !applied.has(name));
}

async function migrationNames(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}
