import { spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { openCluster, superuser, type Cluster } from './cluster.ts';
import { freePort, isFree } from '../free-port.ts';
import { explainFailure } from './embedded-error.ts';
import { commandOf, isAlive, waitUntilGone } from './processes.ts';

export interface EmbeddedPostgres {
  /** Address of a database of it, made on first use of the name by `ensureDatabase`. */
  url(database: string): string;
  ensureDatabase(name: string): Promise<void>;
  process: ChildProcess;
  port: number;
  /** Ends it in order: sessions are cut, everything committed is kept. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Holds data, settings and log. */
  folder: string;
  say?: (line: string) => void;
  /** Further server settings, `name=value`. */
  settings?: string[];
  /** The folder is made for this run only, and may be opened to the user Postgres runs as. */
  temporary?: boolean;
}

/**
 * Starts the Postgres that came through npm, on 127.0.0.1 and a port of its own. Makes its data on the first start,
 * ends a server that an earlier start left running, and clears a stale postmaster.pid.
 * @throws EmbeddedPostgresError
 */
export async function startEmbeddedPostgres({
  folder,
  say = () => {},
  settings = [],
  temporary = false,
}: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  if (temporary) chmodSync(folder, 0o711);
  const cluster = await openCluster(resolve(folder), say);
  await endLeftover(cluster, say);
  const port = await choosePort(cluster, say);
  const logFile = join(folder, 'postgres.log');
  const server = await launch({ cluster, port, logFile, settings, detached: !temporary });
  const url = (database: string) =>
    `postgresql://${superuser}:${cluster.password}@127.0.0.1:${port}/${database}`;
  return {
    url,
    port,
    process: server,
    ensureDatabase: (name) => ensureDatabase(url('postgres'), name),
    stop: () => stop(server),
  };
}

async function endLeftover({ data }: Cluster, say: (line: string) => void): Promise<void> {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 1 || !isAlive(pid)) return rmSync(file, { force: true });
  if (!commandOf(pid).includes(data)) {
    say('removing the lock of a Postgres that is gone (its process id belongs to another program)');
    return rmSync(file, { force: true });
  }
  say(`ending the Postgres that an earlier start left running (process ${pid})`);
  for (const [signal, withinMs] of [
    ['SIGINT', 15_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ] as const) {
    process.kill(pid, signal);
    if (await waitUntilGone(pid, withinMs)) return;
  }
}

async function choosePort(cluster: Cluster, say: (line: string) => void): Promise<number> {
  if (cluster.port > 0 && (await isFree(cluster.port))) return cluster.port;
  const port = await freePort();
  if (cluster.port > 0) say(`port ${cluster.port} is taken now; Postgres moves to ${port}`);
  cluster.keepPort(port);
  return port;
}

interface LaunchOptions {
  cluster: Cluster;
  port: number;
  logFile: string;
  settings: string[];
  /** True: Ctrl-C in the terminal reaches only the launcher, which ends everything in order. */
  detached: boolean;
}

async function launch(options: LaunchOptions, attempt = 0): Promise<ChildProcess> {
  const { cluster, port, logFile, settings, detached } = options;
  const log = openSync(logFile, 'a', 0o600);
  const before = statSync(logFile).size;
  const flags = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    'log_line_prefix=%m [%p] ',
    ...settings,
  ];
  const child = spawn(
    cluster.binaries.postgres,
    ['-D', cluster.data, '-p', String(port), ...flags.flatMap((flag) => ['-c', flag])],
    {
      ...cluster.owner,
      cwd: '/',
      env: { ...process.env, LC_ALL: 'C' },
      stdio: ['ignore', log, log],
      detached,
    },
  );
  closeSync(log);
  let failure: string | undefined;
  child.once('error', (error) => (failure = error.message));
  child.once('exit', () => (failure ??= 'exit'));
  while (!isReady(cluster.data, child)) {
    if (failure !== undefined) {
      const said = readFileSync(logFile, 'utf8').slice(before);
      // The backends of a server that was killed take a moment to notice.
      if (/shared memory block.*still in use/.test(said) && attempt < 20) {
        await pause(250);
        return launch(options, attempt + 1);
      }
      throw explainFailure('Postgres', failure === 'exit' ? said : failure, cluster.data);
    }
    await pause(20);
  }
  return child;
}

function isReady(data: string, child: ChildProcess): boolean {
  try {
    const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
    return Number(lines[0]) === child.pid && lines[7]?.trim() === 'ready';
  } catch {
    return false;
  }
}

async function ensureDatabase(url: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (!rowCount) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}

async function stop(child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  child.kill('SIGINT');
  const hurry = setTimeout(() => child.kill('SIGQUIT'), 10_000);
  await ended;
  clearTimeout(hurry);
}
