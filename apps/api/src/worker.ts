import { createAdaptorServer } from '@hono/node-server';
import { addressGuard } from '@ambit/services/alert/send/addresses';
import { endResidents } from '@ambit/services/topology/residents';
import { istioctlRenderer } from '@ambit/services/release/renderer';
import { postgresBackend, redisBackend } from './jobs/backend.ts';
import { runWorker } from './jobs/run-worker.ts';
import { healthApp } from './platform/health.ts';
import { openLog } from './platform/log.ts';
import { openPlatform } from './platform/platform.ts';
import { onStopSignal, start } from './platform/start.ts';
import { startTracing } from './platform/tracing.ts';

/** The role `worker`: jobs, the outbox relay, the sweep. */
await start(async (config) => {
  const log = openLog('worker', config.logLevel);
  const flushTraces = await startTracing('worker', config.otlpEndpoint);
  const platform = await openPlatform(config, log);
  const backend = config.redisUrl
    ? redisBackend(config.redisUrl)
    : postgresBackend(config.databaseUrl);
  const worker = await runWorker({
    db: platform.db,
    engine: {
      db: platform.db,
      releases: platform.releases,
      renderer: istioctlRenderer({ cacheFolder: config.cache }),
      now: platform.now,
      log: (text, err) => log.error({ err }, text),
    },
    alerts: {
      db: platform.db,
      now: platform.now,
      publicUrl: platform.publicUrl,
      guard: addressGuard(config.alertAllow),
    },
    platform,
    backend,
    notifications: platform.notifications,
    log,
    measure: (job, outcome, seconds) =>
      platform.metrics.jobSeconds.observe({ job, outcome }, seconds),
  });
  const health = createAdaptorServer({ fetch: healthApp(platform).fetch });
  if (config.workerPort !== null) health.listen(config.workerPort, config.host);
  log.info({ queue: backend.kind, port: config.workerPort }, 'worker ready');
  onStopSignal(async () => {
    log.info('stopping');
    platform.stop();
    health.close();
    await worker.stop();
    await endResidents(platform.db);
    await platform.close();
    await flushTraces();
    log.info('stopped');
  });
});
