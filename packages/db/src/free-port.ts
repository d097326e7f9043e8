import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below what kernels give to outgoing connections (Linux from 32768, others from 49152), above most services. */
const lowest = 20_000;
const beyond = 30_000;

/** Whether 127.0.0.1 can be listened on at this port now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    );
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/**
 * A port of 127.0.0.1 to listen on in a while. None that the kernel would choose: such a port may be that of an
 * outgoing connection by then.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(lowest, beyond);
    if (await isFree(port)) return port;
  }
}
