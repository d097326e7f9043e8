import { MigrationError } from '@ambit/db/migrate';
import { ConfigError, readConfig, type Config } from './config.ts';
import { DatabaseError } from './database.ts';

/** Exit codes of the programs, for who starts them. */
export const exitCodes = { failed: 1, config: 2, database: 3, portInUse: 4 } as const;

/** The listening address is taken. */
export class PortInUseError extends Error {}

/**
 * Runs a program's begin; an error that a person can mend ends the process with its sentence alone.
 */
export async function start(begin: (config: Config) => Promise<void>): Promise<void> {
  try {
    await begin(readConfig(process.env));
  } catch (error) {
    const code = exitCodeOf(error);
    const shown = code === exitCodes.failed || !(error instanceof Error) ? error : error.message;
    process.stderr.write(
      `${shown instanceof Error ? (shown.stack ?? shown.message) : String(shown)}\n`,
    );
    process.exit(code);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof ConfigError) return exitCodes.config;
  if (error instanceof DatabaseError || error instanceof MigrationError) return exitCodes.database;
  if (error instanceof PortInUseError) return exitCodes.portInUse;
  return exitCodes.failed;
}

/** Calls `stop` once, at the first SIGTERM or SIGINT; the process ends when it is done, or after `patienceMs`. */
export function onStopSignal(stop: () => Promise<void>, patienceMs = 15_000): void {
  let stopping = false;
  const handler = () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), patienceMs).unref();
    void stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', handler);
  process.on('SIGINT', handler);
}
