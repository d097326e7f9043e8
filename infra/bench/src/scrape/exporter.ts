import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { durationBounds } from '@ambit/contracts/agent/telemetry';
import { callsOf, counterAt, seriesText, type Call } from '../topology/world.ts';

/**
 * Serves what the proxies of a made-up mesh would, one address each (GET /proxies/0 and so on): requests and the histogram
 * of their durations, with Istio's labels. A program of its own; prints its port.
 */
const { values } = parseArgs({
  options: {
    services: { type: 'string', default: '1000' },
    namespaces: { type: 'string', default: '20' },
    edges: { type: 'string', default: '10' },
    seed: { type: 'string', default: '7' },
  },
});
const shape = {
  services: Number(values.services),
  namespaces: Number(values.namespaces),
  edgesEach: Number(values.edges),
  seed: Number(values.seed),
};

interface Told {
  call: Call;
  code: '200' | '503';
  requests: string;
  buckets: string[];
  sum: string;
  count: string;
}

const name = 'istio_request_duration_milliseconds';
const proxies: Told[][] = Array.from({ length: shape.services }, () => []);
for (const call of callsOf(shape)) {
  for (const reporter of ['source', 'destination'] as const) {
    for (const code of ['200', '503'] as const) {
      const requests = seriesText(shape, call, reporter, code);
      const labels = requests.slice(requests.indexOf('{') + 1, -1);
      proxies[reporter === 'source' ? call.from : call.to]!.push({
        call,
        code,
        requests,
        buckets: [...durationBounds, '+Inf'].map((le) => `${name}_bucket{${labels},le="${le}"} `),
        sum: `${name}_sum{${labels}} `,
        count: `${name}_count{${labels}} `,
      });
    }
  }
}

/** Counters that are not new: mesh and exporter began an hour ago. */
const began = Date.now() - 3_600_000;

const server = createServer((request, response) => {
  const told = proxies[Number(/^\/proxies\/(\d+)/.exec(request.url ?? '')?.[1])];
  if (told === undefined) {
    response.writeHead(404).end();
    return;
  }
  const seconds = (Date.now() - began) / 1000;
  let body = '';
  for (const { call, code, requests, buckets, sum, count } of told) {
    const total = Math.floor(counterAt(call, code, seconds));
    body += `${requests} ${total}\n`;
    // Half of the requests take up to 10 ms, all of them up to 50.
    buckets.forEach((text, at) => {
      body += `${text}${at < 3 ? 0 : at < 5 ? Math.floor(total / 2) : total}\n`;
    });
    body += `${sum}${total * 12}\n${count}${total}\n`;
  }
  response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(body);
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
