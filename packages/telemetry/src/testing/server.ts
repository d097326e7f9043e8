import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  /** The address from its path on; `path` is that without its query. */
  url: string;
  path: string;
  promql: string;
  form: URLSearchParams;
  headers: IncomingHttpHeaders;
}

/** A server on a free port of loopback that answers each query as told, and remembers what it was asked. */
export async function serveQueries(answer: (asked: Asked, response: ServerResponse) => void) {
  const asked: Asked[] = [];
  let now = 0;
  let most = 0;
  const server = createServer((request, response) => {
    let text = '';
    most = Math.max(most, ++now);
    response.on('close', () => now--);
    request.on('data', (chunk) => (text += String(chunk)));
    request.on('end', () => {
      const form = new URLSearchParams(text);
      const { url = '' } = request;
      const path = url.split('?', 1)[0]!;
      const one = { url, path, promql: form.get('query') ?? '', form, headers: request.headers };
      asked.push(one);
      answer(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    most: () => most,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** An instant vector as Prometheus writes it: labels sorted, empty ones left out. */
export function vector(
  rows: { labels: Record<string, string>; value: number }[],
  more: object = {},
  atS = Date.now() / 1000,
): string {
  const result = rows.map(({ labels, value }) => ({
    metric: Object.fromEntries(
      Object.entries(labels)
        .filter(([, text]) => text !== '')
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
    value: [atS, String(value)],
  }));
  return JSON.stringify({ status: 'success', data: { resultType: 'vector', result }, ...more });
}
