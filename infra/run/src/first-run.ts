import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Problem } from '../bootstrap/problem.mjs';
import type { Environment } from './environment.ts';
import { lastLines, runProgram } from './run-program.ts';

const admin = z.object({
  url: z.string(),
  email: z.string(),
  password: z.string(),
  token: z.string(),
  organisationId: z.string(),
});
export type Admin = z.infer<typeof admin>;

/** What the set-up prints; password and token only when it made them. */
const answer = z.object({
  created: z.boolean(),
  organisationId: z.string(),
  email: z.string(),
  password: z.string().nullable(),
  token: z.string().nullable(),
});

export const adminFile = (home: string): string => join(home, 'admin.json');

/**
 * Migrates the database and makes the first organisation and its owner when there is none. Keeps the owner's sign-in
 * in admin.json (mode 0600) as scripts read it.
 * @returns the sign-in, or undefined when the database was set up elsewhere
 * @throws Problem with the words of the set-up
 */
export async function setUp(
  { home, publicUrl: url, databaseUrl }: Environment,
  env: NodeJS.ProcessEnv,
): Promise<Admin | undefined> {
  const { code, stdout, stderr } = await runProgram(process.execPath, ['apps/api/src/setup.ts'], {
    env,
  });
  if (code !== 0) {
    throw new Problem(
      `the set-up of the database failed:\n${lastLines(stderr || stdout, 15)}`,
      databaseUrl
        ? 'Check AMBIT_DATABASE_URL, and that its user may create tables, roles and schemas there.'
        : `The log of Postgres is in ${join(home, 'postgres', 'postgres.log')}.`,
    );
  }
  const line =
    stdout
      .trim()
      .split('\n')
      .findLast((text) => text.startsWith('{')) ?? '';
  const made = answer.parse(JSON.parse(line));
  if (made.created) return keep(home, admin.parse({ ...made, url }));
  const kept = readAdmin(home);
  if (!kept) return undefined;
  return kept.url === url ? kept : keep(home, { ...kept, url });
}

function readAdmin(home: string): Admin | undefined {
  const file = adminFile(home);
  if (!existsSync(file)) return undefined;
  const parsed = admin.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  return parsed.success ? parsed.data : undefined;
}

function keep(home: string, value: Admin): Admin {
  const file = adminFile(home);
  writeFileSync(`${file}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return value;
}
