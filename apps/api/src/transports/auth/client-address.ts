import type { HttpBindings } from '@hono/node-server';

/** Set from the socket, never taken from outside. */
export const clientAddressHeader = 'x-ambit-client-address';

/** The request with its client's address in a header that the client cannot forge. */
export function withClientAddress(request: Request, env: HttpBindings | undefined): Request {
  const headers = new Headers(request.headers);
  headers.set(clientAddressHeader, env?.incoming?.socket.remoteAddress ?? '127.0.0.1');
  return new Request(request, { headers });
}
