import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { root } from '../root.ts';

/** What admin.json holds. */
export interface Admin {
  url: string;
  email: string;
  password: string;
  token: string;
  organisationId: string;
}

/** A `npm start` under way. */
export interface Launch {
  child: ChildProcess;
  /** Everything it said so far. */
  output(): string;
  /** Resolves with the milliseconds until it said that it is ready; rejects when it ends before. */
  ready: Promise<number>;
  ended: Promise<number | null>;
}

/** Starts the platform as `npm start` does, with its own state folder and port. */
export function launchPlatform(env: NodeJS.ProcessEnv): Launch {
  const child = spawn(process.execPath, ['infra/run/start.mjs'], {
    cwd: root,
    // Journeys count what they make themselves; those of the sandbox turn it on.
    env: { AMBIT_SANDBOX: 'off', ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const began = performance.now();
  let text = '';
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const ready = new Promise<number>((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('Ambit is ready')) resolve(performance.now() - began);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    void ended.then((code) =>
      reject(new Error(`npm start ended with ${code} before it was ready:\n${text}`)),
    );
  });
  ready.catch(() => {});
  return { child, output: () => text, ready, ended };
}

/** Asks a launch to end, as Ctrl-C does, and waits. */
export async function endLaunch({ child, ended }: Launch): Promise<number | null> {
  child.kill('SIGTERM');
  return ended;
}

/** A state folder of its own; under root the embedded Postgres runs as another user, who must pass through. */
export function newHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'ambit-home-'));
  chmodSync(home, 0o711);
  return home;
}

/** The processes that a launch noted: server, worker, console. */
export const processesOf = (home: string): { name: string; pid: number }[] =>
  JSON.parse(readFileSync(join(home, 'processes.json'), 'utf8')) as { name: string; pid: number }[];

export function readAdmin(home: string): Admin {
  const file = join(home, 'admin.json');
  if (!existsSync(file)) throw new Error(`${file} was not written`);
  return JSON.parse(readFileSync(file, 'utf8')) as Admin;
}
