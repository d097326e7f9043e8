import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { followReads, ReadError, type ReadsInput } from '@ambit/agent/link/reads';
import { verifyRead } from '@ambit/agent/link/verify';
import { linkHttp } from '@ambit/agent/link/http';
import {
  readLimits,
  readPaths,
  readsReplySchema,
  type Read,
  type ReadWithDefaults,
} from '@ambit/contracts/agent/reads';
import { newId } from '@ambit/contracts/ids';
import { freePort } from '@ambit/db/free-port';
import { openRead, readThroughAgent, type Asker } from '@ambit/services/agent-reads/ask';
import { issueCredential } from '@ambit/services/agent-link/credential';
import { makeTenant } from '@ambit/services/testing/tenant';
import { joinAgent, type JoinedAgent } from '../../testing/joined-agent.ts';
import { runProgram } from '../../testing/program.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
let asker: Asker;
const ending = new AbortController();
let names = 0;

beforeAll(async () => {
  server = await startTestServer();
  asker = { platform: server.platform, organisationId: server.tenant.organisationId };
});
afterAll(async () => {
  ending.abort();
  await server.close();
});

const stats: Read = { kind: 'proxy-admin', namespace: 'shop', pod: 'web-1', view: 'stats' };
const join = (url = server.url) => joinAgent(server.tenant, url, `c${++names}`, ending.signal);

/** The agent's own loop over this way to answer. */
function follow({ session }: Pick<JoinedAgent, 'session'>, run: ReadsInput['run']) {
  const stop = new AbortController();
  const done = followReads(
    { session, run, onScrape: () => {}, say: () => {} },
    AbortSignal.any([stop.signal, ending.signal]),
  );
  return async () => {
    stop.abort();
    await done;
  };
}

const polls = async (clusterId: string) => {
  const { rows } = await server.platform.db.pool.query<{ polls: boolean }>(
    'SELECT polls_until > now() AS polls FROM agent_reader WHERE cluster_id = $1',
    [clusterId],
  );
  return rows[0]?.polls ?? false;
};
const untilPolls = (clusterId: string) =>
  vi.waitFor(async () => expect(await polls(clusterId)).toBe(true), {
    timeout: 60_000,
    interval: 20,
  });
const waiting = async (clusterId: string) => {
  const { rows } = await server.platform.db.pool.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM agent_read WHERE cluster_id = $1',
    [clusterId],
  );
  return rows[0]!.count;
};

describe('a read', () => {
  it('is answered by the agent, with what was asked, and leaves nothing behind', async () => {
    const agent = await join();
    const asked: ReadWithDefaults[] = [];
    const stop = follow(agent, async (read, sink) => {
      asked.push(read);
      sink.status(418);
      await sink.write(Buffer.from('requests: '));
      await sink.write(Buffer.from('7\n'));
    });
    await untilPolls(agent.clusterId);
    const { status, body } = await readThroughAgent(asker, agent.clusterId, stats);
    expect({ status, body: body.toString() }).toEqual({ status: 418, body: 'requests: 7\n' });
    expect(asked).toEqual([stats]);
    await vi.waitFor(async () => expect(await waiting(agent.clusterId)).toBe(0), {
      timeout: 60_000,
    });
    await stop();
  });

  it('of many megabytes comes whole, chunk by chunk, and the agent waits for a reader that is slow', async () => {
    const agent = await join();
    const content = randomBytes(readLimits.chunkBytes * 16);
    let written = 0;
    const stop = follow(agent, async (_read, sink) => {
      for (let from = 0; from < content.length; from += readLimits.chunkBytes) {
        await sink.write(content.subarray(from, from + readLimits.chunkBytes));
        written++;
      }
    });
    await untilPolls(agent.clusterId);
    const { chunks } = await openRead(asker, agent.clusterId, stats, { timeoutMs: 60_000 });
    // What was there is taken with the first; then the window is full, and nothing more is sent.
    const { db } = server.platform;
    const stored = async () =>
      (
        await db.pool.query<{ count: number }>(
          'SELECT count(*)::int AS count FROM agent_read_chunk',
        )
      ).rows[0]!.count;
    await vi.waitFor(async () => expect(await stored()).toBe(readLimits.window), {
      timeout: 60_000,
    });
    expect(written).toBeLessThanOrEqual(2 * readLimits.window + 2);
    const parts: Buffer[] = [];
    for await (const chunk of chunks) {
      parts.push(chunk);
      expect(await stored()).toBeLessThanOrEqual(readLimits.window);
    }
    expect(Buffer.concat(parts).equals(content)).toBe(true);
    await stop();
  });

  it('that is left early ends at the agent too', async () => {
    const agent = await join();
    let ended: unknown;
    const stop = follow(agent, async (_read, sink, signal) => {
      try {
        for (;;) await sink.write(randomBytes(readLimits.chunkBytes));
      } catch (error) {
        ended = signal.aborted ? 'nobody reads' : error;
        throw error;
      }
    });
    await untilPolls(agent.clusterId);
    const { chunks } = await openRead(asker, agent.clusterId, stats, {
      timeoutMs: 60_000,
      maxBytes: readLimits.mostBytes,
    });
    await chunks.next();
    await chunks.return();
    await vi.waitFor(() => expect(ended).toBe('nobody reads'), { timeout: 60_000 });
    await stop();
  });

  it.each([
    ['notFound', 'not_found'],
    ['refused', 'unprocessable'],
    ['unreachable', 'unavailable'],
  ] as const)('that fails as %s says why', async (reason, code) => {
    const agent = await join();
    const stop = follow(agent, async () => {
      throw new ReadError(reason, 'there is no pod shop/web-1');
    });
    await untilPolls(agent.clusterId);
    await expect(readThroughAgent(asker, agent.clusterId, stats)).rejects.toMatchObject({
      code,
      message: expect.stringContaining('there is no pod shop/web-1') as string,
    });
    await stop();
  });

  it('that is too large is refused, whoever counts', async () => {
    const agent = await join();
    const stop = follow(agent, async (_read, sink) => {
      await sink.write(Buffer.alloc(5_000, 'x'));
    });
    await untilPolls(agent.clusterId);
    await expect(
      readThroughAgent(asker, agent.clusterId, stats, { maxBytes: 4_000 }),
    ).rejects.toMatchObject({ code: 'too_large' });
    await stop();
  });

  it('that nobody answers ends at its time, and one that is aborted at once', async () => {
    const agent = await join();
    const stop = follow(
      agent,
      (_read, _sink, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        }),
    );
    await untilPolls(agent.clusterId);
    await expect(
      readThroughAgent(asker, agent.clusterId, stats, { timeoutMs: 300 }),
    ).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/within 0\.3 s|time is up/) as string,
    });
    const given = new AbortController();
    const read = readThroughAgent(asker, agent.clusterId, stats, { signal: given.signal });
    const refused = expect(read).rejects.toThrow('enough');
    await vi.waitFor(async () => expect(await waiting(agent.clusterId)).toBe(1), {
      timeout: 60_000,
    });
    given.abort(new Error('enough'));
    await refused;
    await vi.waitFor(async () => expect(await waiting(agent.clusterId)).toBe(0), {
      timeout: 60_000,
    });
    await stop();
  });
});

describe('an agent', () => {
  it('that is away is told at once, with since when', async () => {
    const agent = await join();
    await expect(readThroughAgent(asker, agent.clusterId, stats)).rejects.toMatchObject({
      code: 'unavailable',
      fix: expect.stringContaining('older version') as string,
    });
    const stop = follow(agent, async () => {});
    await untilPolls(agent.clusterId);
    await stop();
    await server.platform.db.pool.query(
      `UPDATE agent_reader SET polls_until = now() - interval '1 second' WHERE cluster_id = $1`,
      [agent.clusterId],
    );
    await server.platform.db.pool.query(
      `UPDATE cluster SET last_seen_at = now() - interval '3 minutes' WHERE id = $1`,
      [agent.clusterId],
    );
    await expect(readThroughAgent(asker, agent.clusterId, stats)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('was last seen 3 minutes ago') as string,
    });
  });

  it('of another cluster cannot answer, and another organisation cannot ask', async () => {
    const agent = await join();
    const other = await join();
    let asked = '';
    const stop = follow(agent, (_read, sink, signal) =>
      vi.waitFor(
        async () => {
          signal.throwIfAborted();
          expect(asked).not.toBe('');
          const reply = await other.session.call(`${readPaths.reads}/${asked}?seq=0&end=true`, {
            gzip: gzipSync('forged'),
            signal,
          });
          expect(JSON.parse(reply.bytes.toString())).toEqual({ go: false });
          await sink.write(Buffer.from('true'));
        },
        { timeout: 60_000 },
      ),
    );
    await untilPolls(agent.clusterId);
    const read = readThroughAgent(asker, agent.clusterId, stats);
    await vi.waitFor(
      async () => {
        const { rows } = await server.platform.db.pool.query<{ id: string }>(
          'SELECT id FROM agent_read WHERE cluster_id = $1',
          [agent.clusterId],
        );
        expect(rows).toHaveLength(1);
        asked = rows[0]!.id;
      },
      { timeout: 60_000 },
    );
    expect((await read).body.toString()).toBe('true');
    const stranger = await makeTenant(server.platform, 'Other');
    await expect(
      readThroughAgent(
        { platform: server.platform, organisationId: stranger.organisationId },
        agent.clusterId,
        stats,
      ),
    ).rejects.toMatchObject({ code: 'not_found' });
    await stop();
  });

  it('looks only at what is signed for it', async () => {
    const agent = await join();
    const { session, clusterId } = agent;
    const stop = new AbortController();
    const poll = session.call(`${readPaths.reads}?wait=20&scrape=off`, {
      signal: stop.signal,
      timeoutMs: 30_000,
    });
    await untilPolls(clusterId);
    const read = readThroughAgent(asker, clusterId, stats, { timeoutMs: 20_000 });
    const ended = expect(read).rejects.toThrow();
    const { reads } = readsReplySchema.parse(JSON.parse((await poll).bytes.toString()));
    expect((await verifyRead(reads[0]!, clusterId, session.platformKeys())).read).toEqual(stats);
    const other = await join();
    await expect(verifyRead(reads[0]!, other.clusterId, session.platformKeys())).rejects.toThrow(
      'not what the platform signed',
    );
    const [head, , signature] = reads[0]!.split('.');
    const forged = Buffer.from(JSON.stringify({ sub: clusterId, read: stats })).toString(
      'base64url',
    );
    await expect(
      verifyRead(`${head}.${forged}.${signature}`, clusterId, session.platformKeys()),
    ).rejects.toThrow('not what the platform signed');
    await session.call(
      `${readPaths.reads}/${(await verifyRead(reads[0]!, clusterId, session.platformKeys())).jti}/failure`,
      {
        json: { reason: 'failed', message: 'enough' },
        signal: stop.signal,
      },
    );
    await ended;
  });

  it('asks servers only below the address of an integration', async () => {
    const agent = await join();
    const stop = follow(agent, async (read, sink) => {
      await sink.write(Buffer.from((read as Extract<Read, { kind: 'http' }>).url));
    });
    await untilPolls(agent.clusterId);
    const http = (url: string) =>
      readThroughAgent(
        asker,
        agent.clusterId,
        { kind: 'http', method: 'GET', url, headers: {}, body: '' },
        { through: 'http://prometheus.monitoring:9090/prom' },
      );
    const inside = 'http://prometheus.monitoring:9090/prom/api/v1/query?query=up';
    expect((await http(inside)).body.toString()).toBe(inside);
    for (const url of [
      'http://prometheus.monitoring:9091/prom/api/v1/query',
      'http://prometheus.monitoring.evil.example:9090/prom/api/v1/query',
      'http://prometheus.monitoring:9090/admin',
      'http://prometheus.monitoring:9090/prom/../admin',
      'http://prometheus.monitoring:9090/prom/%2e%2e/admin',
      'http://user:secret@prometheus.monitoring:9090/prom/api/v1/query',
      'https://prometheus.monitoring:9090/prom/api/v1/query',
    ]) {
      await expect(http(url), url).rejects.toMatchObject({ code: 'forbidden' });
    }
    await stop();
  });
});

describe('whether to scrape', () => {
  it('is told as soon as the mesh of a cluster or a Prometheus for it comes and goes', async () => {
    const { session, clusterId } = await join();
    const { system, pool } = server.platform.db;
    const { organisationId, projectId } = server.tenant;
    const untilHeld = () =>
      vi.waitFor(
        async () => {
          const { rows } = await pool.query<{ held: boolean }>(
            `SELECT polls_until > now() + interval '5 seconds' AS held FROM agent_reader WHERE cluster_id = $1`,
            [clusterId],
          );
          expect(rows).toEqual([{ held: true }]);
        },
        { timeout: 60_000, interval: 20 },
      );
    // A poll that nobody wakes ends with 204, whatever changed meanwhile.
    const tells = async (scrape: boolean, change: () => Promise<unknown>) => {
      const poll = session.call(`${readPaths.reads}?wait=30&scrape=${scrape ? 'off' : 'on'}`, {
        signal: ending.signal,
        timeoutMs: 60_000,
      });
      await untilHeld();
      await change();
      const { status, bytes } = await poll;
      expect({ status, told: status === 200 && JSON.parse(bytes.toString()) }).toEqual({
        status: 200,
        told: { reads: [], scrape },
      });
    };

    const meshId = newId('mesh');
    const mesh = { organisationId, projectId, name: meshId.toLowerCase(), profile: 'sidecar' };
    await system.mesh.create({ data: { id: meshId, ...mesh, release: '1.30.2', options: {} } });
    await tells(true, () =>
      system.meshCluster.create({ data: { clusterId, meshId, organisationId } }),
    );
    const choose = (telemetry: string) =>
      system.mesh.update({ where: { id: meshId }, data: { options: { telemetry } } });
    await tells(false, () => choose('none'));
    await tells(true, () => choose('agent'));
    for (const of of [{ clusterId }, { meshId }, {}]) {
      const id = newId('integration');
      const rest = { url: 'http://prometheus.test/', settings: {}, secrets: '' };
      const data = { id, organisationId, kind: 'prometheus', name: id, ...rest, ...of };
      await tells(false, () => system.integration.create({ data }));
      await tells(true, () => system.integration.delete({ where: { id } }));
    }
    await tells(false, () => system.meshCluster.delete({ where: { clusterId } }));
  });
});

describe('with several API processes', () => {
  it('any may hold the agent, and one that is killed takes nothing with it', async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const other = runProgram('main.ts', {
      AMBIT_DATABASE_URL: server.platform.db.url,
      AMBIT_PORT: String(port),
      AMBIT_LOG_LEVEL: 'error',
    });
    await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).ok).toBe(true), {
      timeout: 60_000,
      interval: 50,
    });
    const agent = await join();
    // The agent dials whichever process lives, as it would through a Service.
    let at = url;
    const http = linkHttp(server.url, (address, init) =>
      fetch(String(address).replace(server.url, at), init),
    );
    const session = {
      ...agent.session,
      clusterId: agent.clusterId,
      call: async (path: string, request: Parameters<typeof agent.session.call>[1]) =>
        http.call(path, { ...request, credential: await credentialOf(agent) }),
    };
    let slow = true;
    const stop = follow({ session }, async (_read, sink, signal) => {
      if (slow) {
        await new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        });
      }
      await sink.write(Buffer.from(`by ${at === url ? 'the other' : 'this one'}`));
    });
    await untilPolls(agent.clusterId);
    slow = false;
    expect((await readThroughAgent(asker, agent.clusterId, stats)).body.toString()).toBe(
      'by the other',
    );
    slow = true;
    const lost = readThroughAgent(asker, agent.clusterId, stats, { timeoutMs: 3_000 });
    const told = expect(lost).rejects.toMatchObject({ code: 'unavailable' });
    other.kill('SIGKILL');
    await other.ended;
    at = server.url;
    await told;
    slow = false;
    await vi.waitFor(
      async () =>
        expect((await readThroughAgent(asker, agent.clusterId, stats)).body.toString()).toBe(
          'by this one',
        ),
      { timeout: 60_000, interval: 200 },
    );
    await stop();
  });
});

/** The credential that a session holds, as it sends it. */
async function credentialOf({ clusterId }: JoinedAgent): Promise<string> {
  const { platform } = server;
  const row = await platform.db.system.cluster.findUniqueOrThrow({ where: { id: clusterId } });
  return (await issueCredential(platform, row)).credential;
}
