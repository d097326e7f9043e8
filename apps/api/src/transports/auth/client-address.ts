import type { HttpBindings } from '@hono/node-server';

/** Set from the socket, never taken from outside. */
export const clientAddressHeader = 'x-ambit-client-address';

/** The request's headers with its client's address in one that the client cannot forge. */
export function withClientAddress(from: Headers, env: HttpBindings | undefined): Headers {
  const headers = new Headers(from);
  headers.set(clientAddressHeader, env?.incoming?.socket.remoteAddress ?? '127.0.0.1');
  return headers;
}
