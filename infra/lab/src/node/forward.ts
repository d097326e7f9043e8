import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { formatSide, parseTcpAddress } from '../forward-spec.ts';
import { sourceFolder } from '../paths.ts';
import type { CachePaths, LabPaths } from '../paths.ts';
import { say } from '../say.ts';
import { attachInNode } from './enter.ts';

/**
 * Opens a port of this machine that leads to an address inside the node, until it is interrupted:
 * a service's cluster address, a pod's, or a program on the node. Gives the exit code.
 */
export async function forward(
  cache: CachePaths,
  lab: LabPaths,
  listen: string,
  inside: string,
): Promise<number> {
  const from = formatSide({ kind: 'tcp', ...parseTcpAddress(listen) });
  const to = formatSide({ kind: 'tcp', ...parseTcpAddress(inside) });
  const socket = join(lab.sockets, `forward-${process.pid}.sock`);
  const program = [process.execPath, join(sourceFolder, 'forwarder.ts')];
  const [command = '', ...args] = [...program, `${from}=unix:${socket}`];
  const outer = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  process.on('SIGINT', () => undefined);
  say(`${listen} leads to ${inside} in the lab "${lab.name}"; Ctrl-C ends it`);
  try {
    return await attachInNode(cache, lab, [...program, `unix:${socket}=${to}`]);
  } finally {
    outer.kill();
    rmSync(socket, { force: true });
  }
}
