import { openDatabase, type Database } from '@ambit/db/database';
import { pendingMigrations } from '@ambit/db/migrate';
import type { Platform } from '@ambit/services/kernel/context';
import { loadAgentKeys } from '@ambit/services/kernel/keys';
import { keptFor } from '@ambit/services/telemetry-store/resolutions';
import { endResidents } from '@ambit/services/topology/residents';
import type { Config } from './config.ts';
import { DatabaseError, waitForDatabase } from './database.ts';
import type { Log } from './log.ts';
import { makeMetrics, type Metrics } from './metrics.ts';
import { openNotifications, type Notifications } from './notifications.ts';
import { loadReleases } from './releases.ts';

/** What a process of Ambit holds while it runs; services see the `Platform` part. */
export interface Process extends Platform {
  config: Config;
  log: Log;
  metrics: Metrics;
  notifications: Notifications;
  /** Aborts when the process begins to stop: long polls and streams end now. */
  stopping: AbortSignal;
  /** Sets `stopping` off; nothing is closed yet. */
  stop(): void;
  close(): Promise<void>;
}

/** How long a start waits for a database that is not there yet. */
const patienceMs = 15_000;

async function assertMigrated(db: Database): Promise<void> {
  const pending = await pendingMigrations(db.pool);
  if (pending.length === 0) return;
  await db.close();
  throw new DatabaseError(
    `The database of AMBIT_DATABASE_URL lacks migrations (${pending.join(', ')}). Run \`node apps/api/src/setup.ts\` with the same variables first; \`npm start\` does.`,
  );
}

/**
 * Opens everything a server or a worker needs.
 * @throws ConfigError, DatabaseError
 */
export async function openPlatform(config: Config, log: Log): Promise<Process> {
  const releases = await loadReleases(config.releasesFile);
  await waitForDatabase(config.databaseUrl, patienceMs);
  const db = openDatabase(config.databaseUrl);
  await assertMigrated(db);
  const stop = new AbortController();
  const notifications = openNotifications(config.databaseUrl, log);
  return {
    db,
    releases,
    keys: await loadAgentKeys(db),
    publicUrl: config.publicUrl,
    agentUrl: config.agentUrl,
    agentImage: config.agentImage,
    ...(config.sandboxUrl === null ? {} : { sandboxUrl: config.sandboxUrl }),
    alertAllow: config.alertAllow,
    telemetryKept: keptFor(config.telemetryHours),
    complain: (text, err) => log.error({ err }, text),
    now: () => new Date(),
    config,
    log,
    metrics: makeMetrics(db),
    notifications,
    stopping: stop.signal,
    stop: () => stop.abort(),
    close: async () => {
      stop.abort();
      await endResidents(db);
      await notifications.close();
      await db.close();
    },
  };
}
