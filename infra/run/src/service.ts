import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { birthOf } from '@ambit/db/embedded/processes';
import { say } from '../bootstrap/say.mjs';
import { root } from './root.ts';
import { lastLines } from './run-program.ts';

export interface ServiceSpec {
  name: string;
  args: string[];
  env: NodeJS.ProcessEnv;
}

export interface Service {
  name: string;
  logFile: string;
  /** The process that runs now; undefined between a crash and the next try. */
  running(): { pid: number; birth: string } | undefined;
  /** How often it ended without being asked to. */
  crashes(): number;
  stop(graceMs: number): Promise<void>;
}

const firstWaitMs = 500;
const longestWaitMs = 30_000;
const steadyAfterMs = 60_000;
const rotateAtBytes = 20e6;

/** Wait before the n-th start in a row that did not last (n from 1). */
export const backoffMs = (n: number): number => Math.min(firstWaitMs * 2 ** (n - 1), longestWaitMs);

/** Keeps a program of the platform running: starts it again when it ends, each time after a longer wait. */
export function startService(spec: ServiceSpec, logFolder: string, onChange: () => void): Service {
  const logFile = join(logFolder, `${spec.name}.log`);
  let child: ChildProcess | undefined;
  let birth = '';
  let again: NodeJS.Timeout | undefined;
  let stopping = false;
  let crashes = 0;
  let inARow = 0;

  const begin = () => {
    rotate(logFile);
    const log = openSync(logFile, 'a', 0o600);
    const startedAt = Date.now();
    const started = spawn(process.execPath, spec.args, {
      cwd: root,
      env: { ...process.env, ...spec.env },
      stdio: ['ignore', log, log],
      // A process group of its own: Ctrl-C reaches only the launcher, and helpers can be ended with it.
      detached: true,
    });
    closeSync(log);
    child = started;
    birth = started.pid === undefined ? '' : birthOf(started.pid);
    started.once('error', () => ended(startedAt, 'could not be started'));
    started.once('exit', (code, signal) =>
      ended(startedAt, signal ? `was ended by ${signal}` : `ended with code ${code}`),
    );
    onChange();
  };

  const ended = (startedAt: number, how: string) => {
    child = undefined;
    onChange();
    if (stopping) return;
    crashes++;
    inARow = Date.now() - startedAt > steadyAfterMs ? 1 : inARow + 1;
    const waitMs = backoffMs(inARow);
    say(`  ! ${spec.name} ${how}; starting it again in ${waitMs / 1000} s (log: ${logFile})`);
    again = setTimeout(begin, waitMs);
  };

  begin();
  return {
    name: spec.name,
    logFile,
    running: () => (child?.pid === undefined ? undefined : { pid: child.pid, birth }),
    crashes: () => crashes,
    stop: async (graceMs) => {
      stopping = true;
      clearTimeout(again);
      const now = child;
      if (now?.pid === undefined) return;
      const gone = new Promise<void>((done) => now.once('exit', () => done()));
      signalGroup(now.pid, 'SIGTERM');
      const hurry = setTimeout(() => signalGroup(now.pid!, 'SIGKILL'), graceMs);
      await gone;
      clearTimeout(hurry);
      // Helpers it may have left.
      signalGroup(now.pid, 'SIGKILL');
    },
  };
}

/** Signals a process and all of its group; nothing when they are gone. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function rotate(file: string): void {
  if (existsSync(file) && statSync(file).size > rotateAtBytes) renameSync(file, `${file}.1`);
}

/** The end of a service's log, for a message. */
export function endOfLog(file: string, lines = 12): string {
  return existsSync(file) ? lastLines(readFileSync(file, 'utf8').slice(-20_000), lines) : '';
}
