import { Hono } from 'hono';
import {
  readFailureSchema,
  readLimits,
  readPaths,
  type ReadsReply,
} from '@ambit/contracts/agent/reads';
import { authenticateAgent } from '@ambit/services/agent-link/credential';
import { giveReads, notePoll, takeChunk, takeFailure } from '@ambit/services/agent-reads/answer';
import { wantsScrape } from '@ambit/services/agent-reads/scrape';
import { wakesOf } from '@ambit/services/agent-reads/wakes';
import { invalid } from '@ambit/services/kernel/errors';
import type { AgentPlatform } from './app.ts';
import { readBody, readCapped } from './body.ts';
import { wholeNumber } from './whole-number.ts';

const failureMaxBytes = 8 * 1024;

/** The part of the agent link through which the platform reads (docs/adr/0014). */
export function readsApp(platform: AgentPlatform): Hono {
  const app = new Hono();
  const mountPoint = '/agent';
  const path = readPaths.reads.slice(mountPoint.length);

  app.get(path, async (c) => {
    const waitMs = Math.min(wholeNumber(c.req.query('wait'), 0), readLimits.longPollS) * 1000;
    const scrapes = c.req.query('scrape') === 'on';
    const authorization = c.req.header('authorization');
    const until = performance.now() + waitMs;
    const answered = new AbortController();
    const signal = AbortSignal.any([answered.signal, c.req.raw.signal, platform.stopping]);
    let agent = await authenticateAgent(platform, authorization);
    const wakes = wakesOf(platform);
    const ended = await notePoll(platform, agent, waitMs);
    try {
      for (;;) {
        // Wait first, look second: what is asked in between is not missed.
        const woken = wakes.wait(agent.clusterId, until - performance.now(), signal);
        const reads = await giveReads(platform, agent);
        const scrape = await wantsScrape(platform, agent);
        if (reads.length > 0 || scrape !== scrapes) {
          return c.json({ reads, scrape } satisfies ReadsReply);
        }
        await woken;
        if (performance.now() >= until || signal.aborted) return c.body(null, 204);
        agent = await authenticateAgent(platform, authorization);
      }
    } finally {
      answered.abort();
      await ended().catch(() => {});
    }
  });

  app.post(`${path}/:id/failure`, async (c) => {
    const agent = await authenticateAgent(platform, c.req.header('authorization'));
    const failure = await readBody(c, readFailureSchema, failureMaxBytes);
    await takeFailure(platform, agent, c.req.param('id'), failure);
    return c.json({ go: false });
  });

  app.post(`${path}/:id`, async (c) => {
    const agent = await authenticateAgent(platform, c.req.header('authorization'));
    const seq = wholeNumber(c.req.query('seq'), -1);
    if (seq < 0) throw invalid('a chunk has a number: ?seq=0');
    const status = c.req.query('status');
    const signal = AbortSignal.any([c.req.raw.signal, platform.stopping]);
    const chunk = {
      seq,
      end: c.req.query('end') === 'true',
      status: status === undefined ? null : wholeNumber(status, 0),
      bytes: await readCapped(c.req.raw, readLimits.chunkBytes + 1024),
    };
    return c.json(await takeChunk(platform, agent, c.req.param('id'), chunk, signal));
  });

  return app;
}
