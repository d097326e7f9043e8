import { randomInt } from 'node:crypto';
import { openDatabase } from '@ambit/db/database';
import { migrate } from '@ambit/db/migrate';
import { firstRun } from '@ambit/services/access/first-run';
import { hashPassword, verifyPassword } from 'better-auth/crypto';
import { waitForDatabase } from './platform/database.ts';
import { start } from './platform/start.ts';

const ownerEmail = 'admin@ambit.local';
const patienceMs = 30_000;

/** Migrates the database, and on the first run makes the owner; prints one JSON line for who started it. */
await start(async (config) => {
  await waitForDatabase(config.databaseUrl, patienceMs);
  const migrations = await migrate(config.databaseUrl);
  const db = openDatabase(config.databaseUrl, { max: 2 });
  try {
    const result = await firstRun(
      { db, now: () => new Date() },
      { hash: hashPassword, verify: (hash, password) => verifyPassword({ hash, password }) },
      { email: ownerEmail, password: readablePassword() },
    );
    process.stdout.write(`${JSON.stringify({ ...result, migrations })}\n`);
  } finally {
    await db.close();
  }
});

/** 20 characters in groups of five, without those that look alike: 98 random bits. */
function readablePassword(): string {
  const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';
  const group = () =>
    Array.from({ length: 5 }, () => alphabet[randomInt(alphabet.length)]).join('');
  return Array.from({ length: 4 }, group).join('-');
}
