import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { freePort } from '../../../testing/kube-bed.ts';
import { makeActivator, type Activator, type ActivatorInput } from './activator.ts';

vi.setConfig({ testTimeout: 30_000 });
const until = (so: () => unknown) => vi.waitFor(() => expect(so()).toBeTruthy(), 20_000);
const hello = Buffer.from([0x16, 0x03, 0x01, 0x00, 0x05, 1, 2, 3, 4, 5]);

const ending: (() => void)[] = [];
afterEach(() => {
  for (const end of ending.splice(0)) end();
});

async function listening(serve: (socket: Socket) => void): Promise<number> {
  const server: Server = createServer({ allowHalfOpen: true }, serve);
  ending.push(() => void server.close());
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

/** A replica that sends back all it gets, and ends when the caller does. */
const echo = () => listening((socket) => void socket.on('error', () => {}).pipe(socket));

async function door(
  more: Partial<ActivatorInput> = {},
): Promise<{ activator: Activator; port: number; said: string[] }> {
  const said: string[] = [];
  const activator = makeActivator({
    dialPort: await echo(),
    nowMs: () => 1_000,
    say: (_, message) => said.push(message),
    changed: () => {},
    host: '127.0.0.1',
    ...more,
  });
  const port = await freePort();
  ending.push(activator.stop);
  activator.want(new Map([['shop/waypoint', port]]));
  await until(() => activator.seen().listening.has(port));
  return { activator, port, said };
}

/** What a caller gets back, until the connection ends. */
function call(port: number, bytes: Buffer) {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  ending.push(() => void socket.destroy());
  const got: Buffer[] = [];
  const seen = { closed: false, text: () => Buffer.concat(got) };
  socket.on('data', (part: Buffer) => got.push(part));
  for (const over of ['end', 'close']) socket.on(over, () => (seen.closed = true));
  socket.on('error', () => {});
  socket.write(bytes);
  return { socket, seen };
}
const counts = (activator: Activator) => activator.seen().seen.get('shop/waypoint');

describe('a connection for a waypoint that sleeps', () => {
  test('waits, says that somebody called, and reaches the replica with every byte once one is ready', async () => {
    const { activator, port } = await door();
    const { socket, seen } = call(port, hello);
    await until(() => activator.seen().knocks.get('shop/waypoint'));
    expect(counts(activator)).toMatchObject({ held: 1, carried: 0 });
    socket.write('more than that');
    activator.replicas('shop/waypoint', ['127.0.0.1']);
    const all = Buffer.concat([hello, Buffer.from('more than that')]);
    await until(() => seen.text().equals(all));
    expect(counts(activator)).toMatchObject({ held: 0, carried: 1 });
    const much = Buffer.alloc(4_000_000, 7);
    socket.end(much);
    await until(() => seen.text().length === all.length + much.length);
    await until(() => seen.closed && counts(activator)?.carried === 0);
  });

  test('goes on when its door is gone, and so does a new one of a caller who does not know yet', async () => {
    const { activator, port } = await door();
    const first = call(port, hello);
    await until(() => counts(activator)?.held === 1);
    activator.replicas('shop/waypoint', ['127.0.0.1']);
    await until(() => first.seen.text().length === hello.length);
    activator.want(new Map());
    expect(activator.seen().listening.has(port)).toBe(false);
    expect(activator.seen().taken.has(port)).toBe(true);
    const second = call(port, hello);
    await until(() => second.seen.text().length === hello.length);
    first.socket.write('still');
    await until(() => first.seen.text().length === hello.length + 5);
  });

  test('is closed, and that is told, when no replica comes in time', async () => {
    const { activator, port, said } = await door({ limits: { holdMs: 50 } });
    const { seen } = call(port, hello);
    await until(() => seen.closed);
    expect(counts(activator)).toMatchObject({ held: 0, failed: { at: 1_000 } });
    expect(said.join()).toContain('no replica was ready');
  });

  test('is closed, and told why, when replicas that are ready take none', async () => {
    const limits = { dials: 2, dialAgainMs: 5 };
    const { activator, port, said } = await door({ dialPort: await freePort(), limits });
    const { seen } = call(port, hello);
    await until(() => counts(activator)?.held === 1);
    activator.replicas('shop/waypoint', ['127.0.0.1']);
    await until(() => seen.closed);
    expect(counts(activator)?.failed?.message).toContain('took no connection after 3 tries');
    expect(said.join()).not.toContain('no replica was ready');
  });

  test('is tried again when the replica does not take it at once', async () => {
    const { activator, port } = await door({ limits: { dialAgainMs: 20 } });
    const { seen } = call(port, hello);
    await until(() => counts(activator)?.held === 1);
    activator.replicas('shop/waypoint', ['127.0.0.254']);
    activator.replicas('shop/waypoint', ['127.0.0.1']);
    await until(() => seen.text().length === hello.length);
  });
});

describe('what wakes nothing', () => {
  test.each([
    ['no handshake', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['nothing at all', Buffer.alloc(0)],
  ])('%s', async (_, bytes) => {
    const { activator, port } = await door({ limits: { greetingMs: 50 } });
    const { seen } = call(port, bytes);
    await until(() => seen.closed);
    expect(activator.seen().knocks.size).toBe(0);
    expect(counts(activator)).toMatchObject({ held: 0 });
  });

  test('more than may wait: the rest is closed at once, those that wait are served', async () => {
    const { activator, port, said } = await door({ limits: { heldPerWaypoint: 2 } });
    const waiting = [call(port, hello), call(port, hello)];
    await until(() => counts(activator)?.held === 2);
    const late = call(port, hello);
    await until(() => late.seen.closed);
    expect(said.join()).toContain('too many connections');
    activator.replicas('shop/waypoint', ['127.0.0.1']);
    await until(() => waiting.every(({ seen }) => seen.text().length === hello.length));
  });
});

test('where replicas are out of reach, callers are to call again once one is ready', async () => {
  const { activator, port } = await door({ dialPort: null });
  const { seen } = call(port, hello);
  await until(() => counts(activator)?.held === 1);
  expect(seen.closed).toBe(false);
  activator.replicas('shop/waypoint', ['192.0.2.1']);
  await until(() => seen.closed);
});

test('a port that others have is told, so that another is taken', async () => {
  const port = await echo();
  const { activator } = await door();
  activator.want(new Map([['shop/other', port]]));
  await until(() => activator.seen().taken.has(port));
});

test('asked by hand it says so, until its door is gone', async () => {
  const { activator, port } = await door();
  activator.knock('shop/waypoint', 'it was asked to be awake');
  expect(activator.seen().knocks.get('shop/waypoint')).toBe('it was asked to be awake');
  activator.want(new Map([['shop/waypoint', port]]));
  expect(activator.seen().knocks.size).toBe(1);
  activator.want(new Map());
  expect(activator.seen().knocks.size).toBe(0);
});
