import { freePort } from '@ambit/db/free-port';
import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@ambit/db/embedded/start';
import { Problem, report } from '../bootstrap/problem.mjs';
import { say, sinceStart, step } from '../bootstrap/say.mjs';
import { buildAgent, buildConsole, buildSandbox, generateClient, nextProgram } from './builds.ts';
import { readEnvironment, type Environment } from './environment.ts';
import { adminFile, setUp, type Admin } from './first-run.ts';
import { labOffer } from './lab-offer.ts';
import { endLeftovers, forgetProcesses, noteProcesses } from './leftovers.ts';
import { takeLock } from './lock.ts';
import { requirePort } from './port.ts';
import { root } from './root.ts';
import { startSandboxCluster } from './sandbox.ts';
import { endPrograms } from './run-program.ts';
import { endOfLog, startService, type Service } from './service.ts';

const graceMs = 6_000;
const readyWithinMs = 180_000;

/** What is to be ended, last begun first. */
const endings: (() => Promise<void> | void)[] = [];
const stopping = new AbortController();
let ending: Promise<void> | undefined;

function endAll(): Promise<void> {
  stopping.abort();
  endPrograms();
  ending ??= (async () => {
    for (const end of endings.toReversed()) await end();
  })();
  return ending;
}

async function main(): Promise<void> {
  const environment = await readEnvironment();
  const { home, host, port } = environment;
  mkdirSync(join(home, 'log'), { recursive: true });
  say(`Ambit · state in ${shown(home)}\n`);
  hold(environment);
  await endLeftovers(home);
  await requirePort(port, host);
  await generateClient();
  await buildAgent();
  if (environment.sandbox) await buildSandbox();
  await buildConsole();
  const databaseUrl = await openDatabase(environment);
  const [consolePort, sandboxPort] = await Promise.all([freePort(), freePort()]);
  const env: NodeJS.ProcessEnv = {
    NODE_ENV: 'production',
    AMBIT_PORT: String(port),
    AMBIT_HOST: host,
    AMBIT_HOME: home,
    AMBIT_DATABASE_URL: databaseUrl,
    AMBIT_PUBLIC_URL: environment.publicUrl,
    AMBIT_CONSOLE_URL: `http://127.0.0.1:${consolePort}`,
    ...(environment.sandbox ? { AMBIT_SANDBOX_URL: `http://127.0.0.1:${sandboxPort}` } : {}),
  };
  const admin = await step('migrating the database', () => setUp(environment, env));
  const { services, add } = startServices(home, env);
  add('server', ['apps/api/src/main.ts']);
  add('worker', ['apps/api/src/worker.ts']);
  add('console', [
    nextProgram(),
    'start',
    join(root, 'apps', 'console'),
    '--hostname',
    '127.0.0.1',
    '--port',
    String(consolePort),
  ]);
  await step('starting server, worker and console', async () => {
    await answers(`http://${reachable(host)}:${port}/readyz`, services, 'server');
    await answers(`http://127.0.0.1:${consolePort}/sign-in`, services, 'console');
  });
  if (environment.sandbox && admin) await openSandbox(environment, admin, sandboxPort, add);
  welcome(environment, admin);
}

/** A newcomer's cluster. The platform is whole without it: what goes wrong here is only told. */
async function openSandbox(
  { home, host, port }: Environment,
  admin: Admin,
  sandboxPort: number,
  add: Add,
) {
  try {
    await step('starting the sandbox', () =>
      startSandboxCluster({
        home,
        platformUrl: `http://${reachable(host)}:${port}`,
        admin,
        port: sandboxPort,
        add,
        signal: stopping.signal,
      }),
    );
  } catch (error) {
    if (stopping.signal.aborted) throw error;
    say(`  ! the sandbox is not there: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function hold({ home, publicUrl }: Environment): void {
  const attempt = takeLock(join(home, 'start.lock'), publicUrl);
  if (!attempt.taken) {
    const { pid, since, url } = attempt.holder;
    throw new Problem(
      `Ambit already runs from ${shown(home)}: ${url} (process ${pid}, since ${since.slice(0, 16).replace('T', ' ')} UTC)`,
      `Open it, or stop it with Ctrl-C in its terminal (or: kill ${pid}). A second one needs its own state and port:\n  AMBIT_HOME=.ambit-2 AMBIT_PORT=4700 npm start`,
    );
  }
  endings.push(attempt.release);
  if (attempt.stale) {
    say(`  ! the start before (process ${attempt.stale.pid}) was cut off; cleaning up after it`);
  }
}

async function openDatabase({ home, databaseUrl }: Environment): Promise<string> {
  if (databaseUrl) {
    const { host, pathname } = new URL(databaseUrl);
    say(`  · database ${pathname.slice(1)} on ${host} (AMBIT_DATABASE_URL)`);
    return databaseUrl;
  }
  const notes: string[] = [];
  try {
    const postgres = await step('starting Postgres', async () => {
      const started = await startEmbeddedPostgres({
        folder: join(home, 'postgres'),
        say: (line) => notes.push(line),
      });
      endings.push(() => started.stop());
      await started.ensureDatabase('ambit');
      return started;
    });
    watch(postgres, home);
    return postgres.url('ambit');
  } finally {
    for (const note of notes) say(`    ${note}`);
  }
}

/** Without its database nothing works, and it does not end by itself: stop and say why. */
function watch(postgres: EmbeddedPostgres, home: string): void {
  postgres.process.once('exit', (code, signal) => {
    if (stopping.signal.aborted) return;
    report(
      new Problem(
        `Postgres ended (${signal ?? `code ${code}`}). Its last words:\n${endOfLog(join(home, 'postgres', 'postgres.log'))}`,
        'Start again; what was committed is kept. If the disk is full, make room first.',
      ),
    );
    process.exitCode = 1;
    void endAll().then(() => process.exit());
  });
}

type Add = (name: string, args: string[], more?: NodeJS.ProcessEnv) => void;

function startServices(home: string, env: NodeJS.ProcessEnv): { services: Service[]; add: Add } {
  const services: Service[] = [];
  const note = () => noteProcesses(home, services);
  const add: Add = (name, args, more = {}) => {
    const spec = { name, args, env: { ...env, ...more } };
    services.push(startService(spec, join(home, 'log'), note));
    note();
  };
  endings.push(async () => {
    await Promise.all(services.map((service) => service.stop(graceMs)));
    forgetProcesses(home);
  });
  return { services, add };
}

/** Waits until a service answers well. Throws Problem when it takes too long, or one of them keeps ending. */
async function answers(url: string, services: Service[], name: string): Promise<void> {
  const end = Date.now() + readyWithinMs;
  let last = '';
  while (!stopping.signal.aborted) {
    try {
      const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(5_000) });
      const body = await response.text();
      if (response.status < 400) return;
      last = ` (it answers ${response.status}: ${body.slice(0, 300)})`;
    } catch (error) {
      last = ` (${error instanceof Error ? error.message : String(error)})`;
    }
    const broken = services.find((service) => service.crashes() >= 3);
    const late = Date.now() > end ? services.find((service) => service.name === name) : undefined;
    const culprit = broken ?? late;
    if (culprit) {
      throw new Problem(
        `the ${culprit.name} does not become ready${broken ? '' : last}. The end of its log:\n${endOfLog(culprit.logFile)}`,
        `The whole log is ${culprit.logFile}.`,
      );
    }
    await pause(40);
  }
  throw stopping.signal.reason;
}

function welcome({ home, publicUrl, sandbox }: Environment, admin: Admin | undefined): void {
  const signIn = admin
    ? [`  Sign in     ${admin.email}`, `  Password    ${admin.password}`]
    : ['  Sign in     as set up before (this folder holds no admin.json)'];
  const offer = labOffer();
  say(
    [
      '',
      `  Ambit is ready after ${sinceStart()}`,
      '',
      `  Console     ${publicUrl}`,
      ...signIn,
      `  API         ${publicUrl}/v1/openapi.json   (token in ${shown(adminFile(home))})`,
      ...(sandbox && admin
        ? [
            `  Sandbox     cluster "sandbox", simulated: kubectl --kubeconfig ${shown(join(home, 'sandbox', 'kubeconfig'))} get pods -A`,
          ]
        : []),
      ...(offer ? ['', `  ${offer}`] : []),
      '',
      '  Ctrl-C stops everything; the state stays.',
      '',
    ].join('\n'),
  );
}

const reachable = (host: string): string =>
  host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;

const shown = (path: string): string => {
  const short = relative(root, path);
  return short.startsWith('..') ? path : short;
};

let told = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (told) return;
    told = true;
    say('\n  stopping');
    void endAll().then(() => {
      say('  stopped; the state is kept');
      process.exit(signal === 'SIGINT' ? 130 : 0);
    });
  });
}

try {
  await main();
} catch (error) {
  if (!stopping.signal.aborted) {
    report(error);
    process.exitCode = 1;
    await endAll();
    process.exit();
  }
}
