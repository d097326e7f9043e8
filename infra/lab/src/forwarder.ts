/**
 * A small program: passes byte streams on between TCP and unix sockets. One runs on the host and one in the
 * node's network namespace; the unix sockets between them are the only way in or out of a lab.
 *
 * Usage: forwarder.ts FROM=TO..., where each side is `tcp:ADDRESS:PORT`, `unix:FILE` or, as TO only,
 * `file:FILE`, a file that holds `ADDRESS:PORT` and is read anew for every connection.
 */
import { readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { parseForward, parseTcpAddress } from './forward-spec.ts';
import type { Forward, ForwardTarget } from './forward-spec.ts';

const log = (message: string): void => console.error(`${new Date().toISOString()} ${message}`);

function open(target: ForwardTarget): Socket {
  switch (target.kind) {
    case 'unix':
      return connect({ path: target.file, allowHalfOpen: true });
    case 'tcp':
      return connect({ host: target.host, port: target.port, allowHalfOpen: true });
    case 'file': {
      const address = parseTcpAddress(readFileSync(target.file, 'utf8').trim());
      return connect({ ...address, allowHalfOpen: true });
    }
  }
}

/** Joins two sockets: what was read is still written when one side ended, not when it broke. */
function join(near: Socket, far: Socket): void {
  for (const [source, sink] of [
    [near, far],
    [far, near],
  ] as const) {
    source.pipe(sink);
    source.on('error', () => sink.destroy());
    source.on('close', () => sink.destroySoon());
  }
}

function serve({ from, to }: Forward): Server {
  const server = createServer({ allowHalfOpen: true }, (near) => {
    try {
      join(near, open(to));
    } catch (error) {
      log(`cannot pass a connection on: ${String(error)}`);
      near.destroy();
    }
  });
  server.on('error', (error) => {
    log(`cannot listen: ${error.message}`);
    process.exit(1);
  });
  if (from.kind === 'unix') {
    rmSync(from.file, { force: true });
    server.listen(from.file);
  } else {
    server.listen(from.port, from.host);
  }
  return server;
}

for (const text of process.argv.slice(2)) {
  serve(parseForward(text)).on('listening', () => log(`passing on ${text}`));
}
