import { pendingMigrations } from '@ambit/db/migrate';
import { Hono } from 'hono';
import type { Process } from './platform.ts';

/** `/healthz`: the process lives. `/readyz`: it can serve (database answers, migrations applied). `/metrics`. */
export function healthApp(platform: Pick<Process, 'db' | 'metrics' | 'stopping'>): Hono {
  const app = new Hono();
  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.get('/readyz', async (c) => {
    const checks = {
      process: platform.stopping.aborted ? 'stopping' : 'ok',
      ...(await databaseChecks(platform.db)),
    };
    const ready = Object.values(checks).every((check) => check === 'ok');
    return c.json({ status: ready ? 'ok' : 'not ready', checks }, ready ? 200 : 503);
  });
  app.get('/metrics', async (c) =>
    c.body(await platform.metrics.registry.metrics(), 200, {
      'content-type': platform.metrics.registry.contentType,
    }),
  );
  return app;
}

async function databaseChecks(db: Process['db']): Promise<Record<string, string>> {
  try {
    const pending = await pendingMigrations(db.pool);
    return {
      database: 'ok',
      migrations: pending.length === 0 ? 'ok' : `not applied: ${pending.join(', ')}`,
    };
  } catch {
    return { database: 'does not answer', migrations: 'unknown' };
  }
}
