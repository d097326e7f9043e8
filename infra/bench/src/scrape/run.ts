import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ensureComponent } from '@ambit/lab/build/build';
import { prometheus } from '@ambit/lab/build/components';
import { cachePaths } from '@ambit/lab/paths';
import { figure, type Figure } from '../figure.ts';
import { memoryMb } from '../lifecycle/memory.ts';
import { firstLine, freePort } from '../topology/prometheus.ts';
import { callsOf, type Shape } from '../topology/world.ts';

const shape: Shape = { services: 1_000, namespaces: 20, edgesEach: 3, seed: 7 };
const everyS = 10;
const warmIntervals = 3;
const intervals = 6;

interface Cost {
  cpuPercent: number;
  memoryMb: number;
}
interface AgentCost extends Cost {
  bytesPerReport: number;
  firstBytes: number;
  reports: number;
  dropped: number;
  requestsPerS: number[];
}

/**
 * What it costs to follow 1,000 proxies every ten seconds: the agent's own scrape, and a plain Prometheus over the same
 * proxies, one after the other. Each proxy tells of three services it calls and of three or so that call it, with
 * histograms.
 */
export async function run(say: (line: string) => void): Promise<Figure[]> {
  const children: ChildProcess[] = [];
  try {
    const exporter = node(new URL('exporter.ts', import.meta.url), shapeArguments(shape));
    children.push(exporter);
    const port = Number(await firstLine(exporter));
    say(`the agent over ${shape.services} proxies, ${(warmIntervals + intervals + 1) * everyS} s`);
    const agent = node(new URL('agent.ts', import.meta.url), [
      `--port=${port}`,
      `--proxies=${shape.services}`,
      `--warm=${warmIntervals}`,
      `--intervals=${intervals}`,
    ]);
    children.push(agent);
    const ours = JSON.parse(await firstLine(agent)) as AgentCost;
    if (ours.dropped > 0) throw new Error(`${ours.dropped} reports were dropped.`);
    say(`Prometheus over the same`);
    const peer = await measurePrometheus(port, children);
    const wanted = callsOf(shape).reduce((sum, { rate }) => sum + rate, 0);
    const told = mean(ours.requestsPerS);
    return [
      figure('scrape_cpu_percent_1000', ours.cpuPercent, '% of a processor', peer.cpuPercent),
      figure('scrape_memory_mb_1000', ours.memoryMb, 'MB', peer.memoryMb),
      figure('scrape_sent_bytes_per_s_1000', ours.bytesPerReport / everyS, 'B/s'),
      figure('scrape_first_report_bytes_1000', ours.firstBytes, 'B'),
      figure('scrape_rate_error_percent', (Math.abs(told - wanted) / wanted) * 100, '%'),
    ];
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const node = (file: URL, args: string[]): ChildProcess =>
  spawn(process.execPath, [fileURLToPath(file), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });

const shapeArguments = ({ services, namespaces, edgesEach, seed }: Shape): string[] =>
  Object.entries({ services, namespaces, edges: edgesEach, seed }).flatMap(([name, value]) => [
    `--${name}`,
    String(value),
  ]);

async function measurePrometheus(port: number, children: ChildProcess[]): Promise<Cost> {
  const folder = mkdtempSync(join(tmpdir(), 'ambit-bench-'));
  try {
    const binaries = await ensureComponent(cachePaths(), prometheus);
    const file = join(folder, 'prometheus.yml');
    writeFileSync(file, configuration(port));
    const own = await freePort();
    const server = spawn(
      join(binaries, 'prometheus'),
      [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${own}`,
        '--log.level=error',
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    children.push(server);
    await pause((warmIntervals + 1) * everyS * 1000);
    const before = { cpuS: cpuSeconds(server.pid!), at: performance.now() };
    let most = 0;
    for (let at = 0; at < intervals * everyS; at++) {
      await pause(1_000);
      most = Math.max(most, memoryMb(server.pid!));
    }
    const cpuS = cpuSeconds(server.pid!) - before.cpuS;
    const cost = {
      cpuPercent: (cpuS / ((performance.now() - before.at) / 1000)) * 100,
      memoryMb: most,
    };
    const ended = once(server, 'exit');
    server.kill('SIGTERM');
    await ended;
    return cost;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** User and system time of a process (Linux: /proc/PID/stat, in hundredths). */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const configuration = (port: number): string =>
  JSON.stringify({
    global: { scrape_interval: `${everyS}s`, scrape_timeout: `${everyS}s` },
    scrape_configs: [
      {
        job_name: 'proxies',
        honor_labels: true,
        static_configs: Array.from({ length: shape.services }, (_, at) => ({
          targets: [`127.0.0.1:${port}`],
          labels: { __metrics_path__: `/proxies/${at}` },
        })),
      },
    ],
  });
