import { Hono } from 'hono';
import {
  telemetryLimits,
  telemetryPaths,
  telemetryReportSchema,
} from '@ambit/contracts/agent/telemetry';
import { authenticateAgent } from '@ambit/services/agent-link/credential';
import { takeTelemetry } from '@ambit/services/telemetry-store/take';
import type { AgentPlatform } from './app.ts';
import { readBody } from './body.ts';
import { makePace } from './pace.ts';

/** Reports that are taken at once; the next is told to come again, and agents drop what is too old by then. */
const atOnce = 8;

/** The part of the agent link that takes what agents scraped. It gives way to everything else. */
export function telemetryApp(platform: AgentPlatform): Hono {
  const app = new Hono();
  const pace = makePace();
  let running = 0;

  app.post(telemetryPaths.telemetry.slice('/agent'.length), async (c) => {
    const agent = await authenticateAgent(platform, c.req.header('authorization'));
    if (running >= atOnce || pace.refusedForMs(agent.clusterId) > 0) {
      c.header('retry-after', '5');
      return c.json(
        { code: 'rate_limited', message: 'too much telemetry at once', requestId: '' },
        429,
      );
    }
    running += 1;
    try {
      const report = await readBody(c, telemetryReportSchema, telemetryLimits.reportMaxBytes);
      return c.json(await takeTelemetry(platform, agent, report));
    } finally {
      running -= 1;
    }
  });

  return app;
}
