import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { callsOf, counterAt, seriesText, type Call } from './world.ts';

/**
 * Serves the counters of a made-up mesh as Prometheus text, in as many parts as there are scrape targets:
 * GET /metrics/0 and so on. A program of its own, so that what is measured beside it is not slowed down.
 * Prints its port.
 */
const { values } = parseArgs({
  options: {
    services: { type: 'string', default: '100' },
    namespaces: { type: 'string', default: '20' },
    edges: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    targets: { type: 'string', default: '1' },
  },
});
const shape = {
  services: Number(values.services),
  namespaces: Number(values.namespaces),
  edgesEach: Number(values.edges),
  seed: Number(values.seed),
};
const targets = Number(values.targets);
const codes = ['200', '503'] as const;
const reporters = ['source', 'destination'] as const;

const parts: { text: string; call: Call; code: '200' | '503' }[][] = [];
for (let at = 0; at < targets; at++) parts.push([]);
for (const call of callsOf(shape)) {
  for (const reporter of reporters) {
    const teller = reporter === 'source' ? call.from : call.to;
    for (const code of codes) {
      parts[teller % targets]!.push({ text: seriesText(shape, call, reporter, code), call, code });
    }
  }
}

/** Counters that are not new: mesh and exporter began an hour ago. */
const began = Date.now() - 3_600_000;

const server = createServer((request, response) => {
  const part = parts[Number(/^\/metrics\/(\d+)$/.exec(request.url ?? '')?.[1])];
  if (part === undefined) {
    response.writeHead(404).end();
    return;
  }
  const seconds = (Date.now() - began) / 1000;
  let body = '# TYPE istio_requests_total counter\n';
  for (const { text, call, code } of part) body += `${text} ${counterAt(call, code, seconds)}\n`;
  response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(body);
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
