import { createServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { startHousekeeping } from './platform/housekeeping.ts';
import type { Process } from './platform/platform.ts';
import { PortInUseError } from './platform/start.ts';
import { isApiPath, makeServerApp } from './transports/app.ts';
import { isKubePath } from './transports/kube/app.ts';
import { proxyToConsole } from './transports/console/proxy.ts';

/** On every answer, the console's too; either may say more. */
const safeHeaders = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
};

/** How long requests under way may take to end once the server stops. */
const drainMs = 8_000;

export interface RunningServer {
  port: number;
  /** Ends streams, lets requests finish, closes. The platform stays open. */
  stop(): Promise<void>;
}

/**
 * Serves every door and the console on one port.
 * @throws PortInUseError
 */
export async function startServer(platform: Process): Promise<RunningServer> {
  const { app, hub, kube, endKube, closeKube } = await makeServerApp(platform);
  const api = getRequestListener(app.fetch);
  const server = createServer((incoming, outgoing) => {
    for (const [name, value] of Object.entries(safeHeaders)) outgoing.setHeader(name, value);
    if (isKubePath(incoming.url ?? '')) kube(incoming, outgoing);
    else if (isApiPath(incoming.url ?? '')) void api(incoming, outgoing);
    else proxyToConsole(incoming, outgoing, platform.config.consoleUrl);
  });
  server.keepAliveTimeout = 65_000;
  const port = await listen(server, platform.config.port, platform.config.host);
  const stopHousekeeping = startHousekeeping(
    platform.db.pool,
    platform.log,
    platform.telemetryKept,
  );
  return {
    port,
    stop: async () => {
      stopHousekeeping();
      hub.close();
      endKube();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // A connection becomes idle when its last request ends, so this is asked again and again.
      const idle = setInterval(() => server.closeIdleConnections(), 50);
      const force = setTimeout(() => server.closeAllConnections(), drainMs);
      await closed;
      clearInterval(idle);
      clearTimeout(force);
      await closeKube();
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, port, host)));
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

function explain(error: NodeJS.ErrnoException, port: number, host: string): Error {
  const where = `${host}:${port}`;
  switch (error.code) {
    case 'EADDRINUSE':
      return new PortInUseError(
        `The address ${where} is in use by another program. Stop that one, or set AMBIT_PORT to a free port.`,
      );
    case 'EACCES':
      return new PortInUseError(
        `Listening on ${where} is not allowed. Set AMBIT_PORT to a port above 1023.`,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new PortInUseError(
        `This machine has no address ${host}. Set AMBIT_HOST to one of its own, or to 0.0.0.0.`,
      );
    default:
      return error;
  }
}
