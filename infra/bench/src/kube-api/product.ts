import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { KubeObject } from '@ambit/contracts/common';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@ambit/db/embedded/start';
import { openDatabase, type Database } from '@ambit/db/database';
import { freePort } from '@ambit/db/free-port';
import { meshKinds } from '@ambit/kube-api/testing/crds';
import { root } from '@ambit/run/root';
import { must } from '@ambit/run/testing/kubectl';
import { renderedMesh } from '@ambit/services/testing/rendered-mesh';

const patienceMs = 60_000;

/** The product's own API process over a Postgres of its own, as `npm start` sets both up (every commit is flushed). */
export interface Product {
  db: Database;
  postgres: EmbeddedPostgres;
  organisationId: string;
  token: string;
  /** Whom the console lets in. */
  admin: { email: string; password: string };
  /** Address of its API. */
  url: string;
  /** Address of the mesh's Kubernetes API. */
  meshUrl(meshId: string): string;
  /** A mesh whose release brings Istio's own definitions. */
  makeMesh(): Promise<string>;
  pid(): number;
  /** Ends the API process in the hard way and starts another; answers how long until it serves. */
  restart(): Promise<number>;
  stop(): Promise<void>;
}

/** @param more variables of its environment */
export async function startProduct(more: Record<string, string> = {}): Promise<Product> {
  const folder = await mkdtemp(join(tmpdir(), 'ambit-bench-kube-'));
  const postgres = await startEmbeddedPostgres({ folder, temporary: true });
  await postgres.ensureDatabase('ambit');
  const databaseUrl = postgres.url('ambit');
  const port = await freePort();
  const env = {
    PATH: process.env.PATH,
    AMBIT_DATABASE_URL: databaseUrl,
    AMBIT_PORT: String(port),
    AMBIT_HOME: folder,
    ...more,
  };
  const setup = await must(process.execPath, [join(root, 'apps/api/src/setup.ts')], { env });
  const { organisationId, token, email, password } = JSON.parse(setup) as {
    organisationId: string;
    token: string;
    email: string;
    password: string;
  };
  const db = openDatabase(databaseUrl, { max: 4 });
  const project = await db.system.project.findFirstOrThrow({ where: { organisationId } });
  const definitions = (await meshKinds())?.map(({ crd }) => crd as unknown as KubeObject);
  const url = `http://127.0.0.1:${port}`;
  const log = openSync(join(folder, 'server.log'), 'a');
  let server: ChildProcess | undefined;

  async function start(): Promise<number> {
    const began = performance.now();
    const child = spawn(process.execPath, [join(root, 'apps/api/src/main.ts')], {
      env,
      stdio: ['ignore', log, log],
    });
    server = child;
    while (!(await isServing(`${url}/readyz`))) {
      if (child.exitCode !== null) throw new Error(`the API ended with ${child.exitCode}`);
      if (performance.now() - began > patienceMs) throw new Error('the API did not become ready');
      await pause(5);
    }
    return performance.now() - began;
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const child = server;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  await start();
  return {
    db,
    postgres,
    organisationId,
    token,
    admin: { email, password },
    url,
    meshUrl: (meshId) => `${url}/k8s/${meshId}`,
    makeMesh: () =>
      renderedMesh(
        { db },
        { organisationId, projectId: project.id },
        { definitions, gatewayApi: [] },
      ),
    pid: () => server?.pid ?? 0,
    restart: async () => {
      await end('SIGKILL');
      return start();
    },
    stop: async () => {
      await end('SIGTERM');
      await db.close();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const isServing = (url: string): Promise<boolean> =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
