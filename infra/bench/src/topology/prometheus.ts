import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ensureComponent } from '@ambit/lab/build/build';
import { prometheus } from '@ambit/lab/build/components';
import { cachePaths } from '@ambit/lab/paths';
import type { Shape } from './world.ts';

export interface RunningPrometheus {
  url: string;
  pid: number;
  stop(): Promise<void>;
}

const targets = 20;
const startMs = 180_000;

/**
 * A real Prometheus, built from its Go module when it was not before, that scrapes a made-up mesh. Ready when
 * every series was scraped for as long as rates are taken over.
 */
export async function startPrometheus(
  shape: Shape,
  times: { scrapeS: number; windowS: number },
): Promise<RunningPrometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'ambit-bench-'));
  const children: ChildProcess[] = [];
  const abandon = (): void => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  const interrupted = (): void => {
    abandon();
    process.exit(130);
  };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  const stop = async (): Promise<void> => {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    for (const child of children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const binaries = await ensureComponent(cachePaths(), prometheus);
    const exporter = spawn(process.execPath, exporterArguments(shape), {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(exporter);
    const port = Number(await firstLine(exporter));
    writeFileSync(join(folder, 'prometheus.yml'), configuration(port, times.scrapeS));
    const own = await freePort();
    const server = spawn(
      join(binaries, 'prometheus'),
      [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${own}`,
        '--log.level=error',
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    children.push(server);
    const url = `http://127.0.0.1:${own}`;
    const series = shape.services * Math.min(shape.edgesEach, shape.services - 1) * 4;
    await untilScraped(url, series, times.windowS, server);
    return { url, pid: server.pid!, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const exporterArguments = ({ services, namespaces, edgesEach, seed }: Shape): string[] => [
  fileURLToPath(new URL('exporter.ts', import.meta.url)),
  ...Object.entries({ services, namespaces, edges: edgesEach, seed, targets }).flatMap(
    ([name, value]) => [`--${name}`, String(value)],
  ),
];

const configuration = (port: number, scrapeS: number): string =>
  JSON.stringify({
    global: { scrape_interval: `${scrapeS}s`, scrape_timeout: `${scrapeS}s` },
    scrape_configs: Array.from({ length: targets }, (_, target) => ({
      job_name: `proxies-${target}`,
      honor_labels: true,
      metrics_path: `/metrics/${target}`,
      static_configs: [{ targets: [`127.0.0.1:${port}`] }],
    })),
  });

async function untilScraped(
  url: string,
  series: number,
  windowS: number,
  server: ChildProcess,
): Promise<void> {
  const began = Date.now();
  const whole = `count(count_over_time(istio_requests_total[${windowS}s]) >= 3)`;
  for (;;) {
    if (server.exitCode !== null) throw new Error(`Prometheus ended with ${server.exitCode}.`);
    const found = await countOf(url, whole).catch(() => 0);
    if (found === series) return;
    if (Date.now() - began > startMs) {
      throw new Error(`Prometheus has ${found} of ${series} series after ${startMs / 1000} s.`);
    }
    await pause(500);
  }
}

/** The value of a query that gives one number. */
async function countOf(url: string, promql: string): Promise<number> {
  const response = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query: promql })}`);
  const body = (await response.json()) as { data?: { result?: { value: [number, string] }[] } };
  return Number(body.data?.result?.[0]?.value[1] ?? 0);
}

export async function firstLine(child: ChildProcess): Promise<string> {
  const lines = createInterface({ input: child.stdout! });
  const [line] = (await once(lines, 'line')) as [string];
  lines.close();
  child.stdout!.resume();
  return line;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
