import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { commandOf } from '@ambit/db/embedded/processes';
import { freePort } from '@ambit/db/free-port';
import { Problem } from '../bootstrap/problem.mjs';

/** Listens for a moment. Gives the port, or undefined when it is taken; throws for any other reason. */
export function tryPort(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen(port, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}

/** Refuses a port that cannot be listened on, saying who has it and how to take another. Throws Problem. */
export async function requirePort(port: number, host: string): Promise<void> {
  let free: number | undefined;
  try {
    free = await tryPort(port, host);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Problem(
      code === 'EACCES'
        ? `this user may not listen on port ${port}`
        : `cannot listen on ${host}:${port} (${code})`,
      code === 'EACCES'
        ? 'Choose one above 1023: AMBIT_PORT=4600 npm start'
        : 'AMBIT_HOST must be an address of this machine, such as 127.0.0.1 or 0.0.0.0.',
    );
  }
  if (free !== undefined) return;
  const who = whoListens(port);
  throw new Problem(
    `port ${port} is in use${who ? ` by process ${who.pid} (${who.command.slice(0, 100)})` : ' by another program'}`,
    `Stop it, or start on another port: AMBIT_PORT=${await freeNear(port, host)} npm start`,
  );
}

async function freeNear(port: number, host: string): Promise<number> {
  for (let next = port + 1; next < Math.min(port + 50, 65_536); next++) {
    if ((await tryPort(next, host)) !== undefined) return next;
  }
  return freePort();
}

/** The process that listens on a port, from /proc (Linux; undefined elsewhere or when it is hidden). */
export function whoListens(port: number): { pid: number; command: string } | undefined {
  try {
    const sockets = new Set(
      ['/proc/net/tcp', '/proc/net/tcp6']
        .flatMap((file) => readFileSync(file, 'utf8').split('\n').slice(1))
        .map((line) => line.trim().split(/\s+/))
        .filter(([, local, , state]) => state === '0A' && local?.endsWith(hexPort(port)))
        .map((fields) => `socket:[${fields[9]}]`),
    );
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      if (openFiles(pid).some((target) => sockets.has(target))) {
        return { pid: Number(pid), command: commandOf(Number(pid)).trim() };
      }
    }
  } catch {
    return undefined;
  }
  return undefined;
}

const hexPort = (port: number): string => `:${port.toString(16).toUpperCase().padStart(4, '0')}`;

function openFiles(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => linkTarget(`/proc/${pid}/fd/${fd}`));
  } catch {
    return [];
  }
}

function linkTarget(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
