import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { freePort } from '@ambit/db/free-port';
import { requirePort, tryPort, whoListens } from './port.ts';

let server: Server | undefined;
afterEach(() => server?.close());

async function taken(): Promise<number> {
  server = createServer();
  await new Promise<void>((done) => server!.listen(0, '127.0.0.1', done));
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

test('a free port can be listened on, a taken one cannot', async () => {
  const free = await freePort();
  expect(await tryPort(free, '127.0.0.1')).toBe(free);
  expect(await tryPort(await taken(), '127.0.0.1')).toBeUndefined();
});

test.runIf(process.platform === 'linux')('who listens is found by process', async () => {
  expect(whoListens(await taken())?.pid).toBe(process.pid);
});

test('a taken port is refused with another that is free', async () => {
  const port = await taken();
  const refusal = await requirePort(port, '127.0.0.1').catch((error: unknown) => error);
  expect(refusal).toMatchObject({ message: expect.stringContaining(`port ${port} is in use`) });
  const other = /AMBIT_PORT=(\d+)/.exec((refusal as { fix: string }).fix)?.[1];
  expect(await tryPort(Number(other), '127.0.0.1')).toBe(Number(other));
});

test('an address of another machine is refused with what AMBIT_HOST takes', async () => {
  await expect(requirePort(4600, '192.0.2.1')).rejects.toMatchObject({
    fix: expect.stringContaining('AMBIT_HOST'),
  });
});
