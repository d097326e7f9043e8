import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { hidePassword } from './config.ts';

/** The database cannot be used; the message names AMBIT_DATABASE_URL and says what to do. */
export class DatabaseError extends Error {}

/** Codes after which trying again can help: not listening yet, starting up, shutting down, too many clients. */
const passing = new Set(['ECONNREFUSED', 'ECONNRESET', 'EAI_AGAIN', '57P03', '57P01', '53300']);

const codeOf = (error: unknown): string => String((error as { code?: unknown } | null)?.code ?? '');

/**
 * Waits until the database answers.
 * @param patienceMs how long to try again when it is not there yet
 * @throws DatabaseError
 */
export async function waitForDatabase(url: string, patienceMs: number): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (let waitMs = 100; ; waitMs = Math.min(1_000, waitMs * 2)) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query('SELECT 1');
      return;
    } catch (error) {
      if (!passing.has(codeOf(error)) || Date.now() + waitMs > deadline) throw explain(url, error);
    } finally {
      await client.end().catch(() => {});
    }
    await sleep(waitMs);
  }
}

function explain(url: string, error: unknown): DatabaseError {
  const { hostname, port, pathname, username } = new URL(url);
  const server = `${hostname || 'localhost'}:${port || 5432}`;
  const [what, fix] = reason(error, server, pathname.slice(1), decodeURIComponent(username));
  return new DatabaseError(
    `The database of AMBIT_DATABASE_URL (${hidePassword(url)}) cannot be used: ${what}. ${fix}`,
    { cause: error },
  );
}

function reason(error: unknown, server: string, name: string, user: string): [string, string] {
  switch (codeOf(error)) {
    case 'ECONNREFUSED':
    case 'ECONNRESET':
      return [`nothing answers on ${server}`, 'Start Postgres there, or correct the address.'];
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return [`the host of ${server} is not known`, 'Correct the host name.'];
    case '28P01':
    case '28000':
      return [`Postgres refuses the user "${user}" or its password`, 'Correct them.'];
    case '3D000':
      return [
        `there is no database "${name}" on ${server}`,
        `Create it (CREATE DATABASE ${name}), or correct the name.`,
      ];
    case '57P03':
      return ['Postgres is still starting or shutting down', 'Try again in a moment.'];
    case '53300':
      return ['Postgres takes no more connections', 'Raise max_connections, or stop something.'];
    default:
      return [
        error instanceof Error && error.message ? error.message : String(error),
        'Check that Postgres 15 or newer answers there.',
      ];
  }
}
