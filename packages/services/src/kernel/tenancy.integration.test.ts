import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTenant } from '@ambit/db/database';
import { testDatabase } from '@ambit/db/testing/test-database';

type TestDatabase = Awaited<ReturnType<typeof testDatabase>>;
interface Column {
  table: string;
  column: string;
  type: string;
  needed: boolean;
}

let db: TestDatabase;
let columns: Column[];
let tables: string[];

const mine = 'org_mine';
const theirs = 'org_theirs';

beforeAll(async () => {
  db = await testDatabase();
  const { rows } = await db.pool.query<Column>(
    `SELECT table_name AS table, column_name AS column, data_type AS type,
       is_nullable = 'NO' AND column_default IS NULL AS needed
     FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2`,
  );
  columns = rows;
  tables = rows.filter((row) => row.column === 'organisation_id').map((row) => row.table);
  // Rows of both, whatever they refer to: the floor must hold for each table by itself.
  const client = await db.pool.connect();
  await client.query('SET session_replication_role = replica');
  for (const owner of [mine, theirs]) {
    await client.query(`INSERT INTO organisation (id, name) VALUES ($1, $1)`, [owner]);
    for (const table of tables) await client.query(...insert(table, owner, `${owner}-0`));
  }
  await client.query('SET session_replication_role = DEFAULT');
  client.release();
});
afterAll(() => db.drop());

/** A row with every column that needs a value. */
function insert(table: string, owner: string, mark: string): [string, unknown[]] {
  const needed = columns.filter(
    (c) => c.table === table && (c.needed || c.column === 'organisation_id'),
  );
  const values = needed.map(({ column, type }) => {
    if (column === 'organisation_id') return owner;
    if (type === 'jsonb') return '{}';
    if (type === 'ARRAY') return [];
    if (type.startsWith('timestamp')) return new Date();
    if (['integer', 'bigint', 'real', 'double precision'].includes(type)) return 1;
    if (type === 'bytea') return Buffer.from('x');
    if (type === 'boolean') return true;
    return mark;
  });
  const names = needed.map((c) => `"${c.column}"`).join(', ');
  const places = needed.map((_, i) => `$${i + 1}`).join(', ');
  return [`INSERT INTO "${table}" (${names}) VALUES (${places})`, values];
}

const raw = (sql: string) =>
  inTenant(db, mine, (tx) => tx.$queryRawUnsafe<Record<string, unknown>[]>(sql));
const write = (sql: string, values: unknown[] = []) =>
  inTenant(db, mine, (tx) => tx.$executeRawUnsafe(sql, ...values));

const countOfTheirs = async (table: string) => {
  const { rows } = await db.pool.query(
    `SELECT count(*)::int AS n FROM "${table}" WHERE organisation_id = $1`,
    [theirs],
  );
  return rows[0].n as number;
};

it('every table that holds tenants’ rows is enumerated here', () => {
  expect(tables.length).toBeGreaterThanOrEqual(18);
  expect(tables).toEqual(
    expect.arrayContaining(['mesh', 'policy', 'blob', 'audit_entry', 'change_event']),
  );
});

describe('inside a tenant’s transaction, whatever the query says', () => {
  it('only its own rows are seen, of every table', async () => {
    for (const table of tables) {
      const rows = await raw(`SELECT organisation_id FROM "${table}"`);
      expect(
        rows.map((row) => row.organisation_id),
        table,
      ).toEqual([mine]);
    }
    expect(await raw('SELECT id FROM organisation')).toEqual([{ id: mine }]);
  });

  it('rows of others are neither changed nor deleted, of any table', async () => {
    for (const table of tables) {
      for (const sql of [
        `UPDATE "${table}" SET organisation_id = organisation_id WHERE organisation_id = '${theirs}'`,
        `DELETE FROM "${table}" WHERE organisation_id = '${theirs}'`,
      ]) {
        const touched = await write(sql).catch((error: unknown) => {
          expect(String(error), sql).toMatch(/permission denied/);
          return 0;
        });
        expect(touched, sql).toBe(0);
      }
      expect(await countOfTheirs(table), table).toBe(1);
    }
  });

  it('no row can be written for another, into any table', async () => {
    for (const table of tables) {
      await expect(write(...insert(table, theirs, 'smuggled')), table).rejects.toThrow(
        /row-level security|permission denied/,
      );
    }
  });

  it('no own row can be handed to another', async () => {
    for (const table of tables) {
      await expect(
        write(`UPDATE "${table}" SET organisation_id = '${theirs}'`),
        table,
      ).rejects.toThrow(/row-level security|permission denied/);
    }
  });

  it('people of other organisations are not seen', async () => {
    await db.pool.query(
      `INSERT INTO "user" (id, name, email) VALUES ('u-mine', 'M', 'm@example.com'), ('u-theirs', 'T', 't@example.com')`,
    );
    await db.pool.query(
      `INSERT INTO member (id, organisation_id, user_id, role)
       VALUES ('m1', '${mine}', 'u-mine', 'owner'), ('m2', '${theirs}', 'u-theirs', 'owner')`,
    );
    expect(await raw('SELECT id FROM "user"')).toEqual([{ id: 'u-mine' }]);
  });

  it.each(['session', 'account', 'verification', 'platform_secret'])(
    'the table %s is out of reach',
    async (table) => {
      await expect(raw(`SELECT * FROM "${table}"`)).rejects.toThrow(/permission denied/);
    },
  );

  it('the audit log can be written, but not changed or deleted', async () => {
    await expect(write(`UPDATE audit_entry SET outcome = 'done'`)).rejects.toThrow(
      /permission denied/,
    );
    await expect(write('DELETE FROM audit_entry')).rejects.toThrow(/permission denied/);
  });
});

it('after it the connection is nobody’s again', async () => {
  await raw('SELECT 1');
  const { rows } = await db.pool.query(
    `SELECT current_user AS "user", current_setting('ambit.organisation', true) AS organisation`,
  );
  expect(rows[0].user).not.toBe('ambit_tenant');
  expect(rows[0].organisation ?? '').toBe('');
});
