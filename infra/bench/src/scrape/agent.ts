import { get, Agent, type IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { makeTelemetry } from '@ambit/agent/controllers/telemetry/manager';
import type { ScrapedPod } from '@ambit/agent/controllers/telemetry/scrape';
import { edgeLabels, type TelemetryReport } from '@ambit/contracts/agent/telemetry';

/**
 * The telemetry part of the agent by itself, over the exporter's proxies, with a platform that takes every report. Prints
 * what it took as JSON.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    proxies: { type: 'string', default: '1000' },
    warm: { type: 'string', default: '3' },
    intervals: { type: 'string', default: '6' },
  },
});
const everyMs = 10_000;
const pods: ScrapedPod[] = Array.from({ length: Number(values.proxies) }, (_, at) => ({
  namespace: 'bench',
  pod: String(at),
  kind: 'sidecar',
  ip: '127.0.0.1',
  node: 'node',
  ready: true,
  version: 'bench',
  container: 'istio-proxy',
  isIstiod: false,
  app: `app-${at}`,
  appVersion: 'v1',
  workload: `w-${at}`,
}));

const bytes: number[] = [];
const errors: number[] = [];
const reporterOf = new Map<number, string>();
let numbers = 0;

const connections = new Agent({ keepAlive: true, maxSockets: 64 });
const stop = new AbortController();
const telemetry = makeTelemetry({
  pods: () => pods,
  say: (_level, message) => process.stderr.write(`${message}\n`),
  http: {
    get: ({ pod }, signal) =>
      new Promise<IncomingMessage>((resolve, reject) => {
        const path = `/proxies/${pod}`;
        get(
          { host: '127.0.0.1', port: Number(values.port), path, agent: connections, signal },
          resolve,
        ).on('error', reject);
      }),
  },
  session: {
    nowMs: Date.now,
    call: async (_path, { gzip: sent }) => {
      const report = JSON.parse(gunzipSync(sent!).toString()) as TelemetryReport;
      bytes.push(sent!.length);
      const fresh = report.labels.map((row) => {
        reporterOf.set(++numbers, report.strings[row[edgeLabels.indexOf('reporter')]!]!);
        return numbers;
      });
      if (report.scrapes) errors.push(totalOf(report, fresh));
      return {
        status: 200,
        bytes: Buffer.from(JSON.stringify({ accepted: true, numbers: fresh })),
      };
    },
  },
  timing: { everyMs },
});

/** Requests a second, as clients' proxies tell them. */
function totalOf({ edges, columns }: TelemetryReport, fresh: number[]): number {
  let number = 0;
  const rows = [...edges.map((step) => (number += step)), ...fresh];
  return rows.reduce(
    (sum, row, at) => sum + (reporterOf.get(row) === 'source' ? columns.requests![at]! : 0),
    0,
  );
}

telemetry.want(true);
const running = telemetry.run(stop.signal);
await pause(Number(values.warm) * everyMs + everyMs / 2);
const before = { cpu: process.cpuUsage(), at: performance.now(), reports: bytes.length };
let most = 0;
for (let at = 0; at < Number(values.intervals) * 20; at++) {
  await pause(everyMs / 20);
  most = Math.max(most, process.memoryUsage.rss());
}
const cpu = process.cpuUsage(before.cpu);
const passedMs = performance.now() - before.at;
stop.abort();
await running;
connections.destroy();
const measured = bytes.slice(before.reports);
const { sent } = telemetry;
process.stdout.write(
  `${JSON.stringify({
    cpuPercent: ((cpu.user + cpu.system) / 1000 / passedMs) * 100,
    memoryMb: most / 1024 / 1024,
    bytesPerReport: measured.reduce((sum, size) => sum + size, 0) / measured.length,
    firstBytes: bytes[1] ?? 0,
    reports: measured.length,
    dropped: sent().dropped,
    requestsPerS: errors.slice(-measured.length),
  })}\n`,
);
