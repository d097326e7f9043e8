import { connect, type Socket } from 'node:net';
import type { Door } from './world.ts';

export interface Doors {
  /** Calls whoever takes connections in there, as ztunnel would; one connection at a time for each door. */
  knock(door: Door): void;
  close(): void;
}

/** How a handshake of TLS begins. The sandbox has no bytes to send: nothing more follows. */
const greeting = Buffer.from([0x16, 0x03, 0x01, 0x00, 0x00]);

/** Real connections of simulated callers, to this machine alone. */
export function makeDoors(): Doors {
  const open = new Map<string, Socket>();
  return {
    knock: ({ address, port }) => {
      const key = `${address}:${port}`;
      if (!address.startsWith('127.') || open.has(key)) return;
      const socket = connect({ host: address, port }, () => void socket.write(greeting));
      open.set(key, socket);
      socket.on('error', () => {});
      socket.on('end', () => socket.destroy());
      socket.on('close', () => open.delete(key));
      socket.unref();
    },
    close: () => {
      for (const socket of open.values()) socket.destroy();
    },
  };
}
