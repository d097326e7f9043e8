import { openLog } from './platform/log.ts';
import { openPlatform } from './platform/platform.ts';
import { onStopSignal, start } from './platform/start.ts';
import { startTracing } from './platform/tracing.ts';
import { startServer } from './server.ts';

/** The role `server`: console's and automation's API, the agent link, events. */
await start(async (config) => {
  const log = openLog('server', config.logLevel);
  const flushTraces = await startTracing('server', config.otlpEndpoint);
  const platform = await openPlatform(config, log);
  const server = await startServer(platform);
  log.info({ port: server.port, host: config.host, url: config.publicUrl }, 'server ready');
  onStopSignal(async () => {
    log.info('stopping');
    platform.stop();
    await server.stop();
    await platform.close();
    await flushTraces();
    log.info('stopped');
  });
});
