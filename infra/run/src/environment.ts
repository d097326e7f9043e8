import { ConfigError, readConfig } from '@ambit/api/platform/config';
import { Problem } from '../bootstrap/problem.mjs';
import { freePort } from '@ambit/db/free-port';
import { root } from './root.ts';

export interface Environment {
  port: number;
  host: string;
  /** State folder, absolute. */
  home: string;
  /** A server of the user's own; undefined for the embedded one. */
  databaseUrl: string | undefined;
  /** Address people use, without a trailing slash. */
  publicUrl: string;
  /** The simulated cluster; AMBIT_SANDBOX=off leaves it out. */
  sandbox: boolean;
}

/** Stands in for the address of the embedded Postgres, which is known only when it runs. */
const embedded = 'postgresql://127.0.0.1/ambit';

/**
 * Reads AMBIT_* as the platform does; AMBIT_PORT=0 takes a free port.
 * @throws Problem that names each wrong one
 */
export async function readEnvironment(env: NodeJS.ProcessEnv = process.env): Promise<Environment> {
  const given = env['AMBIT_DATABASE_URL'] || undefined;
  const port = env['AMBIT_PORT'] === '0' ? String(await freePort()) : env['AMBIT_PORT'];
  try {
    const config = readConfig(
      { ...env, AMBIT_PORT: port, AMBIT_DATABASE_URL: given ?? embedded },
      root,
    );
    return {
      port: config.port,
      host: config.host,
      home: config.home,
      databaseUrl: given,
      publicUrl: config.publicUrl,
      sandbox: readSandbox(env['AMBIT_SANDBOX']),
    };
  } catch (error) {
    if (error instanceof ConfigError) {
      throw new Problem(error.message, 'Correct or unset it and start again.');
    }
    throw error;
  }
}

function readSandbox(value: string | undefined): boolean {
  if (value === undefined || value === '' || value === 'on') return true;
  if (value === 'off') return false;
  throw new ConfigError(`AMBIT_SANDBOX is ${JSON.stringify(value)}: expected on or off.`);
}
