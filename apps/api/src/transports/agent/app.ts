import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Hono } from 'hono';
import {
  agentLimits,
  agentPaths,
  inventorySchema,
  registerRequestSchema,
  rotateRequestSchema,
  statusReportSchema,
} from '@ambit/contracts/agent/protocol';
import { objectLimits, objectsReportSchema } from '@ambit/contracts/agent/objects';
import {
  waypointLimits,
  waypointPaths,
  waypointsReportSchema,
} from '@ambit/contracts/agent/waypoint';
import { newId } from '@ambit/contracts/ids';
import { readBlob } from '@ambit/services/agent-link/blob';
import { authenticateAgent } from '@ambit/services/agent-link/credential';
import { desiredState, operationTrace } from '@ambit/services/agent-link/desired';
import { installManifest } from '@ambit/services/agent-link/install/manifest';
import { takeInventory } from '@ambit/services/agent-link/inventory';
import { objectsIndex, takeObjects } from '@ambit/services/agent-link/objects';
import { registerAgent } from '@ambit/services/agent-link/register';
import { rotateCredential } from '@ambit/services/agent-link/rotate';
import { takeWaypoints } from '@ambit/services/agent-link/waypoints';
import { takeStatus } from '@ambit/services/agent-link/status';
import { AmbitError } from '@ambit/services/kernel/errors';
import type { Process } from '../../platform/platform.ts';
import { readBody } from './body.ts';
import { answerError } from './errors.ts';
import { makePace } from './pace.ts';
import { readsApp } from './reads.ts';
import { telemetryApp } from './telemetry.ts';
import { desiredWaiters } from './waiters.ts';
import { wholeNumber } from './whole-number.ts';

export type AgentPlatform = Pick<
  Process,
  | 'db'
  | 'releases'
  | 'keys'
  | 'publicUrl'
  | 'agentUrl'
  | 'agentImage'
  | 'now'
  | 'log'
  | 'notifications'
  | 'stopping'
>;

type Variables = { requestId: string };

const zip = promisify(gzip);
const mountPoint = '/agent';
const route = (path: string): string => path.slice(mountPoint.length);
const smallBodyBytes = 16 * 1024;

/** The agent link, to be mounted at /agent. Agents only ever call; the platform never calls them. */
export function agentApp(platform: AgentPlatform): Hono<{ Variables: Variables }> {
  const app = new Hono<{ Variables: Variables }>();
  const waiters = desiredWaiters(platform.notifications, platform.stopping);
  const pace = makePace();

  app.use(async (c, next) => {
    c.set('requestId', newId('request'));
    await next();
    c.header('x-request-id', c.get('requestId'));
  });
  app.onError((error, c) => answerError(c, error, c.get('requestId'), platform.log));
  app.notFound((c) =>
    answerError(
      c,
      new AmbitError('not_found', `the agent link has no address ${c.req.path}`),
      c.get('requestId') ?? newId('request'),
      platform.log,
    ),
  );

  app.get(route(agentPaths.manifest), async (c) => {
    const manifest = await installManifest(platform, c.req.query('token') ?? '');
    return c.body(manifest, 200, {
      'content-type': 'application/yaml; charset=utf-8',
      'cache-control': 'no-store',
    });
  });

  app.post(route(agentPaths.register), async (c) => {
    const request = await readBody(c, registerRequestSchema, smallBodyBytes);
    return c.json(await registerAgent(platform, request, c.get('requestId')), 201);
  });

  app.post(route(agentPaths.credential), async (c) => {
    const { proof } = await readBody(c, rotateRequestSchema, smallBodyBytes);
    return c.json(await rotateCredential(platform, c.req.header('authorization'), proof));
  });

  app.get(route(agentPaths.desired), async (c) => {
    const have = wholeNumber(c.req.query('have'), -1);
    const waitS = Math.min(wholeNumber(c.req.query('wait'), 0), agentLimits.longPollS);
    const until = performance.now() + waitS * 1000;
    const authorization = c.req.header('authorization');
    const { clusterId } = await authenticateAgent(platform, authorization);
    const answered = new AbortController();
    const signal = AbortSignal.any([answered.signal, c.req.raw.signal]);
    try {
      for (;;) {
        // Wait first, look second: a change in between is not missed, and a revocation is seen when woken by it.
        const woken = waiters.wait(clusterId, until - performance.now(), signal);
        const agent = await authenticateAgent(platform, authorization);
        const desired = await desiredState(platform, agent, have);
        if (desired) {
          const traceparent = await operationTrace(platform, agent);
          return c.json(desired, 200, traceparent ? { traceparent } : {});
        }
        if ((await woken) === 'over') return c.body(null, 204);
      }
    } finally {
      answered.abort();
    }
  });

  app.get(`${route(agentPaths.blob)}/:digest`, async (c) => {
    const agent = await authenticateAgent(platform, c.req.header('authorization'));
    return c.body(await readBlob(platform, agent, c.req.param('digest')), 200, {
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      'cache-control': 'private, max-age=31536000, immutable',
    });
  });

  app.post(route(agentPaths.status), async (c) => {
    const agent = await authenticateAgent(platform, c.req.header('authorization'));
    const waitMs = pace.refusedForMs(agent.clusterId);
    if (waitMs > 0) {
      c.header('retry-after', String(Math.ceil(waitMs / 1000)));
      throw new AmbitError('rate_limited', 'too many status reports from this cluster');
    }
    const report = await readBody(c, statusReportSchema, agentLimits.statusMaxBytes);
    const { result, slowMs } = await pace.counted(() => takeStatus(platform, agent, report));
    return c.json({ ...result, ...(slowMs === undefined ? {} : { slowMs }) });
  });

  app.post(route(agentPaths.inventory), async (c) => {
    const agent = await authenticateAgent(platform, c.req.header('authorization'));
    const inventory = await readBody(c, inventorySchema, agentLimits.inventoryMaxBytes);
    return c.json(await takeInventory(platform, agent, inventory));
  });

  app.get(route(agentPaths.objects), async (c) => {
    const agent = await authenticateAgent(platform, c.req.header('authorization'));
    const index = JSON.stringify(await objectsIndex(platform, agent));
    return c.body(await zip(index), 200, {
      'content-type': 'application/json',
      'content-encoding': 'gzip',
    });
  });

  app.post(route(agentPaths.objects), async (c) => {
    const agent = await authenticateAgent(platform, c.req.header('authorization'));
    const report = await readBody(c, objectsReportSchema, objectLimits.reportMaxBytes);
    const { result, slowMs } = await pace.counted(() => takeObjects(platform, agent, report));
    return c.json({ ...result, ...(slowMs === undefined ? {} : { slowMs }) });
  });

  app.post(route(waypointPaths.waypoints), async (c) => {
    const agent = await authenticateAgent(platform, c.req.header('authorization'));
    const report = await readBody(c, waypointsReportSchema, waypointLimits.reportMaxBytes);
    return c.json(await takeWaypoints(platform, agent, report));
  });

  app.route('/', readsApp(platform));
  app.route('/', telemetryApp(platform));

  return app;
}
