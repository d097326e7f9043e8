import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A relay on the loopback device between the agent and the platform, so that their link can be cut. */
export interface Link {
  /** What the agent dials instead of the platform. */
  url: string;
  setDropped(isDropped: boolean): void;
  close(): Promise<void>;
}

/**
 * @param platformUrl where the platform is; only http, since the relay does not look into what passes
 * @throws Error for another protocol
 */
export async function startLink(platformUrl: string, port = 0): Promise<Link> {
  const target = new URL(platformUrl);
  if (target.protocol !== 'http:') {
    throw new Error(`the sandbox relays only http addresses, not ${platformUrl}`);
  }
  const sockets = new Set<Socket>();
  let dropped = false;
  const track = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  };
  const server = createServer((near) => {
    if (dropped) {
      near.destroy();
      return;
    }
    const far = connect(Number(target.port || 80), target.hostname);
    track(near);
    track(far);
    near.pipe(far).pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(port, '127.0.0.1', listening);
  });
  const cut = (): void => sockets.forEach((socket) => socket.destroy());
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    setDropped: (isDropped) => {
      dropped = isDropped;
      if (isDropped) cut();
    },
    close: () => {
      cut();
      return new Promise((closed) => void server.close(() => closed()));
    },
  };
}
