import { meshMetrics } from '@ambit/contracts/operations/service';
import { execute } from '@ambit/services/kernel/execute';
import { registry } from '@ambit/services/registry';
import { Hono } from 'hono';
import type { Process } from '../../platform/platform.ts';
import { findCaller, type CallerOptions } from '../auth/caller.ts';
import type { DoorEnv } from '../door.ts';

/** `GET /metrics/meshes/{meshId}`: the verb mesh.metrics as Prometheus scrapes it, with an API token as bearer. */
export function metricsApp(platform: Process, callers: CallerOptions): Hono<DoorEnv> {
  const app = new Hono<DoorEnv>();
  const implementation = registry.get(meshMetrics.id)!;
  app.get('/metrics/meshes/:meshId', async (c) => {
    c.set('operation', meshMetrics.id);
    const caller = await findCaller(callers, {
      method: 'GET',
      headers: c.req.raw.headers,
      door: 'rest',
      requestId: c.get('requestId'),
    });
    const input = { meshId: c.req.param('meshId') };
    const { text } = (await execute(platform, implementation, caller, input)) as { text: string };
    return c.body(text, 200, {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
      'cache-control': 'no-store',
    });
  });
  return app;
}
