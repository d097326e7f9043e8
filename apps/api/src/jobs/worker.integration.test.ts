import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isFinished, type OperationState } from '@ambit/contracts/lifecycle';
import { meshCreate, meshUpgrade } from '@ambit/contracts/operations/mesh';
import { policyApply, policyGet } from '@ambit/contracts/operations/policy';
import { freePort } from '@ambit/db/free-port';
import { readOperation } from '@ambit/services/testing/drive';
import { addressGuard } from '@ambit/services/alert/send/addresses';
import { standInAgent, type StandInAgent } from '@ambit/services/testing/stand-in-agent';
import { standInRenderer } from '@ambit/services/testing/stand-in-renderer';
import {
  makeTenant,
  testPlatform,
  type Tenant,
  type TestPlatform,
} from '@ambit/services/testing/tenant';
import { openLog } from '../platform/log.ts';
import { openNotifications, type Notifications } from '../platform/notifications.ts';
import { postgresBackend, redisBackend, type Backend } from './backend.ts';
import { runWorker, type RunningWorker } from './run-worker.ts';

const log = openLog('worker-test', 'silent');
const redisServer = spawnSync('redis-server', ['--version']).status === 0;
if (!redisServer) console.log('redis-server is not installed: the Redis backend is not tested');

let platform: TestPlatform;
let notifications: Notifications;

beforeAll(async () => {
  platform = await testPlatform();
  notifications = openNotifications(platform.db.url, log);
});
afterAll(async () => {
  await notifications.close();
  await platform.drop();
});

/** Waits on a condition; a test that waits in vain fails by its own timeout. */
async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await pause(20);
  }
}

async function withAgent<T>(agent: StandInAgent, work: () => Promise<T>): Promise<T> {
  const on = new AbortController();
  const passing = (async () => {
    while (!on.signal.aborted) {
      await agent.pass();
      await pause(30);
    }
  })();
  try {
    return await work();
  } finally {
    on.abort();
    await passing;
  }
}

const finished = (operationId: string) =>
  until(async () => {
    const operation = await readOperation(platform, operationId);
    return isFinished(operation.state as OperationState) ? operation : undefined;
  });

const start = (backend: Backend): Promise<RunningWorker> =>
  runWorker({
    db: platform.db,
    engine: {
      db: platform.db,
      releases: platform.releases,
      renderer: standInRenderer(),
      now: () => new Date(),
    },
    alerts: {
      db: platform.db,
      now: () => new Date(),
      publicUrl: 'http://ambit.test',
      guard: addressGuard(['127.0.0.0/8']),
    },
    backend,
    notifications,
    log,
  });

async function begin(): Promise<{ tenant: Tenant; agent: StandInAgent }> {
  const tenant = await makeTenant(platform);
  const agent = await standInAgent(platform, tenant, 'c');
  await agent.pass();
  return { tenant, agent };
}

const create = (tenant: Tenant, agent: StandInAgent) =>
  tenant.callAs('operator', meshCreate, {
    name: 'mesh',
    release: '1.29.1',
    clusterIds: [agent.clusterId],
  });

interface Kind {
  name: string;
  open(): Promise<{ backend: Backend; lose(): Promise<void>; close(): Promise<void> }>;
}

const postgres: Kind = {
  name: 'Postgres',
  open: async () => ({
    backend: postgresBackend(platform.db.url, 'bullmq_test'),
    lose: async () => {
      // BullMQ works in it at this moment: Postgres may choose the drop as the one to give way.
      await until(() =>
        platform.db.pool.query('DROP SCHEMA IF EXISTS bullmq_test CASCADE').catch((error) => {
          if (error.code !== '40P01') throw error;
          return undefined;
        }),
      );
    },
    close: async () => {},
  }),
};

/** A real redis-server of this test alone. */
async function openRedis() {
  const folder = await mkdtemp(join(tmpdir(), 'ambit-test-redis-'));
  const port = await freePort();
  let server: ChildProcess;
  const up = async () => {
    server = spawn(
      'redis-server',
      ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    await new Promise<void>((resolve, reject) => {
      server.once('exit', () => reject(new Error('redis-server ended')));
      server.stdout?.on('data', (text: Buffer) => {
        if (text.toString().includes('Ready to accept connections')) resolve();
      });
    });
  };
  const down = async () => {
    server.removeAllListeners('exit');
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGKILL');
    await ended;
  };
  await up();
  return {
    backend: redisBackend(`redis://127.0.0.1:${port}`),
    up,
    down,
    lose: async () => {
      spawnSync('redis-cli', ['-p', String(port), 'FLUSHALL']);
    },
    close: async () => {
      await down();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const redis: Kind = { name: 'Redis', open: openRedis };

describe.each([postgres, ...(redisServer ? [redis] : [])])('with the queue on $name', (kind) => {
  test('a mesh becomes Ready, and a policy reaches the agent, by jobs alone', async () => {
    const queue = await kind.open();
    const worker = await start(queue.backend);
    try {
      const { tenant, agent } = await begin();
      await withAgent(agent, async () => {
        const { mesh, operation } = await create(tenant, agent);
        expect(await finished(operation.id)).toMatchObject({ state: 'succeeded' });
        const { items } = await tenant.callAs('operator', policyApply, {
          meshId: mesh.id,
          yaml: 'apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: a, namespace: shop}\nspec: {egress: [{hosts: ["./*"]}]}\n',
        });
        await until(async () => {
          const policy = await tenant.callAs('viewer', policyGet, {
            meshId: mesh.id,
            policyId: items[0]!.policy.id,
          });
          return (
            policy.conditions.find((c) => c.type === 'Applied')?.status === 'True' || undefined
          );
        });
      });
    } finally {
      await worker.stop();
      await queue.close();
    }
  });

  test('losing the whole queue in the middle loses nothing', async () => {
    const queue = await kind.open();
    const worker = await start(queue.backend);
    try {
      const { tenant, agent } = await begin();
      const { mesh, operation } = await create(tenant, agent);
      await until(async () => {
        const { steps } = await readOperation(platform, operation.id);
        return (
          steps.some((step) => step.name === 'deliver' && step.state === 'running') || undefined
        );
      });
      await queue.lose();
      await withAgent(agent, async () => {
        expect(await finished(operation.id)).toMatchObject({ state: 'succeeded' });
        await queue.lose();
        const { operation: upgrade } = await tenant.callAs('operator', meshUpgrade, {
          meshId: mesh.id,
          version: mesh.version,
          release: '1.30.2',
        });
        expect(await finished(upgrade.id)).toMatchObject({ state: 'succeeded' });
      });
    } finally {
      await worker.stop();
      await queue.close();
    }
  });
});

test('what was asked for while no worker ran is done by the first that starts', async () => {
  const { tenant, agent } = await begin();
  const { operation } = await create(tenant, agent);
  const worker = await start(postgresBackend(platform.db.url, 'bullmq_late'));
  try {
    await withAgent(agent, async () => {
      expect(await finished(operation.id)).toMatchObject({ state: 'succeeded' });
    });
  } finally {
    await worker.stop();
  }
});

test('two workers at once do each step once', async () => {
  const workers = await Promise.all([
    start(postgresBackend(platform.db.url, 'bullmq_two')),
    start(postgresBackend(platform.db.url, 'bullmq_two')),
  ]);
  try {
    const { tenant, agent } = await begin();
    await withAgent(agent, async () => {
      const { operation } = await create(tenant, agent);
      expect(await finished(operation.id)).toMatchObject({ state: 'succeeded' });
      const ready = await platform.db.system.operationLog.findMany({
        where: { operationId: operation.id, text: 'Everything is Ready' },
      });
      expect(ready).toHaveLength(1);
    });
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
  }
});

test.runIf(redisServer)('work goes on when a Redis that was killed is back', async () => {
  const server = await openRedis();
  const worker = await start(server.backend);
  try {
    const { tenant, agent } = await begin();
    await server.down();
    const { operation } = await create(tenant, agent);
    await server.up();
    await withAgent(agent, async () => {
      expect(await finished(operation.id)).toMatchObject({ state: 'succeeded' });
    });
  } finally {
    await worker.stop();
    await server.close();
  }
});
