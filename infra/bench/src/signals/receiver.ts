import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Receiver {
  url: string;
  /** How often it was told of this status, `firing` or `resolved`. */
  heard: (status: string) => number;
  close: () => void;
}

/** A receiver of webhooks on this machine. */
export async function openReceiver(): Promise<Receiver> {
  const told: string[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => (text += part));
    request.on('end', () => {
      const { data } = JSON.parse(text) as { data?: { status?: string } };
      told.push(data?.status ?? '');
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    heard: (status) => told.filter((each) => each === status).length,
    close: () => server.close(),
  };
}
